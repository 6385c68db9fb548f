using System.Text.Json.Serialization;

namespace EntropyElbo.Reports;

/// <summary>How the gain that a certificate expects was found.</summary>
public enum GainMethod
{
    /// <summary>Known exactly, because the optimum has a closed form.</summary>
    ClosedForm,

    /// <summary>
    /// From one more exact step of the family (an iteration of EM, a step of Newton), extrapolated where such steps shrink slowly.
    /// </summary>
    ExactStep,

    /// <summary>
    /// Half the squared Newton decrement, with the Fisher matrix in Kronecker factors per layer (Martens and Grosse 2015).
    /// </summary>
    NaturalStep,
}

/// <summary>
/// How far a fit is from converged, over all its parameters, in nats per row. The two residuals of a report look along one direction of the
/// parameters each, the scales, and are zero by construction where scales are set in closed form; this looks along all.
/// </summary>
public sealed record ConvergenceCertificate
{
    /// <summary>Share of what the model gained over columns without latents that counts as nothing left to gain.</summary>
    public const double DefaultShare = 0.01;

    /// <summary>Least tolerance, nats per row.</summary>
    public const double LeastTolerance = 0.01;

    /// <summary>
    /// Nats per row that the training rows still have to offer nearby: to be read as "at least about", because the way may be long
    /// and curved. An unbiased estimate where it is sampled, so it may be a little below 0. Null where it was not found;
    /// <see cref="Remark"/> says why.
    /// </summary>
    public required double? ExpectedGain { get; init; }

    /// <summary>How it was found.</summary>
    public required GainMethod Method { get; init; }

    /// <summary>What one more exact step gains, nats per row; null for families without such steps.</summary>
    public double? NextStep { get; init; }

    /// <summary>How much the ELBO rose over the last window of training, nats per row; null where training was too short to say.</summary>
    public double? Rise { get; init; }

    /// <summary>Standard error of <see cref="Rise"/>; 0 where training has no noise.</summary>
    public double RiseError { get; init; }

    /// <summary>Epochs or iterations of that window.</summary>
    public int Window { get; init; }

    /// <summary>What counts as nothing, nats per row.</summary>
    public required double Tolerance { get; init; }

    /// <summary>
    /// ELBO of the training rows by the same family without latents, its columns independent; null where it was not found.
    /// </summary>
    public double? Baseline { get; init; }

    /// <summary>The slope of the ELBO along the scale of every block of parameters.</summary>
    public IReadOnlyList<EulerResidual> EulerResiduals { get; init => field = value ?? []; } = [];

    /// <summary>What was left out, or null.</summary>
    public string? Remark { get; init; }

    /// <summary>Whether expected gain, rise and Euler residuals are all below the tolerance.</summary>
    [JsonIgnore]
    public bool IsMet => ExpectedGain < Tolerance && Rise + RiseError < Tolerance && EulerResiduals.All(r => r.IsBelow(Tolerance));

    /// <summary>The block whose slope is steepest beyond its noise, those that are held left out; null where there is none.</summary>
    [JsonIgnore]
    public EulerResidual? Worst => EulerResiduals.Where(r => !r.IsHeld).MaxBy(r => r.Size);

    /// <summary>What counts as nothing for a model that gained so much.</summary>
    /// <param name="elbo">The model's ELBO.</param>
    /// <param name="baseline">That of its columns without latents, or null.</param>
    internal static double ToleranceOf(double elbo, double? baseline) =>
        baseline is { } least && double.IsFinite(least) ? Math.Max(LeastTolerance, DefaultShare * (elbo - least)) : LeastTolerance;
}

/// <summary>
/// The slope of the ELBO along the logarithm of the scale of one block of parameters, <c>&lt;theta, dF/dtheta&gt;</c>, nats per
/// row: 0 at a stationary point. Scales themselves are kept as logarithms, and for them it is the sum of their slopes.
/// </summary>
/// <param name="Block">Name of the block, such as <c>decoder.0</c>.</param>
/// <param name="Residual">The slope.</param>
/// <param name="Error">Its standard error from sampling; 0 where nothing is sampled.</param>
public sealed record EulerResidual(string Block, double Residual, double Error)
{
    /// <summary>Name of the unit with the largest slope of its own, such as <c>unit 5</c>; null where the block has none.</summary>
    public string? WorstUnit { get; init; }

    /// <summary>That unit's slope, nats per row.</summary>
    public double? WorstResidual { get; init; }

    /// <summary>The block's part of the expected gain, nats per row; null where it has none of its own.</summary>
    public double? ExpectedGain { get; init; }

    /// <summary>
    /// Whether a floor, a bound, a pseudo-count or rows that were not trained on hold the block, so that its slope need not vanish.
    /// </summary>
    public bool IsHeld { get; init; }

    /// <summary>Size of the slope beyond two standard errors, nats per row.</summary>
    [JsonIgnore]
    public double Size => Math.Max(0, Math.Abs(Residual) - (2 * Error));

    internal bool IsBelow(double tolerance) => IsHeld || Size < tolerance;
}

/// <summary>
/// The residuals of the parameters as training left them, before variances and scales were set to their optima in closed form, and
/// what that gained. Where nothing was set so, they are those of the final report, and the gain is 0. Nats per row.
/// </summary>
public sealed record UnclosedResiduals
{
    /// <summary>The prior's residual.</summary>
    public required double PriorResidual { get; init; }

    /// <summary>The observable distribution's residual.</summary>
    public required double NoiseResidual { get; init; }

    /// <summary>Sum of the sizes of the latents' prior residuals, which cannot cancel.</summary>
    public required double PriorResidualSize { get; init; }

    /// <summary>Sum of the sizes of the noise residuals that must vanish one by one.</summary>
    public required double NoiseResidualSize { get; init; }

    /// <summary>
    /// Rise of the ELBO of the training rows by setting variances and scales in closed form; below 0 where held-out rows ended
    /// training and set the noise.
    /// </summary>
    public required double Gained { get; init; }

    /// <summary>Of a model of which nothing was set in closed form.</summary>
    internal static UnclosedResiduals Of(Evaluation report) => new()
    {
        PriorResidual = report.Summary.PriorResidual,
        NoiseResidual = report.Summary.NoiseResidual,
        PriorResidualSize = report.PriorResidualSize,
        NoiseResidualSize = report.NoiseResidualSize,
        Gained = 0,
    };
}

/// <summary>One observed column of a report; nats per row.</summary>
public sealed record ColumnReport
{
    /// <summary>Zero-based index of the column.</summary>
    public required int Index { get; init; }

    /// <summary>The column's share of the noise residual, which vanishes by itself at a stationary point.</summary>
    public required double NoiseResidual { get; init; }
}
