using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>The report of a fit as one HTML page that needs nothing else: no script, font or picture from elsewhere.</summary>
internal sealed class HtmlReport
{
    private readonly StringBuilder _page = new();
    private readonly RunReport _report;
    private readonly IReadOnlyList<FitProgress> _history;

    private HtmlReport(RunReport report, IReadOnlyList<FitProgress> history)
    {
        _report = report;
        _history = history;
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    public static void Write(string path, ToolHost host, RunReport report, IReadOnlyList<FitProgress> history) =>
        HtmlPage.Write(path, host, new HtmlReport(report, history).Page());

    private string Page()
    {
        string title = $"{_report.Model.Family}, {Wording.Count(_report.Model.LatentDimension, "latent")}";
        HtmlPage.Open(_page, title, HtmlScatter.Colours);
        AppendHead(title);
        AppendTiles();
        AppendNotes();
        _page.Append(HtmlCharts.Section(_history, _report.Summary, _report.Training.AffineReference));
        _page.Append(HtmlCertificate.Section(_report.Training));
        AppendFigures();
        _page.Append(HtmlImages.Section(_report));
        _page.Append(HtmlEntropies.Section(_report, _history));
        _page.Append(HtmlLatents.Section(_report.Evaluation));
        _page.Append(HtmlLoadings.Section(_report));
        AppendRows();
        return HtmlPage.Close(_page);
    }

    /// <summary>What the page says of single rows, and of the run.</summary>
    private void AppendRows()
    {
        if (_report.Page is { } facts)
        {
            _page.Append(HtmlScatter.Section(_report, facts.Rows))
                .Append(HtmlComponents.Section(_report, facts.Rows))
                .Append(HtmlStrangeRows.Section(_report.Model, facts.Rows))
                .Append(HtmlRun.Section(facts));
        }
    }

    private void AppendHead(string title)
    {
        string skipped = _report.SkippedRows > 0 ? $" ({_report.SkippedRows} with missing values left out)" : "";
        _page.Append("<h1>").Append(HtmlText.Of(title)).Append("</h1>\n<p class=\"soft\">").Append(HtmlText.Of(
            $"{Wording.Rows(_report.Summary)}{skipped} of {Wording.Count(_report.Model.ObservedDimension, "column")}, "
            + $"scaling {_report.Scaling.ToString().ToLowerInvariant()}. {Wording.Time(_report.Elapsed)}"
            + $"{(_report.RowsPerSecond > 0 ? $", {Wording.Rate(_report.RowsPerSecond)} rows/s" : "")}. Values are nats per row."))
            .Append("</p>\n");
    }

    private void AppendTiles()
    {
        CollapsedLatents collapsed = _report.Evaluation.Collapsed;
        bool converged = _report.Training.Converged;
        _page.Append("<div class=\"tiles\">");
        Tile(Wording.Nats(_report.Summary.Elbo), "ELBO");
        Tile(Wording.Nats(_report.Summary.EntropySum), "entropy sum");
        Tile(Wording.Percent(_report.Summary.RelativeGap), "gap between the two");
        if (_report.Test is { } test)
        {
            Tile(Wording.Nats(test.Summary.Elbo), $"test ELBO, {Wording.Count(test.Summary.Rows, "row")}");
        }

        Tile($"{collapsed.Entropy} of {_report.Evaluation.Latents.Count}", "latents collapsed (entropy)");
        Tile(converged ? "converged" : "not converged", Wording.Stop(_report.Training), converged ? "good" : "bad");
        _page.Append("</div>\n");
    }

    private void Tile(string value, string label, string css = "") =>
        _page.Append("<div class=\"tile\"><b class=\"").Append(css).Append("\">").Append(HtmlText.Of(value)).Append("</b><span>")
            .Append(HtmlText.Of(label)).Append("</span></div>");

    private void AppendNotes()
    {
        foreach (string note in _report.Remark is null ? _report.Warnings : [.. _report.Warnings, _report.Remark])
        {
            _page.Append("<p class=\"note\">").Append(HtmlText.Of(note)).Append("</p>\n");
        }
    }

    private void AppendFigures()
    {
        ElboReport elbo = _report.Summary;
        _page.Append("<section class=\"card\"><h2>Where training ended</h2><div class=\"scroll\"><table>");
        Figure("ELBO", elbo.Elbo, "evidence lower bound, mean over rows; higher is better");
        Figure("reconstruction", elbo.Reconstruction, "expected log-likelihood of the rows given their latents");
        Figure("KL", elbo.Kl, "divergence of the encoder from the prior; ELBO = reconstruction \u2212 KL");
        Figure("entropy sum", elbo.EntropySum, "encoder \u2212 prior \u2212 decoder entropy + base measure");
        Figure("encoder entropy", elbo.EncoderEntropy, "mean entropy of the encoder's distributions");
        Figure("prior entropy", elbo.PriorEntropy, "entropy of the prior");
        Figure("decoder entropy", elbo.DecoderEntropy, "expected entropy of the observable distribution");
        Figure("base measure", elbo.BaseMeasure, "mean log base measure; 0 where it is constant");
        Figure("prior residual", elbo.PriorResidual, "the prior's share of the gap; 0 at a stationary point");
        Figure("noise residual", elbo.NoiseResidual, "the observable distribution's share; 0 at a stationary point");
        if (elbo.AmortisationGap is { } amortised)
        {
            Figure("amortisation gap", amortised, Wording.AmortisationGap);
        }

        if (elbo.PseudoEntropy is { } pseudo)
        {
            Figure(
                "output residual",
                pseudo.Residual,
                "of the decoder's last layer, by pseudo entropies; 0 where its weights are stationary, whatever the variances are");
        }

        Figure("standard error", elbo.StandardError, "of the ELBO, from sampling; 0 where nothing is sampled");
        if (_report.Training.BatchEntropySum is { } batches)
        {
            Figure("batch entropies", batches, Wording.BatchEntropies);
        }

        if (_report.Training.AffineReference is { } reference)
        {
            Figure("affine decoder", reference, $"{Wording.AffineReference(_report.Model)} with as many latents, in closed form (S eq. 14): what the networks add is the difference");
        }

        if (_report.Test?.Summary is { } test)
        {
            Figure(
                "test ELBO",
                test.Elbo,
                $"on {Wording.Count(test.Rows, "row")} held out; standard error {Wording.Nats(test.StandardError)}");
        }

        Figure("BIC", _report.Evaluation.Bic, "nats for all rows; lower is better");
        _page.Append("</table></div></section>\n");
    }

    private void Figure(string name, double value, string meaning) =>
        _page.Append("<tr><td>").Append(HtmlText.Of(name)).Append("</td><td class=\"n\">").Append(HtmlText.Of(Wording.Nats(value)))
            .Append("</td><td class=\"soft wide\">").Append(HtmlText.Of(meaning)).Append("</td></tr>");
}
