using EntropyElbo.Data;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>A trainer: options bound, ready to fit. Holds no state of a fit, so one trainer may fit many times, on many threads.</summary>
public interface ITrainer
{
    /// <summary>Trains a model on rows.</summary>
    /// <param name="rows">The training rows; read from the start as often as the family needs.</param>
    /// <param name="context">Surroundings of the fit; null for defaults.</param>
    /// <returns>The model, with its final report over the training rows.</returns>
    /// <exception cref="BadDataException">The rows cannot be learnt from.</exception>
    /// <exception cref="BadOptionException">An option is out of range or does not fit the rows.</exception>
    /// <exception cref="TrainingException">A value stopped being finite.</exception>
    FitResult Fit(IRowSource rows, FitContext? context = null);
}

/// <summary>What a fit returns.</summary>
/// <param name="Model">The trained model.</param>
/// <param name="Elapsed">Wall-clock time of training, without the final report.</param>
/// <param name="RowsPerSecond">Training rows processed per second, all epochs counted.</param>
/// <param name="History">Progress after each epoch.</param>
public sealed record FitResult(LatentModel Model, TimeSpan Elapsed, double RowsPerSecond, IReadOnlyList<FitProgress> History);

/// <summary>
/// Surroundings of one fit. Threads, progress and checkpoints do not change what is learnt. Which rows count (<see cref="MissingValues"/>, <see cref="TestRows"/> under
/// early stopping), in which order minibatches see them (<see cref="Caching"/>), and when training ends (cancellation, time budget) do.
/// </summary>
public sealed record FitContext
{
    /// <summary>Threads; 0 for one per core. The model does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Held-out rows: reported, and used by early stopping where a family's options ask for it.</summary>
    public IRowSource? TestRows { get; init; }

    /// <summary>What to do with rows that hold missing values.</summary>
    public MissingValues MissingValues { get; init; } = MissingValues.Reject;

    /// <summary>Receives progress after each epoch.</summary>
    public IProgress<FitProgress>? Progress { get; init; }

    /// <summary>Training ends at the next step, and the model so far is returned with <see cref="StopReason.Cancelled"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>
    /// Whether a cancelled fit throws <see cref="OperationCanceledException"/> instead of returning the model so far: for callers that would throw that model
    /// away, and with it the time that its report takes.
    /// </summary>
    public bool ThrowsWhenCancelled { get; init; }

    /// <summary>Training ends after the first epoch that passes this time, or null.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>File that keeps the state of training, written every <see cref="CheckpointEpochs"/> epochs and at the end; or null.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Epochs between checkpoints.</summary>
    public int CheckpointEpochs { get; init; } = 1;

    /// <summary>
    /// Whether to go on from <see cref="CheckpointPath"/> if it exists; the result has the same bits as an uninterrupted fit. A VAE can go on with another
    /// learning rate and limit of epochs too, other families with a higher limit; data and other options must be the same.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Where rows are kept while training.</summary>
    public RowCaching Caching { get; init; } = RowCaching.Memory;

    /// <summary>
    /// Largest value of each column over more rows than those of the fit, held-out ones among them, or null: categories are
    /// known before rows are split.
    /// </summary>
    internal Func<double[]>? ColumnMaxima { get; init; }

    /// <summary>Pseudo-counts of families that have them and whose options name none.</summary>
    internal double DefaultSmoothing { get; init; }

    /// <summary>What computes means and scatter matrices in the library's place, or null.</summary>
    internal IMomentsReader? Moments { get; init; }

    /// <summary>Makes what computes the ELBO of a linear VAE and its gradient in the library's place, or null.</summary>
    internal LinearVaeObjectiveFactory? LinearVae { get; init; }

    /// <summary>Makes what takes the E-steps of a mixture in the library's place, or gives null; or null.</summary>
    internal Func<MixtureProblem, IMixturePass?>? Mixtures { get; init; }

    /// <summary>Makes what takes the E-steps of a sigmoid belief net in the library's place, for its first parameters; or null.</summary>
    internal ExpectationFactory? Beliefs { get; init; }

