using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>Options of probabilistic PCA.</summary>
public sealed record ProbabilisticPcaOptions
{
    /// <summary>Default of <see cref="VarianceFloor"/>: that of all families.</summary>
    public const double DefaultVarianceFloor = VarianceFloors.DefaultShare;

    /// <summary>Number of latents, H; at least 1 and at most D - 1.</summary>
    public required int Latents { get; init; }

    /// <summary>How the columns are scaled; the scaling becomes part of the model.</summary>
    public ScalingKind Scaling { get; init; } = ScalingKind.MinMax;

    /// <summary>
    /// Least noise variance, as a share of the mean variance of the scaled columns that vary (or absolute, when none does);
    /// 1e-14 to 1. When it is active, the model's training record says so.
    /// </summary>
    public double VarianceFloor { get; init; } = DefaultVarianceFloor;

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate() => ProbabilisticPcaFamily.Settings.Check(this);
}
