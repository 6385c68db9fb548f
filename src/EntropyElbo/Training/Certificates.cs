using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>What a family finds out for the certificate of a fit.</summary>
internal sealed record CertificateFacts
{
    /// <summary>Steps like the next one that an extrapolation adds up at most.</summary>
    public const double MostSteps = 100;

    /// <summary>Nats per row still to be had nearby; null where that was not found.</summary>
    public double? ExpectedGain { get; init; }

    /// <summary>How it was found.</summary>
    public required GainMethod Method { get; init; }

    /// <summary>What one more exact step gains; null for families without such steps.</summary>
    public double? NextStep { get; init; }

    /// <summary>ELBO of the same family without latents, or null.</summary>
    public double? Baseline { get; init; }

    /// <summary>
    /// Slopes along the scales of blocks; null for those that the report itself has: those of prior and observable distribution.
    /// </summary>
    public IReadOnlyList<EulerResidual>? EulerResiduals { get; init; }

    /// <summary>Whether a floor or bound holds the noise, whose slope then need not vanish.</summary>
    public bool IsNoiseHeld { get; init; }

    /// <summary>What was left out, or null.</summary>
    public string? Remark { get; init; }

    /// <summary>The same with one block held by other than the training rows, which is neither to gain nor to come to rest.</summary>
    /// <param name="block">Name of the block; null for none.</param>
    public CertificateFacts Held(string? block) => this with
    {
        ExpectedGain = ExpectedGain - (EulerResiduals?.Where(r => r.Block == block).Sum(r => r.ExpectedGain) ?? 0),
        EulerResiduals = EulerResiduals is null ? null : [.. EulerResiduals.Select(r => r.Block == block ? r with { IsHeld = true } : r)],
    };

    /// <summary>
    /// Facts from one more exact step, as of EM. Steps that shrink by a constant ratio have the sum of a geometric series still to
    /// come, so the gain is extrapolated by the ratio of the last two, but no further than <see cref="MostSteps"/> steps.
    /// </summary>
    /// <param name="next">What the next step gains.</param>
    /// <param name="nextRise">The same step's rise as <paramref name="lastRise"/> is measured.</param>
    /// <param name="lastRise">Rise of the last step of training; null where there was none.</param>
    public static CertificateFacts OfStep(double next, double nextRise, double? lastRise)
    {
        double ratio = lastRise > 0 ? Math.Clamp(nextRise / lastRise.Value, 0, 1 - (1 / MostSteps)) : 0;
        return new CertificateFacts { Method = GainMethod.ExactStep, NextStep = next, ExpectedGain = next / (1 - ratio) };
    }
}

/// <summary>Puts certificates together.</summary>
internal static class Certificates
{
    /// <summary>The certificate of a fit with its final report.</summary>
    public static ConvergenceCertificate Of(CertificateFacts facts, FitCourse course, Evaluation report)
    {
        IReadOnlyList<FitProgress> history = course.RiseHistory ?? course.History;
        int window = Math.Min(course.RiseWindow, history.Count);
        (double Rise, double Error)? rise = course.Reason == StopReason.ClosedForm ? (0, 0)
            : course.RiseWindow > 1 ? Trend(history, window)
            : history.Count > 1 ? (history[^1].Elbo - history[^2].Elbo, 0)
            : (facts.NextStep ?? facts.ExpectedGain) is { } left ? (left, 0) : null;
        return new ConvergenceCertificate
        {
            ExpectedGain = facts.ExpectedGain,
            Method = facts.Method,
            NextStep = facts.NextStep,
            Rise = rise?.Rise,
            RiseError = rise?.Error ?? 0,
            Window = window,
            Tolerance = ConvergenceCertificate.ToleranceOf(report.Summary.Elbo, facts.Baseline),
            Baseline = facts.Baseline,
            EulerResiduals = facts.EulerResiduals ?? [.. OfReport(report, facts.IsNoiseHeld)],
            Remark = facts.Remark,
        };
    }

    /// <summary>
    /// Rise of the line of least squares through the ELBOs of the last epochs, from the first to the last of them, and its standard
    /// error by what they scatter about it; null where there are too few to say.
    /// </summary>
    public static (double Rise, double Error)? Trend(IReadOnlyList<FitProgress> history, int window)
    {
        if (window < 3)
        {
            return null;
        }

        int first = history.Count - window;
        double middle = 0.5 * (window - 1), spread = 0, product = 0, mean = 0;
        for (int i = 0; i < window; i++)
        {
            mean += history[first + i].Elbo / window;
        }

        for (int i = 0; i < window; i++)
        {
            spread += (i - middle) * (i - middle);
            product += (i - middle) * (history[first + i].Elbo - mean);
        }

        double slope = product / spread, squares = 0;
        for (int i = 0; i < window; i++)
        {
            double error = history[first + i].Elbo - mean - (slope * (i - middle));
            squares += error * error;
        }

        return (slope * (window - 1), Math.Sqrt(squares / (window - 2) / spread) * (window - 1));
    }

    /// <summary>
    /// The residuals of a report are slopes too: along the scale of the prior's natural parameters and of the observable
    /// distribution's (LW eq. 69), with the opposite sign.
    /// </summary>
    private static IEnumerable<EulerResidual> OfReport(Evaluation report, bool isNoiseHeld)
    {
        if (report.LayerResiduals.Count > 0)
        {
            return report.LayerResiduals.Select(
                (residual, k) => new EulerResidual(FormattableString.Invariant($"layer {k}"), -residual, 0));
        }

        ElboReport elbo = report.Summary;
        LatentReport? latent = report.Latents.MaxBy(l => Math.Abs(l.PriorResidual ?? 0));
        ColumnReport? column = report.Columns.MaxBy(c => Math.Abs(c.NoiseResidual));
        LatentReport? component = report.Latents.MaxBy(l => Math.Abs(l.NoiseResidual ?? 0));
        double noise = column is null ? elbo.NoiseResidual - (elbo.SmoothingResidual ?? 0) : report.Columns.Sum(c => c.NoiseResidual);
        EulerResidual noises = new("noise", -noise, 0) { IsHeld = isNoiseHeld };
        return
        [
            latent?.PriorResidual is not { } worst
                ? new EulerResidual("prior", -elbo.PriorResidual, 0)
                : new EulerResidual("prior", -elbo.PriorResidual, 0)
            {
                WorstUnit = FormattableString.Invariant($"latent {latent.Index + 1}"),
                WorstResidual = -worst,
            },
            column is not null ? noises with { WorstUnit = FormattableString.Invariant($"column {column.Index + 1}"), WorstResidual = -column.NoiseResidual }
            : component?.NoiseResidual is { } part && elbo.SmoothingResidual is null
                ? noises with { WorstUnit = FormattableString.Invariant($"component {component.Index + 1}"), WorstResidual = -part }
            : noises,
        ];
    }
}
