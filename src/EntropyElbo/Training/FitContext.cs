using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>A trainer: options bound, ready to fit. Holds no state of a fit, so one trainer may fit many times, on many threads.</summary>
public interface ITrainer
{
    /// <summary>Trains a model on rows.</summary>
    /// <param name="rows">The training rows; read from the start as often as the family needs.</param>
    /// <param name="context">Surroundings of the fit; null for defaults.</param>
    /// <param name="cancellationToken">
    /// Training ends at the next step, and the model so far is returned with <see cref="StopReason.Cancelled"/>, or as
    /// <see cref="FitContext.ThrowsWhenCancelled"/> asks.
    /// </param>
    /// <returns>The model, with its final report over the training rows.</returns>
    /// <exception cref="BadDataException">The rows cannot be learnt from.</exception>
    /// <exception cref="BadOptionException">An option is out of range or does not fit the rows.</exception>
    /// <exception cref="TrainingException">A value stopped being finite.</exception>
    FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default);
}

/// <summary>What a fit returns.</summary>
/// <param name="Model">The trained model.</param>
/// <param name="Elapsed">Wall-clock time of training, without the final report.</param>
/// <param name="RowsPerSecond">Training rows processed per second, all epochs counted.</param>
/// <param name="History">Progress after each epoch.</param>
public sealed record FitResult(LatentModel Model, TimeSpan Elapsed, double RowsPerSecond, IReadOnlyList<FitProgress> History);

/// <summary>
/// Surroundings of one fit. Threads, progress and checkpoints do not change what is learnt. Which rows count
/// (<see cref="MissingValues"/>, <see cref="TestRows"/> under early stopping), in which order minibatches see them
/// (<see cref="Caching"/>), and when training ends (cancellation, time budget) do.
/// </summary>
public sealed record FitContext
{
    /// <summary>Threads; 0 for one per core. The model does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>Held-out rows: reported, and used by early stopping where a family's options ask for it.</summary>
    public IRowSource? TestRows { get; init; }

    /// <summary>
    /// Whether <see cref="TestRows"/> end minibatch training where its options do not say: it settles once their ELBO has not risen
    /// for 500 updates, 5 epochs at least, and ends with the parameters that were best on them.
    /// </summary>
    public bool StopsByTestRows { get; init; }

    /// <summary>What to do with rows that hold missing values.</summary>
    public MissingValues MissingValues { get; init; } = MissingValues.Reject;

    /// <summary>
    /// Whether progress also holds what takes memory or time: the entropy and the KL divergence of every latent (16 H bytes an
    /// epoch, in checkpoints too), and the ELBO of the test rows after every epoch of minibatch training, which is else measured
    /// under early stopping only.
    /// </summary>
    public bool Traces { get; init; }

    /// <summary>Receives progress after each epoch.</summary>
    public IProgress<FitProgress>? Progress { get; init; }

    /// <summary>The token of the fit, for its loops.</summary>
    internal CancellationToken CancellationToken { get; init; }

    /// <summary>
    /// Whether a cancelled fit throws <see cref="OperationCanceledException"/> instead of returning the model so far: for callers
    /// that would throw that model away, and with it the time that its report takes.
    /// </summary>
    public bool ThrowsWhenCancelled { get; init; }

    /// <summary>Training ends after the first epoch that passes this time, or null.</summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>
    /// File that keeps the state of training, written every <see cref="CheckpointEpochs"/> epochs and at the end; or null.
    /// </summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Epochs between checkpoints.</summary>
    public int CheckpointEpochs { get; init; } = 1;

    /// <summary>
    /// Whether to go on from <see cref="CheckpointPath"/> if it exists; the result has the same bits as an uninterrupted fit. A VAE
    /// can go on with another learning rate and limit of epochs too, other families with a higher limit; data and other options
    /// must be the same.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>
    /// Whether the fit ends with a <see cref="ConvergenceCertificate"/>, which takes one pass over the rows on the CPU, or four E-steps of EM;
    /// without one, <see cref="TrainingRecord.Converged"/> only says whether training ended as stationary by its own measure.
    /// </summary>
    public bool Certificate { get; init; } = true;

