using System.Globalization;
using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>Entropies of the latents: over epochs, and sorted, with the line of collapse (D Fig. 7).</summary>
internal static class HtmlEntropies
{
    private const int MostLines = 60;

    /// <summary>Both charts; nothing for a single latent.</summary>
    public static string Section(RunReport report, IReadOnlyList<FitProgress> history)
    {
        if (report.Evaluation.Latents.Count < 2)
        {
            return "";
        }

        StringBuilder html = new("<div class=\"pair\">");
        AppendCourse(html, report.Evaluation, history);
        AppendSorted(html, report.Model, report.Evaluation);
        return html.Append("</div>\n").ToString();
    }

    private static void AppendCourse(StringBuilder html, Evaluation evaluation, IReadOnlyList<FitProgress> history)
    {
        FitProgress[] epochs = [.. HtmlCharts.Thin(history).Where(p => p.LatentEntropies is not null)];
        if (epochs.Length < 2)
        {
            return;
        }

        HashSet<string> named = [];
        ChartSeries[] series = [.. HtmlLatents.ByKl(evaluation, MostLines).Select(l => Line(l, named.Add(Kind(l)), epochs))];
        double[] values = [.. series.SelectMany(s => s.Points).Select(p => p.Value).Where(double.IsFinite).DefaultIfEmpty(0)];
        LineChart chart = new(series, ChartAxis.Linear(values.Min(), values.Max())) { HasReadings = false };
        string part = series.Length < evaluation.Latents.Count ? $" The {series.Length} latents of the largest KL." : "";
        html.Append(HtmlCharts.Card(
            "Entropies of the latents", chart, "entropies", $"Mean encoder entropy of each latent; collapsed ones go to their prior's.{part}"));
    }

    private static ChartSeries Line(LatentReport latent, bool isNamed, FitProgress[] epochs) => new(
        isNamed ? Kind(latent) : "",
        latent.CollapsedByEntropy ? "d" : "a",
        [.. epochs.Select(p => ((double)p.Epoch, p.LatentEntropies![latent.Index]))])
    {
        Label = string.Create(
            CultureInfo.InvariantCulture, $"latent {latent.Index + 1}: {Kind(latent)}, entropy {Wording.Nats(latent.EncoderEntropy)} at the end"),
    };

    private static void AppendSorted(StringBuilder html, LatentModel model, Evaluation evaluation)
    {
        LatentReport[] sorted = [.. evaluation.Latents.OrderBy(l => l.EncoderEntropy).ThenBy(l => l.Index)];
        if (!sorted.All(l => double.IsFinite(l.EncoderEntropy) && double.IsFinite(l.PriorEntropy)))
        {
            return;
        }

        StudySeries[] series = [.. sorted.Select((latent, rank) => (latent, rank)).GroupBy(l => Kind(l.latent)).Select(same =>
            new StudySeries(same.Key, [.. same.Select(l => Dot(l.latent, l.rank + 1))]))];
        StudyOutline line = new(
            "collapse", [.. sorted.Select((l, rank) => (rank + 1.0, Threshold(model, l)))]);
        html.Card(
            "Entropies, sorted",
            new StudyChart(series, "latents by entropy", isLogarithmic: false, hasLines: false) { Outlines = [line], HasWholeSteps = true },
            "Above the line, the threshold of the entropy criterion, a latent has collapsed.");
    }

    /// <summary>The entropy from which a latent is collapsed, by the default thresholds.</summary>
    private static double Threshold(LatentModel model, LatentReport latent)
    {
        double unit = model.HasDiscreteLatents ? latent.PriorEntropy / SpecialFunctions.StandardNormalEntropy : 1;
        return latent.PriorEntropy - (new CollapseThresholds().EntropyMargin * unit);
    }

    private static StudyDot Dot(LatentReport latent, int rank) => new(
        rank,
        latent.EncoderEntropy,
        string.Create(
            CultureInfo.InvariantCulture, $"latent {latent.Index + 1}: entropy {Wording.Nats(latent.EncoderEntropy)}, KL {Wording.Nats(latent.Kl)}"),
        false);

    private static string Kind(LatentReport latent) => latent.CollapsedByEntropy ? "collapsed" : "active";
}
