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

    /// <summary>Epochs at most. Null: enough for <see cref="DefaultUpdates"/> updates, but between 20 and 400.</summary>
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
        return Epochs ?? (int)Math.Clamp(DefaultUpdates / Math.Max(1, batches), 20, 400);
    }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        Require(Epochs is null or (>= 1 and <= 10_000_000), "epochs", $"The number of epochs is {Epochs}; it must be between 1 and 10,000,000.");
        Require(BatchSize is >= 1 and <= MaxBatchSize, "batch", $"The batch size is {BatchSize}; it must be between 1 and 1,000,000.");
        Require(LearningRate is > 0 and <= 1, "learning-rate", $"The learning rate is {LearningRate}; it must be above 0 and at most 1.");
        Require(SettleShare is >= 0 and < 1, "settle-share", $"The settling share is {SettleShare}; it must be at least 0 and below 1.");
        Require(StationarityTolerance is >= 0 and < 1, "stationarity-tolerance", $"The stationarity tolerance is {StationarityTolerance}; it must be at least 0 and below 1.");
        Require(EarlyStoppingPatience is null or >= 1, "early-stopping", $"The patience of early stopping is {EarlyStoppingPatience}; it must be at least 1 epoch.");
        KlWeight.Validate();
    }

    private static void Require(bool holds, string option, InvariantText message)
    {
        if (!holds)
        {
            throw new BadOptionException(option, message);
        }
    }
}
