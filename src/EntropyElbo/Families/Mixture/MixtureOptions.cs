using System.Globalization;
using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture;

/// <summary>Options of a mixture.</summary>
public sealed record MixtureOptions
{
    /// <summary>Default of <see cref="Iterations"/> (chosen here: EM may take long between overlapping components).</summary>
    public const int DefaultIterations = 1000;

    /// <summary>Default of <see cref="Restarts"/> (chosen here: docs/experiments.md).</summary>
    public const int DefaultRestarts = 10;

    /// <summary>Default of <see cref="StationarityTolerance"/>.</summary>
    public const double DefaultStationarityTolerance = 1e-6;

    /// <summary>Default of <see cref="VarianceFloor"/>: that of all families.</summary>
    public const double DefaultVarianceFloor = VarianceFloors.DefaultShare;

    /// <summary>
    /// Families of the components: one for all columns (<c>gaussian-full</c>, <c>gaussian-diagonal</c>,
    /// <c>gaussian-spherical</c>, <c>gaussian-tied</c>, <c>gamma</c>, <c>exponential</c>, <c>beta</c>, <c>bernoulli</c>,
    /// <c>binomial:N</c>, <c>poisson</c>, <c>categorical</c>), or one per range of columns, counted from 1:
    /// <c>gaussian-diagonal@1-3,poisson@4-6,bernoulli@7</c>.
    /// </summary>
    public required string Family { get; init; }

    /// <summary>Number of components, K; at least 1 and at most the number of rows.</summary>
    public required int Components { get; init; }

    /// <summary>
    /// How the columns are scaled; null for minmax where all families are Gaussian and none otherwise (other families know no
    /// scaling).
    /// </summary>
    public ScalingKind? Scaling { get; init; }

    /// <summary>Iterations (or epochs, with a batch size) at most; 1 to 10,000,000.</summary>
    public int Iterations { get; init; } = DefaultIterations;

    /// <summary>
    /// Starting points; null for <see cref="DefaultRestarts"/>, 1 to 10,000. Each gets a few iterations of EM on at most 16,384
    /// rows; the better two thirds go on, twice as far, until one is left: that one goes on with all rows. With <see cref="From"/>
    /// there is none to choose.
    /// </summary>
    public int? Restarts { get; init; }

    /// <summary>
    /// Pseudo-counts, 0 or more: so many more of every value of a Bernoulli or categorical column, successes and failures of a
    /// binomial one, and rows of the column's mean of a Poisson one, in every component. With 0 the M-step is that of maximum
    /// likelihood; above it no value of such a column is impossible, and the noise residual keeps a part that reports name.
    /// Null for 0, and for 1 where models are selected by held-out rows, whose values training may not have seen.
    /// </summary>
    public double? Smoothing { get; init; }

    /// <summary>
    /// Rows per update of online EM (Cappe and Moulines 2009), with step sizes (t + 2)^-0.7; null for EM over all rows.
    /// Rows in memory come in a new seeded order every epoch, streamed rows in their own.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// Components kept per row in the E-step (truncated posterior); null for all. The ELBO then bounds the log-likelihood
    /// from below, and still never falls.
    /// </summary>
    public int? KeptComponents { get; init; }

    /// <summary>
    /// Least variance as a share of the column's variance; 1e-14 to 1. For covariance matrices it bounds the variance in
    /// every direction, in units of the columns' deviations. When it is active, the training record says so.
    /// </summary>
    public double VarianceFloor { get; init; } = DefaultVarianceFloor;

    /// <summary>
    /// EM has become stationary when the ELBO rises by less than this share of |ELBO| (or of one nat, if more) in ten
    /// iterations, and both residuals of the parameters under the new q are below that. 0 trains to the limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = DefaultStationarityTolerance;

    /// <summary>Seed of starting points and row order.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Weight of each training row that is used, in order, at least 0; null for equal weights. Only ratios count: weights
    /// are scaled to mean 1, so that reports, BIC and AIC speak for the number of rows.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<double>? RowWeights { get; init; }

    /// <summary>
    /// A mixture of the same family and size on the same columns whose parameters are the first, and whose scaling is kept; null to
    /// start from seeded rows.
    /// </summary>
    [JsonIgnore]
    public MixtureModel? From { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        MixtureFamily.Settings.Check(this);
        BadOptionException.ThrowUnless(
            KeptComponents is null || KeptComponents <= Components,
            "kept-components",
            $"'kept-components' is {KeptComponents}; it must be at most the number of components, {Components}.");
        ModelStart.RequireOneStart(From, Restarts ?? 1);
        ModelStart.RequireFamily(From, MixtureSpecification.Parse(Family).Name);
        ModelStart.RequireSame(From, SettingNames.Components, From?.LatentDimension, Components);
        ModelStart.RequireScaling(From, Scaling);
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(MixtureOptions))]
internal sealed partial class MixtureOptionsJson : JsonSerializerContext;
