using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>Covariances of the rows' normal distributions q.</summary>
public enum SparseCovariance
{
    /// <summary>Full up to <see cref="SparseCodingOptions.AutomaticFullLatents"/> latents, else diagonal.</summary>
    Automatic,

    /// <summary>Diagonal: the work of a row grows with H^2, and its bound knows no correlations.</summary>
    Diagonal,

    /// <summary>
    /// Full, and at its optimum <c>(W'W / sigma^2 + diag c)^-1</c> with H numbers a row (Opper and Archambeau 2009): the work of a
    /// row grows with H^3, or with H D^2 where there are more latents than columns.
    /// </summary>
    Full,

    /// <summary>
    /// <c>V V' + diag d</c> with <see cref="SparseCodingOptions.Rank"/> columns of V: for many latents, of which a full covariance
    /// would cost H^3, and for amortised learning. The work of a row grows with H^2 r.
    /// </summary>
    LowRank,
}

/// <summary>Where the codes of rows come from while a model learns.</summary>
public enum SparseCodingLearning
{
    /// <summary>Every row's code is found anew, at its optimum.</summary>
    ESteps,

    /// <summary>
    /// A network maps rows to codes and learns with the fields (V App. D.3): encoding is then a pass through it, and what that costs
    /// is the amortisation gap of the report.
    /// </summary>
    Amortised,
}

/// <summary>How a model that has a network encodes rows.</summary>
public enum SparseCodingEncoding
{
    /// <summary>By the network, with which scales and noise were learned: its residuals vanish.</summary>
    Network,

    /// <summary>By an E-step that starts from the network's output: higher ELBOs, for more work.</summary>
    EStep,
}

/// <summary>Optimisers of sparse coding on all rows. None ever lets the ELBO fall.</summary>
public enum SparseCodingOptimizer
{
    /// <summary>L-BFGS on the generative parameters, with every row's q at its optimum for them.</summary>
    LBfgs,

    /// <summary>
    /// Expectation maximisation with an exact M-step, in which the fields may take any length that is then folded into the scales
    /// (parameter expansion, Liu, Rubin and Wu 1998): no line search, but slow where the noise is small.
    /// </summary>
    Em,

    /// <summary>
    /// As V: L-BFGS on the fields and on mean and Cholesky factor of every row's q together, for full covariances. Slower than the
    /// others by far; for comparison.
    /// </summary>
    Joint,
}

/// <summary>Scales of the latents at the start of a fit.</summary>
public enum ScaleStart
{
    /// <summary>
    /// One scale for all latents until the ELBO hardly rises, on minibatches in the first two epochs, then one each: on random
    /// fields an optimal q with free scales prunes latents that it would need later (measured in docs/experiments.md).
    /// </summary>
    Shared,

    /// <summary>One each from the start.</summary>
    Free,
}

/// <summary>What a minibatch does to the parameters.</summary>
public enum SparseCodingStep
{
    /// <summary>The exact M-step on running sums, into which a batch goes with the share <c>(t + 2)^-0.6</c>.</summary>
    Online,

    /// <summary>As V: the fields go half the way to those of the batch's own M-step, and the scales are the batch's.</summary>
    Paper,
}

/// <summary>Options of sparse coding.</summary>
public sealed record SparseCodingOptions
{
    /// <summary>
    /// Most latents with <see cref="SparseCovariance.Automatic"/> covariances that are full (chosen here: from there on the
    /// inverses cost more than all else).
    /// </summary>
    public const int AutomaticFullLatents = 64;

    /// <summary>Most latents with full covariances: a worker holds some 200 H^2 bytes.</summary>
    public const int MaxFullLatents = 2048;

    /// <summary>Most latents.</summary>
    public const int MaxLatents = 16_384;

    /// <summary>Default of <see cref="Iterations"/> on all rows.</summary>
    public const int DefaultIterations = 2000;

    /// <summary>Default of <see cref="Iterations"/> on minibatches, where they are epochs.</summary>
    public const int DefaultEpochs = 20;

    /// <summary>Most rows of a minibatch.</summary>
    public const int MaxBatchSize = 1_000_000;

    /// <summary>Default of <see cref="Iterations"/> in amortised learning.</summary>
    public const int DefaultAmortisedEpochs = 100;

    /// <summary>Default of <see cref="BatchSize"/> in amortised learning: that of V.</summary>
    public const int DefaultAmortisedBatch = 512;

    /// <summary>Most rows of a minibatch in amortised learning: each takes some 60 D bytes.</summary>
    public const int MaxAmortisedBatch = 8192;

