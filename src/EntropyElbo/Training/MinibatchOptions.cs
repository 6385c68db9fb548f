using System.Text.Json.Serialization;

namespace EntropyElbo.Training;

/// <summary>What training makes of several draws of a row's latents.</summary>
public enum TrainingObjective
{
    /// <summary>The mean of their ELBOs.</summary>
    Elbo,

    /// <summary>
    /// The logarithm of the mean of their importance weights <c>p(x, z) / q(z|x)</c>, which is nearer to the log-likelihood the
    /// more there are (Burda et al. 2016, eq. 8). Of one draw it is a noisier ELBO. Reports show the ELBO all the same.
    /// </summary>
    ImportanceWeighted,
}

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
    /// Updates that <see cref="Epochs"/> allows by default, unless its bounds say otherwise: of few rows more epochs fit those
    /// better and others worse, of many both better (docs/experiments.md).
    /// </summary>
    public const int DefaultUpdates = 12_000;

    /// <summary>Least number of epochs that <see cref="DefaultUpdates"/> makes.</summary>
    public const int LeastEpochs = 20;

    /// <summary>Largest number of epochs that <see cref="DefaultUpdates"/> makes.</summary>
    public const int MostEpochs = 400;

    /// <summary>Default of <see cref="SettleShare"/>.</summary>
    public const double DefaultSettleShare = 0.25;

    /// <summary>Default of <see cref="StationarityTolerance"/>.</summary>
    public const double DefaultStationarityTolerance = 1e-3;

    /// <summary>How much further the default limits lie where the test rows end training.</summary>
    public const int FurtherLimit = 4;

    /// <summary>
    /// Epochs at most. Null: enough for <see cref="DefaultUpdates"/> updates, but between <see cref="LeastEpochs"/> and
    /// <see cref="MostEpochs"/>; of updates and most epochs <see cref="FurtherLimit"/> times as many where the test rows end
    /// training.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>Rows per update; 1 to 1,000,000.</summary>
    public int BatchSize { get; init; } = DefaultBatchSize;

    /// <summary>Learning rate of Adam; above 0, at most 1.</summary>
    public double LearningRate { get; init; } = DefaultLearningRate;

    /// <summary>
    /// Share of the epoch limit over which the learning rate falls to 0 at the end (as a cosine): this takes the noise of
    /// the last steps out of the solution, so that the residuals close. 0 for a constant rate; below 1.
    /// </summary>
    public double SettleShare { get; init; } = DefaultSettleShare;

    /// <summary>
    /// Training has become stationary, and settles, when both residuals are below this share of |ELBO| and the ELBO rises
    /// by less than a tenth of it between two windows of epochs. 0 trains to the epoch limit.
    /// </summary>
    public double StationarityTolerance { get; init; } = DefaultStationarityTolerance;

    /// <summary>
    /// Epochs without a better ELBO of the test rows after which the learning rate falls to 0, over <see cref="SettleShare"/> of
    /// the epochs so far, and training ends with the parameters that were best on those rows. 0 for no early stopping; null for
    /// what the fit's context asks, see <see cref="FitContext.StopsByTestRows"/>.
    /// </summary>
    public int? EarlyStoppingPatience { get; init; }

    /// <summary>The KL weight while training.</summary>
    public KlSchedule KlWeight { get; init; } = KlSchedule.None;

    /// <summary>Weights of the ELBO's parts over the first epochs, for families that are VAEs; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EntropyAnnealing? Annealing { get; init; }

    /// <summary>
    /// Draws of the latents a row in every update; 1 to 1,000. Their gradients are averaged, or weighted, as
    /// <see cref="Objective"/> says.
    /// </summary>
    [JsonIgnore]
    public int Samples { get; init; } = 1;

    /// <summary>What the draws of a row are put together to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TrainingObjective Objective { get; init; } = TrainingObjective.Elbo;

    /// <summary><see cref="Samples"/> in the text that checkpoints compare, where it is not what older versions knew.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    internal int FurtherSamples => Samples - 1;

    /// <summary>Seed of initial values, row order and noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The epoch limit for a number of rows.</summary>
    /// <param name="rows">Training rows.</param>
    /// <param name="stopsByTestRows">Whether test rows end training before it, so that the limit may lie far.</param>
    internal int EpochLimit(long rows, bool stopsByTestRows = false)
    {
        long batches = (rows + BatchSize - 1) / BatchSize;
        int most = stopsByTestRows ? FurtherLimit : 1;
        return Epochs ?? (int)Math.Clamp(most * (long)DefaultUpdates / Math.Max(1, batches), LeastEpochs, most * MostEpochs);
    }

    /// <summary>The first epoch from which the objective no longer changes.</summary>
    internal int SettledEpoch => Math.Max(KlWeight.SettledEpoch, Annealing?.SettledEpoch ?? 0);

    /// <summary>The weights of an update.</summary>
    /// <param name="epoch">Zero-based epoch.</param>
    /// <param name="time">The time in epochs.</param>
    internal StepWeights Weights(int epoch, double time)
    {
        double beta = KlWeight.At(time);
        if (Annealing is not { } annealing)
        {
            return beta;
        }

        (double prior, double likelihood) = annealing.At(epoch);
        return new StepWeights(beta * prior / likelihood, beta / likelihood);
    }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        MinibatchSettings.All.Check(this);
        Annealing?.Validate();
        if (Objective == TrainingObjective.ImportanceWeighted && (Annealing is not null || KlWeight != KlSchedule.None))
        {
            throw new BadOptionException(
                "objective",
                "Importance weights are those of the ELBO as it is: leave out 'beta', 'kl-schedule' and 'entropy-annealing', or the "
                    + "objective importance-weighted.");
        }
    }
}