    /// <summary>What computes the heavy parts; the bits of the result depend on it.</summary>
    public ComputeEngine Engine { get; init; } = ComputeEngine.Cpu;

    /// <summary>Where rows are kept while training.</summary>
    public RowCaching Caching { get; init; } = RowCaching.Memory;

    /// <summary>
    /// Largest value of each column over more rows than those of the fit, held-out ones among them, or null: categories are
    /// known before rows are split.
    /// </summary>
    internal Func<double[]>? ColumnMaxima { get; init; }

    /// <summary>Whether variances and scales stay as training left them, for experiments on what closing them is worth.</summary>
    internal bool LeavesScales { get; init; }

    /// <summary>Pseudo-counts of families that have them and whose options name none.</summary>
    internal double DefaultSmoothing { get; init; }

    /// <summary>What this fit has in common with others, or null.</summary>
    internal SharedWork? Shared { get; init; }

    /// <summary>The number of threads to use.</summary>
    internal int ThreadCount => Threads > 0 ? Threads : Environment.ProcessorCount;
}

/// <summary>Where training keeps rows.</summary>
public enum RowCaching
{
    /// <summary>
    /// What a family trains on is in memory: all rows, scaled, 4 N D bytes for networks, 8 N D for mixtures. Of text and compressed
    /// files the rows are kept as they are read (4 bytes a value where floats hold every digit, else 8), where that takes at most a
    /// quarter of the machine's memory: then a file is parsed once, and else in every pass.
    /// </summary>
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

    /// <summary>
    /// ELBO of the test rows, when there are any and the epoch measured it; under early stopping that of the running average of the
    /// parameters until the learning rate falls.
    /// </summary>
    public double? TestElbo { get; init; }

    // What follows is null where a family does not know it, and in checkpoints of older versions.

    /// <summary>Mean expected log-likelihood of the rows.</summary>
    public double? Reconstruction { get; init; }

    /// <summary>Mean KL divergence.</summary>
    public double? Kl { get; init; }

    /// <summary>Mean entropy of the encoder distributions.</summary>
    public double? EncoderEntropy { get; init; }

    /// <summary>Entropy of the prior.</summary>
    public double? PriorEntropy { get; init; }

    /// <summary>Mean expected entropy, or pseudo entropy, of the observable distribution.</summary>
    public double? DecoderEntropy { get; init; }

    /// <summary>Mean log base measure.</summary>
    public double? BaseMeasure { get; init; }

    /// <summary>
    /// The noise variance, sigma^2, after the epoch, in squared units of the scaled columns; the geometric mean where there are
    /// several.
    /// </summary>
    public double? NoiseVariance { get; init; }

    /// <summary>Learning rate of the epoch's first update.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Weight of the KL term, beta, in the epoch's first update.</summary>
    public double? KlWeight { get; init; }

    /// <summary>Weight of the expected log prior, gamma, under entropy annealing.</summary>
    public double? PriorWeight { get; init; }

    /// <summary>Weight of the expected log-likelihood, delta, under entropy annealing.</summary>
    public double? LikelihoodWeight { get; init; }

    /// <summary>
    /// Euclidean length of the gradient of the weighted ELBO, in nats per row, by all parameters that are learned by it, over the
    /// epoch's first batch before its update: the batch's noise is in it.
    /// </summary>
    public double? GradientNorm { get; init; }

    /// <summary>Mean encoder entropy of every latent, where <see cref="FitContext.Traces"/> asks for it.</summary>
    public IReadOnlyList<double>? LatentEntropies { get; init; }

    /// <summary>Mean KL divergence of every latent, where <see cref="FitContext.Traces"/> asks for it.</summary>
    public IReadOnlyList<double>? LatentKl { get; init; }

    /// <summary>Time since the fit began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Training rows processed per second.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>This progress with the parts that its ELBO and entropy sum are made of.</summary>
    internal FitProgress With(ElboParts parts) => this with
    {
        Reconstruction = parts.Reconstruction,
        Kl = parts.Kl,
        EncoderEntropy = parts.EncoderEntropy,
        PriorEntropy = parts.PriorEntropy,
        DecoderEntropy = parts.DecoderEntropy,
        BaseMeasure = parts.BaseMeasure,
    };
}
