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
    /// Epochs without a better ELBO on <see cref="LatentOptions.TestData"/> after which training ends with the best parameters;
    /// null for no early stopping.
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
        Seed = seed,
    };
}