    /// <summary>Default of <see cref="LearningRate"/>: that of V.</summary>
    public const double DefaultLearningRate = 1e-3;

    /// <summary>Default of <see cref="Rank"/>: that of V.</summary>
    public const int DefaultRank = 5;

    /// <summary>Most columns of V.</summary>
    public const int MaxRank = 64;

    /// <summary>Most starting points.</summary>
    public const int MaxRestarts = 10_000;

    /// <summary>Default of <see cref="StationarityTolerance"/>: that of the linear VAE.</summary>
    public const double DefaultStationarityTolerance = 1e-6;

    /// <summary>Default of <see cref="VarianceFloor"/>: that of all families.</summary>
    public const double DefaultVarianceFloor = VarianceFloors.DefaultShare;

    /// <summary>Default of <see cref="InnerTolerance"/>.</summary>
    public const double DefaultInnerTolerance = 1e-9;

    /// <summary>Default of <see cref="EncodingTolerance"/>.</summary>
    public const double DefaultEncodingTolerance = 1e-10;

    /// <summary>Number of latents (fields of the dictionary), H; below, at or above the number of columns.</summary>
    public required int Latents { get; init; }

    /// <summary>
    /// How the columns are scaled; the scaling becomes part of the model. Not at all by default: one noise variance serves all
    /// columns as they are.
    /// </summary>
    public ScalingKind Scaling { get; init; } = ScalingKind.None;

    /// <summary>Covariances of the rows' q.</summary>
    public SparseCovariance Covariance { get; init; } = SparseCovariance.Automatic;

    /// <summary>
    /// Columns of V with <see cref="SparseCovariance.LowRank"/> covariances; H - 1 reach every covariance, and more are not used.
    /// </summary>
    public int Rank { get; init; } = DefaultRank;

    /// <summary>Where codes come from; a network is for diagonal and low-rank covariances, on minibatches.</summary>
    public SparseCodingLearning Learning { get; init; } = SparseCodingLearning.ESteps;

    /// <summary>How a model that has learned with a network encodes rows; part of the model.</summary>
    public SparseCodingEncoding Encoding { get; init; } = SparseCodingEncoding.Network;

    /// <summary>Learning rate of Adam, of network and fields.</summary>
    public double LearningRate { get; init; } = DefaultLearningRate;

    /// <summary>The optimiser on all rows.</summary>
    public SparseCodingOptimizer Optimizer { get; init; } = SparseCodingOptimizer.LBfgs;

    /// <summary>Scales of the latents at the start; not for <see cref="SparseCodingOptimizer.Em"/>.</summary>
    public ScaleStart ScaleStart { get; init; } = ScaleStart.Shared;

    /// <summary>Whether the mean mu is learned; 0 where it is not, as for whitened images (V has none).</summary>
    public bool Centre { get; init; } = true;

    /// <summary>
    /// Rows of a minibatch, for many rows or such as do not fit in memory; null to work on all rows at once. 512 in V. Every
    /// batch's codes are found anew.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>What a minibatch does to the parameters.</summary>
    public SparseCodingStep BatchStep { get; init; } = SparseCodingStep.Online;

    /// <summary>
    /// Weights of the entropies in the first epochs on minibatches, or iterations of EM. While gamma is above 1 the scales are
    /// held: with free ones the objective has no maximum.
    /// </summary>
    public AnnealingSchedule Annealing { get; init; } = AnnealingSchedule.None;

    /// <summary>
    /// Starting points, those of the seeds from <see cref="Seed"/> on, each trained to its end; the one of the highest ELBO is kept.
    /// 1 to <see cref="MaxRestarts"/>, and 1 on minibatches and from a given model.
    /// </summary>
    public int Restarts { get; init; } = 1;

    /// <summary>
    /// Iterations of a start at most, on minibatches epochs; null for <see cref="DefaultIterations"/> or <see cref="DefaultEpochs"/>.
    /// </summary>
    public int? Iterations { get; init; }

    /// <summary>
    /// Training has become stationary when the ELBO rises by less than this share of itself (in units of the columns' spread, or of
    /// one nat, if that is more) in a window of iterations, and both residuals are below ten times as much. 0 trains to the limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = DefaultStationarityTolerance;

    /// <summary>
    /// Least noise variance, and least square of a latent's scale, as a share of the columns' mean variance; 1e-12 to 0.1. Where
    /// one is active the training record says so.
    /// </summary>
    public double VarianceFloor { get; init; } = DefaultVarianceFloor;

