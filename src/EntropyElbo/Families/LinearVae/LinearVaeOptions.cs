using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>Optimisers of the linear VAE.</summary>
public enum LinearVaeOptimizer
{
    /// <summary>L-BFGS on the closed-form ELBO of all rows: two passes over the data, then D x D statistics alone.</summary>
    LBfgs,

    /// <summary>Adam on the closed-form ELBO of minibatches.</summary>
    Adam,
}

/// <summary>Where training of a linear VAE starts.</summary>
public enum LinearVaeInitialisation
{
    /// <summary>Small random weights.</summary>
    Random,

    /// <summary>The closed-form solution of probabilistic PCA, which is the optimum (D Cor. 2). With L-BFGS only.</summary>
    ClosedForm,
}

/// <summary>Options of a linear VAE.</summary>
public sealed record LinearVaeOptions
{
    /// <summary>Default of <see cref="Iterations"/> for L-BFGS.</summary>
    public const int DefaultIterations = 5000;

    /// <summary>Default of <see cref="Iterations"/> for Adam: passes over the rows.</summary>
    public const int DefaultEpochs = 200;

    /// <summary>Default of <see cref="BatchSize"/>.</summary>
    public const int DefaultBatchSize = 128;

    /// <summary>Default of <see cref="LearningRate"/> (D App. A).</summary>
    public const double DefaultLearningRate = 0.002;

    /// <summary>Default of <see cref="StationarityTolerance"/>.</summary>
    public const double DefaultStationarityTolerance = 1e-6;

    /// <summary>Default of <see cref="VarianceFloor"/>: that of all families.</summary>
    public const double DefaultVarianceFloor = VarianceFloors.DefaultShare;

    /// <summary>Default of <see cref="Scaling"/>.</summary>
    internal const ScalingKind DefaultScaling = ScalingKind.MinMax;

    /// <summary>Number of latents, H; at least 1 and at most D - 1.</summary>
    public required int Latents { get; init; }

    /// <summary>How the columns are scaled; the scaling becomes part of the model.</summary>
    public ScalingKind Scaling { get; init; } = DefaultScaling;

    /// <summary>The optimiser.</summary>
    public LinearVaeOptimizer Optimizer { get; init; } = LinearVaeOptimizer.LBfgs;

    /// <summary>Where training starts.</summary>
    public LinearVaeInitialisation Initialisation { get; init; } = LinearVaeInitialisation.Random;

    /// <summary>
    /// A linear VAE of as many latents on the same columns whose parameters are the first, and whose scaling is kept; null for
    /// <see cref="Initialisation"/>.
    /// </summary>
    [JsonIgnore]
    public LinearVaeModel? From { get; init; }

    /// <summary>Iterations of L-BFGS, or epochs of Adam, at most; null for the optimiser's default.</summary>
    public int? Iterations { get; init; }

    /// <summary>Rows per update of Adam; 1 to 1,000,000.</summary>
    public int BatchSize { get; init; } = DefaultBatchSize;

    /// <summary>Learning rate of Adam; above 0, at most 1.</summary>
    public double LearningRate { get; init; } = DefaultLearningRate;

    /// <summary>
    /// L-BFGS has become stationary when both residuals are below this share of |ELBO| and the ELBO rises by less than a
    /// thousandth of it in 50 iterations. 0 trains to the limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = DefaultStationarityTolerance;

    /// <summary>
    /// Least noise variance, as a share of the mean variance of the scaled columns that vary (in
    /// <see cref="LinearVaeLearner"/>, absolute); 1e-14 to 1. When it is active, the training record says so.
    /// </summary>
    public double VarianceFloor { get; init; } = DefaultVarianceFloor;

    /// <summary>Seed of initial values and row order.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The iteration limit.</summary>
    internal int Limit => Iterations ?? (Optimizer == LinearVaeOptimizer.Adam ? DefaultEpochs : DefaultIterations);

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        LinearVaeFamily.Settings.Check(this);
        ModelStart.RequireSame(From, SettingNames.Latents, From?.LatentDimension, Latents);
        ModelStart.RequireScaling(From, Scaling, DefaultScaling);
        ModelStart.RequireAlone(From, "initialisation", Initialisation != LinearVaeInitialisation.Random);
        if (Initialisation != LinearVaeInitialisation.Random && Optimizer != LinearVaeOptimizer.LBfgs)
        {
            throw new BadOptionException("initialisation", "The closed-form start is for the optimizer L-BFGS; with Adam start at random.");
        }
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(LinearVaeOptions))]
internal sealed partial class LinearVaeOptionsJson : JsonSerializerContext;