    /// <summary>The number of threads to use.</summary>
    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;
}

/// <summary>Where training keeps rows.</summary>
public enum RowCaching
{
    /// <summary>All rows, scaled, as 4-byte floats in memory: 4 N D bytes.</summary>
    Memory,

    /// <summary>Rows are read again in every epoch through a shuffling buffer of bounded size.</summary>
    Stream,
}

/// <summary>Where training stands after an epoch. Values are nats per row, over the epoch's steps.</summary>
public sealed record FitProgress
{
    /// <summary>Epochs done.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs at most.</summary>
    public required int Epochs { get; init; }

    /// <summary>Mean ELBO of the epoch, un-weighted.</summary>
    public required double Elbo { get; init; }

    /// <summary>Entropy sum of the epoch.</summary>
    public required double EntropySum { get; init; }

    /// <summary>Prior residual of the epoch.</summary>
    public required double PriorResidual { get; init; }

    /// <summary>Noise residual of the epoch.</summary>
    public required double NoiseResidual { get; init; }

    /// <summary>Latents collapsed by the entropy criterion.</summary>
    public required int Collapsed { get; init; }

    /// <summary>ELBO of the test rows, when there are any and the epoch measured it.</summary>
    public double? TestElbo { get; init; }

    /// <summary>Time since the fit began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Training rows processed per second.</summary>
    public required double RowsPerSecond { get; init; }
}

/// <summary>
/// Settings common to the families, as the tool and model selection name them. Null means the family's own default; a
/// setting that a family does not have is refused with <see cref="BadOptionException"/>.
/// </summary>
public sealed record FitSettings
{
    /// <summary>Number of latents, H.</summary>
    public int? Latents { get; init; }

    /// <summary>Number of mixture components.</summary>
    public int? Components { get; init; }

    /// <summary>Hidden layer sizes of the encoder, from the rows inward; the decoder mirrors them.</summary>
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Convolutional networks for rows that are images, in place of hidden layers.</summary>
    public ImageNetworks? Images { get; init; }

    /// <summary>Epochs or iterations at most.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rows per parameter update.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Learning rate of Adam.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Seed of everything random in the fit.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Observable distribution, for example <c>gaussian</c> or <c>binomial:8</c>.</summary>
    public string? Likelihood { get; init; }

    /// <summary>Weight of the KL term while training.</summary>
    public double? Beta { get; init; }

    /// <summary>Scaling of the columns.</summary>
    public ScalingKind? Scaling { get; init; }

    /// <summary>Starting points of a mixture.</summary>
    public int? Restarts { get; init; }

    /// <summary>Pseudo-counts of a mixture's discrete columns.</summary>
    public double? Smoothing { get; init; }

    /// <summary>Throws if a setting is given that the family does not have.</summary>
    /// <param name="family">The family's name.</param>
    /// <param name="supported">Names of the settings it has, beside Seed and Scaling.</param>
    internal void Refuse(string family, params ReadOnlySpan<string> supported)
    {
        Check(nameof(Latents), Latents is not null, "latents", family, supported);
        Check(nameof(Components), Components is not null, "components", family, supported);
        Check(nameof(Hidden), Hidden is not null, "hidden", family, supported);
        Check(nameof(Images), Images is not null, "image", family, supported);
        Check(nameof(Epochs), Epochs is not null, "epochs", family, supported);
        Check(nameof(BatchSize), BatchSize is not null, "batch", family, supported);
        Check(nameof(LearningRate), LearningRate is not null, "learning-rate", family, supported);
        Check(nameof(Likelihood), Likelihood is not null, "likelihood", family, supported);
        Check(nameof(Beta), Beta is not null, "beta", family, supported);
        Check(nameof(Restarts), Restarts is not null, "restarts", family, supported);
        Check(nameof(Smoothing), Smoothing is not null, "smoothing", family, supported);
    }

    private static void Check(string name, bool given, string option, string family, ReadOnlySpan<string> supported)
    {
        if (given && !supported.Contains(name))
        {
            throw new BadOptionException(option, $"The model {family} has no setting '{option}'; leave it out.");
        }
    }
}
