using EntropyElbo.Data;
using EntropyElbo.Models;

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
    internal void Validate()
    {
        if (Latents < 1)
        {
            throw new BadOptionException("latents", $"'latents' is {Latents}; it must be at least 1.");
        }

        if (!(VarianceFloor is >= 1e-14 and <= 1))
        {
            throw new BadOptionException("variance-floor", $"The variance floor is {VarianceFloor}; it must be between 1e-14 and 1.");
        }

        if (!Enum.IsDefined(Scaling))
        {
            throw new BadOptionException("scale", $"The scaling {Scaling} is unknown; use None, MinMax or Standard.");
        }
    }
}
