using System.Globalization;
using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Selection;

namespace EntropyElbo.Cli.Reports;

/// <summary>The report of a selection as one HTML page that needs nothing else.</summary>
internal sealed class SelectionHtml
{
    /// <summary>Dots of a chart at most, the best first.</summary>
    private const int MostDots = 1000;

    /// <summary>Trials that took no time that a clock shows.</summary>
    private const double LeastSeconds = 1e-3;

    private readonly StringBuilder _page = new();
    private readonly SelectionResult _result;
    private readonly IReadOnlyList<string> _notes;

    private SelectionHtml(SelectionResult result, IReadOnlyList<string> notes)
    {
        _result = result;
        _notes = notes;
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, ToolHost host, SelectionResult result, IReadOnlyList<string> notes) =>
        HtmlPage.Write(path, host, new SelectionHtml(result, notes).Page());

    private string Page()
    {
        SelectionTrial[] good = [.. _result.Trials.Where(t => t.Succeeded)];
        string title = $"{Wording.Count(_result.Trials.Count, "trial")} by {_result.Criterion.Name()}";
        HtmlPage.Open(_page, title, good.Select(t => t.Candidate.Family).Distinct().Count());
        AppendHead(title);
        foreach (IGrouping<string, SelectionTrial> kind in good.GroupBy(t => _result.AreKindsApart ? t.LikelihoodKind : ""))
        {
            AppendCharts(kind.Key, [.. kind.Take(MostDots)]);
            AppendTable(kind.Key, kind);
        }

        AppendFailures();
        return HtmlPage.Close(_page);
    }

    private void AppendHead(string title)
    {
        string order = _result.Criterion.IsHeldOut() ? "higher is better" : "lower is better";
        string units = _result.IsInDataUnits ? ", in units of the data" : "";
        string best = _result.Best is { } first
            ? $"Best: {first.Candidate}, {_result.Criterion.Name()} {Wording.Nats(first.Score!.Value)}. "
            : "";
        _page.Append("<h1>").Append(HtmlText.Of(title)).Append("</h1>\n<p class=\"soft\">")
            .Append(HtmlText.Of($"{best}Scores: {order}{units}. ELBOs are nats per row.")).Append("</p>\n");
        foreach (string note in (IEnumerable<string>)[.. _result.Warnings, .. _notes])
        {
            _page.Append("<p class=\"note\">").Append(HtmlText.Of(note)).Append("</p>\n");
        }
    }

    private void AppendCharts(string kind, SelectionTrial[] trials)
    {
        string name = _result.Criterion.Name();
        StudySeries[] byLatents = [.. trials.GroupBy(t => t.Candidate.Family).Select(family => new StudySeries(
            family.Key,
            [.. family.GroupBy(t => t.Latents).OrderBy(same => same.Key).Select(same => Dot(same.MinBy(t => t.Rank)!, t => t.Latents))]))];
        StudySeries[] byTime = [.. trials.GroupBy(t => t.Candidate.Family).Select(family => new StudySeries(
            family.Key, [.. family.Select(t => Dot(t, Seconds))]))];
        _page.Append("<div class=\"pair\">");
        Card(
            $"{name} by number of latents",
            kind,
            new StudyChart(byLatents, "latents", isLogarithmic: false, hasLines: true),
            "The best trial of each model with so many latents or components. The ring is the best of all.");
        Card(
            $"{name} and time",
            kind,
            new StudyChart(byTime, "seconds of the trial", isLogarithmic: true, hasLines: false),
            "What a better score costs. Times are of trials side by side.");
        _page.Append("</div>\n");
    }

    private void Card(string title, string kind, StudyChart chart, string caption) =>
        _page.Append("<section class=\"card\"><h2>").Append(HtmlText.Of(kind.Length > 0 ? $"{title}, {kind}" : title)).Append("</h2>")
            .Append(chart.Legend()).Append(chart.Svg(title)).Append("<p class=\"soft\">").Append(caption).Append("</p></section>");

    private void AppendTable(string kind, IEnumerable<SelectionTrial> trials)
    {
        _page.Append("<section class=\"card\"><h2>").Append(HtmlText.Of(kind.Length > 0 ? $"Trials, {kind}" : "Trials"))
            .Append("</h2><div class=\"scroll\"><table><thead><tr><th class=\"n\">rank</th><th>model</th><th class=\"n\">score</th><th class=\"n\">ELBO</th>")
            .Append("<th class=\"n wide\">gap</th><th class=\"n wide\">collapsed</th><th class=\"n\">seconds</th><th class=\"wide\"></th></tr></thead><tbody>");
        foreach (SelectionTrial trial in trials)
        {
            _page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"n\">{trial.Rank}</td><td class=\"model\">{HtmlText.Of(trial.Candidate.ToString())}</td>");
            _page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Wording.Nats(trial.Score!.Value)}</td><td class=\"n\">{Wording.Nats(trial.Report!.Summary.Elbo)}</td>");
            _page.Append(CultureInfo.InvariantCulture, $"<td class=\"n wide\">{Wording.Percent(trial.Report.Summary.RelativeGap)}</td><td class=\"n wide\">{trial.Report.Collapsed.Entropy}/{trial.Latents}</td>");
            _page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{trial.Elapsed.TotalSeconds:F2}</td><td class=\"soft wide\">{HtmlText.Of(SelectionText.Notes(trial, _result))}</td></tr>");
        }

        _page.Append("</tbody></table></div></section>\n");
    }

    private void AppendFailures()
    {
        SelectionTrial[] failed = [.. _result.Trials.Where(t => !t.Succeeded)];
        if (failed.Length == 0)
        {
            return;
        }

        _page.Append("<section class=\"card\"><h2>Failed</h2><div class=\"scroll\"><table><tbody>");
        foreach (SelectionTrial trial in failed)
        {
            _page.Append("<tr><td class=\"model\">").Append(HtmlText.Of(trial.Candidate.ToString())).Append("</td><td>").Append(HtmlText.Of(trial.Failure!)).Append("</td></tr>");
        }

        _page.Append("</tbody></table></div></section>\n");
    }

    private static StudyDot Dot(SelectionTrial trial, Func<SelectionTrial, double> x) =>
        new(x(trial), trial.Score!.Value, $"{trial.Candidate}: {Wording.Nats(trial.Score.Value)}", trial.Rank == 1);

    private static double Seconds(SelectionTrial trial) => Math.Max(LeastSeconds, trial.Elapsed.TotalSeconds);
}
