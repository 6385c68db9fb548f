using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What learns of amortised learning on the host: the network and its optimiser.</summary>
/// <param name="Encoder">The network with its parameters.</param>
/// <param name="Adam">Its optimiser.</param>
internal sealed record AmortisedState(RowEncoder Encoder, Adam<float> Adam);

/// <summary>Codes of batches by a network that learns, and its updates.</summary>
internal interface IAmortisedSteps : IDisposable
{
    /// <summary>Codes of the current batch and their sums; where it is learned from, the gradients too.</summary>
    /// <param name="parameters">Of the ELBO.</param>
    /// <param name="prior">gamma.</param>
    /// <param name="noise">delta.</param>
    /// <param name="isLearning">Whether gradients are wanted.</param>
    /// <param name="sums">Overwritten.</param>
    void Encode(SparseCodingParameters parameters, double prior, double noise, bool isLearning, SparseCodingSums sums);

    /// <summary>Derivatives of the batch's mean weighted ELBO by the fields, along the unit spheres.</summary>
    /// <param name="gradient">[H, D], filled.</param>
    void FieldGradients(MatrixView<double> gradient);

    /// <summary>An update of the network by the batch's gradient.</summary>
    void Learn(double learningRate);

    /// <summary>Takes network and optimiser from the host.</summary>
    void Load();

    /// <summary>Brings those on the host up to date.</summary>
    void Store();
}

/// <summary>The steps of amortised learning.</summary>
internal sealed class AmortisedStepsTask(AmortisedState state, TrainingRows rows, int batchRows, int threads) : EngineTask<IAmortisedSteps>
{
    /// <summary>Network and optimiser.</summary>
    public AmortisedState State => state;

    /// <summary>The training rows in batches.</summary>
    public TrainingRows Rows => rows;

    /// <inheritdoc/>
    public override IAmortisedSteps OnCpu() => new AmortisedSteps(state, rows, batchRows, threads);
}
