using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>Optimisers of factor analysis. Neither ever lets the ELBO fall.</summary>
public enum FactorAnalysisOptimizer
{
    /// <summary>
    /// Newton steps on the log noise variances, with the loadings at their optimum (Jöreskog 1967; second derivatives of
    /// Clarke 1970, and above 128 columns their positive part alone) after ten of EM: some twenty to forty iterations.
    /// </summary>
    Newton,

    /// <summary>
    /// Expectation maximisation with the loadings at their optimum after each step (ECME, Liu and Rubin 1994; Barber 2012,
    /// algorithm 21.1): what scikit-learn iterates. Slow where a noise variance goes to 0.
    /// </summary>
    Em,
}

/// <summary>Options of factor analysis.</summary>
public sealed record FactorAnalysisOptions
{
    /// <summary>Default of <see cref="Iterations"/>.</summary>
    public const int DefaultIterations = 5000;

    /// <summary>Default of <see cref="StationarityTolerance"/>: that of the linear VAE.</summary>
    public const double DefaultStationarityTolerance = 1e-6;

    /// <summary>Default of <see cref="VarianceFloor"/>: that of all families.</summary>
    public const double DefaultVarianceFloor = VarianceFloors.DefaultShare;

    /// <summary>Default of <see cref="InitialNoiseShare"/> : scikit-learn's start on standardised columns.</summary>
    public const double DefaultInitialNoiseShare = 1;

    /// <summary>Default of <see cref="Scaling"/>.</summary>
    internal const ScalingKind DefaultScaling = ScalingKind.MinMax;

    /// <summary>Number of latents (factors), H; at least 1 and at most D - 1.</summary>
    public required int Latents { get; init; }

    /// <summary>How the columns are scaled; the scaling becomes part of the model. The fit itself does not depend on units.</summary>
    public ScalingKind Scaling { get; init; } = DefaultScaling;

    /// <summary>The optimiser.</summary>
    public FactorAnalysisOptimizer Optimizer { get; init; } = FactorAnalysisOptimizer.Newton;

    /// <summary>Iterations at most.</summary>
    public int Iterations { get; init; } = DefaultIterations;

    /// <summary>
    /// Training has become stationary when the derivatives of the ELBO by the log noise variances that are not at their
    /// floor add up, without their signs, to less than this share of the |ELBO| of standardised columns (or of one nat, if
    /// that is more). 0 trains to the limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = DefaultStationarityTolerance;

    /// <summary>
    /// Least noise variance of a column, as a share of the column's variance (of the mean variance of those that vary where a
    /// column is constant, absolute when no column varies); 1e-12 to 0.1. Columns where it is active are named in the training
    /// record: constant columns, and columns that the latents explain wholly (Heywood cases).
    /// </summary>
    public double VarianceFloor { get; init; } = DefaultVarianceFloor;

    /// <summary>
    /// Noise variances at the start, as a share of the columns' variances; above 0, at most 1. The likelihood may have
    /// several optima, so another start may find a better one.
    /// </summary>
    public double InitialNoiseShare { get; init; } = DefaultInitialNoiseShare;

    /// <summary>
    /// A factor analysis of as many latents on the same columns whose noise variances are the first (the loadings follow from them),
    /// and whose scaling is kept; null for <see cref="InitialNoiseShare"/>.
    /// </summary>
    [JsonIgnore]
    public FactorAnalysisModel? From { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        FactorAnalysisFamily.Settings.Check(this);
        ModelStart.RequireSame(From, SettingNames.Latents, From?.LatentDimension, Latents);
        ModelStart.RequireScaling(From, Scaling, DefaultScaling);
        ModelStart.RequireAlone(From, "initial-noise-share", InitialNoiseShare != DefaultInitialNoiseShare);
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(FactorAnalysisOptions))]
internal sealed partial class FactorAnalysisOptionsJson : JsonSerializerContext;
