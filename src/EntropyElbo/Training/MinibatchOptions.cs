namespace EntropyElbo.Training;

/// <summary>Options of minibatch training, common to every family that is trained by gradients on batches.</summary>
public sealed record MinibatchOptions
{
    /// <summary>Default of <see cref="BatchSize"/>.</summary>
    public const int DefaultBatchSize = 128;

    /// <summary>Most rows of a batch.</summary>
    public const int MaxBatchSize = 1_000_000;

    /// <summary>
    /// Default of <see cref="LearningRate"/>: three times Adam's own (Kingma and Ba 2015) and the papers' (D App. D.4), since the
    /// rate falls to 0 at the end; measured in docs/experiments.md.
    /// </summary>
    public const double DefaultLearningRate = 3e-3;

    /// <summary>
    /// Updates that <see cref="Epochs"/> allows by default, unless its bounds say otherwise: on the digits more of them fit
    /// the training rows better and others worse (docs/experiments.md).
    /// </summary>
    public const int DefaultUpdates = 6_000;

    /// <summary>Least number of epochs that <see cref="DefaultUpdates"/> makes.</summary>
    public const int LeastEpochs = 20;

    /// <summary>Largest number of epochs that <see cref="DefaultUpdates"/> makes.</summary>
    public const int MostEpochs = 400;

    /// <summary>Epochs at most. Null: enough for <see cref="DefaultUpdates"/> updates, but between <see cref="LeastEpochs"/> and <see cref="MostEpochs"/>.</summary>
    public int? Epochs { get; init; }

    /// <summary>Rows per update; 1 to 1,000,000.</summary>
    public int BatchSize { get; init; } = DefaultBatchSize;

    /// <summary>Learning rate of Adam; above 0, at most 1.</summary>
    public double LearningRate { get; init; } = DefaultLearningRate;

    /// <summary>
    /// Share of the epoch limit over which the learning rate falls to 0 at the end (as a cosine): this takes the noise of
    /// the last steps out of the solution, so that the residuals close. 0 for a constant rate; below 1.
    /// </summary>
    public double SettleShare { get; init; } = 0.25;

    /// <summary>
    /// Training has become stationary, and settles, when both residuals are below this share of |ELBO| and the ELBO rises
    /// by less than a tenth of it between two windows of epochs. 0 trains to the epoch limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = 1e-3;

    /// <summary>Epochs without a better ELBO on the test rows after which training ends with the best parameters; null for no early stopping.</summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>The KL weight while training.</summary>
    public KlSchedule KlWeight { get; init; } = KlSchedule.None;

    /// <summary>Seed of initial values, row order and noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The epoch limit for a number of rows.</summary>
    internal int EpochLimit(long rows)
    {
        long batches = (rows + BatchSize - 1) / BatchSize;
        return Epochs ?? (int)Math.Clamp(DefaultUpdates / Math.Max(1, batches), LeastEpochs, MostEpochs);
    }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate() => MinibatchSettings.All.Check(this);
}