    /// <summary>A row's E-step ends in training when its bound rises by less, nats.</summary>
    public double InnerTolerance { get; init; } = DefaultInnerTolerance;

    /// <summary>The same where the model encodes and evaluates rows; part of the model.</summary>
    public double EncodingTolerance { get; init; } = DefaultEncodingTolerance;

    /// <summary>
    /// A model of the same columns whose parameters are the first, and whose scaling is kept, or null for random fields; with more or
    /// fewer latents if you like. L-BFGS goes on with a scale for each latent. In amortised learning its network goes on, where it has
    /// one of the same shape.
    /// </summary>
    [JsonIgnore]
    public SparseCodingModel? From { get; init; }

    /// <summary>Seed of the first fields.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The limit of iterations.</summary>
    internal int Limit => Iterations ?? (IsAmortised ? DefaultAmortisedEpochs : BatchSize is null ? DefaultIterations : DefaultEpochs);

    /// <summary>Whether covariances are diagonal.</summary>
    internal bool IsDiagonal => Covariance == SparseCovariance.Diagonal
        || (Covariance == SparseCovariance.Automatic && (IsAmortised || Latents > AutomaticFullLatents));

    /// <summary>What covariances look like.</summary>
    internal CovarianceShape Shape => Covariance == SparseCovariance.LowRank ? CovarianceShape.LowRank(Rank, Latents) : IsDiagonal;

    /// <summary>Whether a network learns.</summary>
    internal bool IsAmortised => Learning == SparseCodingLearning.Amortised;

    /// <summary>Rows of a batch of amortised learning.</summary>
    internal int AmortisedBatch => BatchSize ?? DefaultAmortisedBatch;

    /// <summary>Epochs over which a certificate judges the rise: batches make it noisy, and Adam takes shorter steps than EM.</summary>
    internal int RiseWindow(long rows) => IsAmortised ? StationarityRule.Window((rows + AmortisedBatch - 1) / AmortisedBatch)
        : BatchSize is null ? 1
        : StationarityRule.WindowEpochs;

    /// <summary>The weights of the entropies.</summary>
    internal AnnealingSchedule Schedule => IsAmortised ? Annealing.Amortised : Annealing;

    /// <summary>Throws where a value is out of range, or two do not go together.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        SparseCodingFamily.Settings.Check(this);
        Annealing.Validate();
        ModelStart.RequireOneStart(From, Restarts);
        ModelStart.RequireScaling(From, Scaling, ScalingKind.None);
        BadOptionException.ThrowUnless(
            Restarts == 1 || (BatchSize is null && !IsAmortised),
            SettingNames.Restarts,
            $"On minibatches there is one fit, not {Restarts} restarts: choose all rows at once, or one start.");
        if (Annealing.Kind != AnnealingKind.None && BatchSize is null && !IsAmortised && Optimizer != SparseCodingOptimizer.Em)
        {
            throw new BadOptionException(
                "annealing", "Annealing is for minibatches and EM: L-BFGS needs one objective throughout. Give a batch size, or the "
                    + "optimizer em.");
        }

        if (Optimizer == SparseCodingOptimizer.Joint && !Shape.IsFull)
        {
            throw new BadOptionException("optimizer", "The optimizer joint is for full covariances: choose these, or another optimizer.");
        }

        if (Covariance == SparseCovariance.Full && Latents > MaxFullLatents)
        {
            throw new BadOptionException(
                "covariance", $"There are {Latents} latents; full covariances are for at most {MaxFullLatents}. Use diagonal ones, or "
                    + $"fewer latents.");
        }

        if (IsAmortised)
        {
            ValidateAmortised();
        }
    }

    private void ValidateAmortised()
    {
        if (Covariance == SparseCovariance.Full)
        {
            throw new BadOptionException(
                "covariance", "A network gives diagonal or low-rank covariances: choose one of these, or learn by E-steps.");
        }

        if (Optimizer != SparseCodingOptimizer.LBfgs || BatchStep != SparseCodingStep.Online)
        {
            string name = Optimizer != SparseCodingOptimizer.LBfgs ? "optimizer" : "batch-step";
            throw new BadOptionException(name, $"Amortised learning is by Adam on minibatches: leave {name} out, or learn by E-steps.");
        }

        if (BatchSize > MaxAmortisedBatch)
        {
            throw new BadOptionException(
                SettingNames.Batch, $"Amortised learning takes batches of at most {MaxAmortisedBatch} rows, and {BatchSize} are given.");
        }
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(SparseCodingOptions))]
internal sealed partial class SparseCodingOptionsJson : JsonSerializerContext;
