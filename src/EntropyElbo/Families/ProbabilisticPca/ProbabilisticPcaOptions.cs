using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>Options of probabilistic PCA.</summary>
public sealed record ProbabilisticPcaOptions
{
    /// <summary>
    /// Default of <see cref="VarianceFloor"/>: far above the rounding of eigenvalues, far below any noise of measured data
    /// (chosen here).
    /// </summary>
    public const double DefaultVarianceFloor = 1e-10;

    /// <summary>Number of latents, H; at least 1 and at most D - 1.</summary>
    public required int Latents { get; init; }

    /// <summary>How the columns are scaled; the scaling becomes part of the model.</summary>
    public ScalingKind Scaling { get; init; } = ScalingKind.MinMax;

    /// <summary>
    /// Least noise variance, as a share of the mean variance of the scaled columns (or absolute, when no column varies);
    /// 1e-14 to 1. When it is active, the model's training record says so.
    /// </summary>
    public double VarianceFloor { get; init; } = DefaultVarianceFloor;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate() => ProbabilisticPcaFamily.Settings.Check(this);
}
