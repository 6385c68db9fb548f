using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>What a family finds out for the certificate of a fit.</summary>
internal sealed record CertificateFacts
{
    /// <summary>Steps like the next one that an extrapolation adds up at most.</summary>
    public const double MostSteps = 100;

    /// <summary>Exact steps that EM's certificate takes: fewer show no rate on a plateau that is just left.</summary>
    public const int Steps = 3;

    private const string StepsGrow =
        "The gain of EM's steps grows again: the fit leaves a plateau, and the expected gain is only what three steps gave.";

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
    /// Facts from exact steps that were really taken, as of EM. Steps that shrink by a constant ratio have the sum of a geometric series
    /// still to come. The ratio is that of two neighbouring sums of two steps, because the largest error dies first and single steps
    /// are uneven; no more is added than <see cref="MostSteps"/> times the last step, and nothing where steps grow.
    /// </summary>
    /// <param name="gains">What each step gained: one, or three in their order.</param>
    public static CertificateFacts OfSteps(params ReadOnlySpan<double> gains)
    {
        double sum = gains[0], ratio = 0;
        foreach (double gain in gains[1..])
        {
            sum += Math.Max(0, gain);
        }

        if (gains.Length > 2)
        {
            double early = gains[^3] + gains[^2], late = gains[^2] + gains[^1];
            ratio = early > 0 ? Math.Max(0, late / early) : 0;
        }

        bool grow = ratio >= 1 && sum > ConvergenceCertificate.LeastTolerance;
        ratio = ratio < 1 ? Math.Min(ratio, 1 - (1 / MostSteps)) : 0;
        return new CertificateFacts
        {
            Method = GainMethod.ExactStep,
            NextStep = gains[0],
            ExpectedGain = sum + (Math.Max(0, gains[^1]) * ratio / (1 - ratio)),
            Remark = grow ? StepsGrow : null,
        };
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
