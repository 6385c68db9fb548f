using EntropyElbo.Cli.Host;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>The report for a person to read: aligned plain text, with a little colour on a terminal and none elsewhere.</summary>
internal sealed class SummaryText(ToolHost host)
{
    private const int LabelWidth = 18;
    private const int NumberWidth = 14;
    private readonly bool _colour = host.OutIsTerminal && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";

    /// <summary>Writes the report.</summary>
    public void Write(RunReport report)
    {
        LatentModel model = report.Model;
        string scaling = report.Scaling.ToString().ToLowerInvariant();
        WriteStyled(
            "1",
            $"{model.Family}, {Wording.Count(model.LatentDimension, "latent")}, "
            + $"{Wording.Rows(report.Summary)} of {Wording.Count(model.ObservedDimension, "column")}, scaling {scaling}");
        host.Out.WriteLine();
        WriteElbo(report.Evaluation);
        WriteOutputLayer(model, report.Summary.PseudoEntropy);
        if (report.Training.BatchEntropySum is { } batches)
        {
            Figure("batch entropies", batches, Wording.BatchEntropies);
        }

        if (report.Training.AffineReference is { } reference)
        {
            Figure("affine decoder", reference, $"{Wording.AffineReference(model)} on the training rows, in closed form");
        }

        WriteTest(report.Test);
        WriteCollapsed(report);
        WriteRun(report);
        foreach (string warning in report.Warnings)
        {
            Line("warning", warning, style: "33");
        }

        if (report.Remark is not null)
        {
            Line("remark", report.Remark);
        }
    }

    /// <summary>Names a file that was written.</summary>
    public void WriteFile(string what, string? path)
    {
        if (path is not null)
        {
            Line($"{what} written", path);
        }
    }

    /// <summary>Says what comes next.</summary>
    public void WriteNext(string step) => Line("then", step);

    private void WriteElbo(Evaluation evaluation)
    {
        ElboReport elbo = evaluation.Summary;
        Figure("ELBO", elbo.Elbo, $"nats per row{Error(elbo)}");
        Figure("  reconstruction", elbo.Reconstruction);
        Figure("  KL", elbo.Kl);
        Figure("entropy sum", elbo.EntropySum);
        Figure("gap", elbo.Elbo - elbo.EntropySum, $"{Wording.Percent(elbo.RelativeGap)} of the ELBO");
        Figure(
            "  prior residual",
            elbo.PriorResidual,
            Parts(evaluation.PriorResidualSize, elbo.PriorResidual, "latent", evaluation.Latents, l => l.PriorResidual, l => l.Index));
        Figure("  noise residual", elbo.NoiseResidual, evaluation.Columns.Count > 0
            ? Parts(evaluation.NoiseResidualSize, elbo.NoiseResidual, "column", evaluation.Columns, c => c.NoiseResidual, c => c.Index)
            : Parts(evaluation.NoiseResidualSize, elbo.NoiseResidual, "component", evaluation.Latents, l => l.NoiseResidual, l => l.Index));
        if (elbo.AmortisationGap is { } amortised)
        {
            Figure("amortisation gap", amortised, Wording.AmortisationGap);
        }

        if (elbo.SmoothingResidual is { } smoothing)
        {
            Figure("    of pseudo-counts", smoothing);
        }
    }

    /// <summary>The second meter, which no step of training closes by construction.</summary>
    private void WriteOutputLayer(LatentModel model, PseudoEntropyReport? pseudo)
    {
        if (pseudo is null)
        {
            return;
        }

        string worst = pseudo.Residuals.Count < model.ObservedDimension ? $"channel {pseudo.Worst + 1}" : model.ColumnNames[pseudo.Worst];
        Figure(
            "output residual",
            pseudo.Residual,
            Shown.Line(
                $"of the last layer; {Wording.Nats(pseudo.AbsoluteResidual)} without signs, most in {worst}: "
                    + $"{Wording.Nats(pseudo.Residuals[pseudo.Worst])}"));
    }

    /// <summary>Parts of a residual that must vanish one by one: what their sizes come to, and the largest by name.</summary>
    private static string Parts<T>(
        double size, double sum, string kind, IReadOnlyList<T> parts, Func<T, double?> residual, Func<T, int> index)
    {
        T? worst = parts.Where(p => residual(p) is not null).MaxBy(p => Math.Abs(residual(p)!.Value));
        return worst is null || parts.Count < 2 || size <= Math.Abs(sum) ? ""
            : $"sizes {Wording.Nats(size)}, most in {kind} {index(worst) + 1}: {Wording.Nats(residual(worst)!.Value)}";
    }

    private void WriteTest(Evaluation? test)
    {
        if (test is not null)
        {
            Figure("test ELBO", test.Summary.Elbo, $"on {Wording.Count(test.Summary.Rows, "row")}{Error(test.Summary)}");
        }
    }

    private void WriteCollapsed(RunReport report)
    {
        CollapsedLatents collapsed = report.Evaluation.Collapsed;
        Line(
            "collapsed latents",
            $"{collapsed.Entropy} by entropy, {collapsed.Kl} by KL, {collapsed.Activity} by activity (of "
                + $"{report.Evaluation.Latents.Count})");
        Figure("BIC", report.Evaluation.Bic, "nats, all rows");
    }

    private void WriteRun(RunReport report)
    {
        TrainingRecord training = report.Training;
        (string verdict, string style) = training.Converged ? ("yes", "32") : ("no", "33");
        string? next = report.Trained && !training.Converged ? Wording.Next(report.Model, report.Test is not null) : null;
        string remedy = next is null && report.Trained && training is { Converged: false, StopReason: StopReason.EpochLimit }
            ? "; allow more --epochs"
            : "";
        if (training.Unclosed is { Gained: not 0 } unclosed)
        {
            Line("before closing", CertificateText.Of(unclosed));
        }

        if (training.Certificate is { } certificate)
        {
            Line("still to gain", CertificateText.Of(certificate));
        }

        Line(report.Trained ? "converged" : "model converged", verdict, $", {Wording.Stop(training)}{remedy}", style);
        if (next is not null)
        {
            Line("next", next);
        }

        string rate = report.RowsPerSecond > 0 ? $", {Wording.Rate(report.RowsPerSecond)} rows/s" : "";
        Line("time", $"{Wording.Time(report.Elapsed)}{rate}");
        if (report.SkippedRows > 0)
        {
            Line("skipped", $"{Wording.Count(report.SkippedRows, "row")} with missing values");
        }
    }

    private static string Error(ElboReport elbo) =>
        elbo.StandardError > 0 ? $", standard error {Wording.Nats(elbo.StandardError)}" : "";

    private void Figure(string label, double value, string note = "") =>
        host.Out.WriteLine($"  {label.PadRight(LabelWidth)}{Wording.Nats(value).PadLeft(NumberWidth)}  {note}".TrimEnd());

    private void Line(string label, string text, string rest = "", string? style = null)
    {
        host.Out.Write($"  {label.PadRight(LabelWidth)}  ");
        WriteStyled(style, Shown.Line(text));
        host.Out.WriteLine(rest);
    }

    private void WriteStyled(string? style, string text) => host.Out.WriteStyled(_colour ? style : null, text);
}
