using EntropyElbo.Families.Vae;
using EntropyElbo.Training;
using Microsoft.ML.SearchSpace;

namespace MLNet.EntropyElbo;

/// <summary>Options of the families that are networks trained in minibatches.</summary>
public abstract class NetworkOptions : LatentOptions
{
    private protected NetworkOptions()
    {
    }

    /// <summary>
    /// Hidden layer sizes of the encoder, from the rows inward; the decoder mirrors them. Null: made of <see cref="HiddenLayers"/>
    /// and <see cref="HiddenUnits"/>; empty: linear maps.
    /// </summary>
    public IReadOnlyList<int>? Hidden { get; set; }

    /// <summary>Units of the first hidden layer, where <see cref="Hidden"/> is null; every further one has half as many.</summary>
    [Range(16, 512, 128, true)]
    public int HiddenUnits { get; set; } = GaussianVaeOptions.DefaultHidden[0];

    /// <summary>Number of hidden layers, where <see cref="Hidden"/> is null.</summary>
    [Range(1, 3, 2)]
    public int HiddenLayers { get; set; } = GaussianVaeOptions.DefaultHidden.Count;

    /// <summary>Epochs at most; null for the family's own.</summary>
    public int? Epochs { get; set; }

    /// <summary>Rows per update.</summary>
    [Range(32, 1024, MinibatchOptions.DefaultBatchSize, true)]
    public int BatchSize { get; set; } = MinibatchOptions.DefaultBatchSize;

    /// <summary>Learning rate of Adam.</summary>
    [Range(1e-4, 1e-2, MinibatchOptions.DefaultLearningRate, true)]
    public double LearningRate { get; set; } = MinibatchOptions.DefaultLearningRate;

    /// <summary>Weight of the KL term while training; reports show the un-weighted ELBO.</summary>
    public double KlWeight { get; set; } = 1;

    /// <summary>The KL term's weight over the epochs, such as a warm-up; null for <see cref="KlWeight"/> throughout.</summary>
    public KlSchedule? KlSchedule { get; set; }

    /// <summary>
    /// Weights of the ELBO's parts over the first epochs; null for none. A weight on the prior alone is for the members whose prior
    /// is learned.
    /// </summary>
    public EntropyAnnealing? EntropyAnnealing { get; set; }

    /// <summary>Draws of the latents a row in every update.</summary>
    public int TrainingSamples { get; set; } = 1;

    /// <summary>
    /// What training makes of those draws: the mean of their ELBOs, or the logarithm of the mean of their importance weights (on the
    /// CPU only). Reports show the ELBO all the same.
    /// </summary>
    public TrainingObjective Objective { get; set; } = TrainingObjective.Elbo;

    /// <summary>Share of the epochs over which the learning rate falls to 0 at the end; 0 for a constant rate.</summary>
    public double SettleShare { get; set; } = MinibatchOptions.DefaultSettleShare;

    /// <summary>
    /// Share of the ELBO below which changes and residuals count as none, so that training settles; 0 trains to the limit of epochs.
    /// </summary>
    public double StationarityTolerance { get; set; } = MinibatchOptions.DefaultStationarityTolerance;

    /// <summary>
    /// Whether <see cref="LatentOptions.TestData"/> end training where <see cref="EarlyStoppingPatience"/> does not say: after 500
    /// updates, 5 epochs at least, without a better ELBO of theirs, with the best parameters. The default limit of epochs is then
    /// four times as far.
    /// </summary>
    public bool StopsByTestData { get; set; }

    /// <summary>
    /// Epochs without a better ELBO on <see cref="LatentOptions.TestData"/> after which training ends with the best parameters;
    /// null for what <see cref="StopsByTestData"/> says.
    /// </summary>
    public int? EarlyStoppingPatience { get; set; }

    /// <summary>The hidden layers that the options ask for.</summary>
    internal IReadOnlyList<int> HiddenSizes =>
        Hidden ?? [.. Enumerable.Range(0, Math.Max(0, HiddenLayers)).Select(layer => Math.Max(1, HiddenUnits >> layer))];

    /// <summary>The minibatch options that the options ask for.</summary>
    internal MinibatchOptions Minibatch(ulong seed) => new()
    {
        Epochs = Epochs,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        KlWeight = KlSchedule ?? new KlSchedule { Weight = KlWeight },
        EarlyStoppingPatience = EarlyStoppingPatience,
        Annealing = EntropyAnnealing,
        Samples = TrainingSamples,
        Objective = Objective,
        SettleShare = SettleShare,
        StationarityTolerance = StationarityTolerance,
        Seed = seed,
    };
}
