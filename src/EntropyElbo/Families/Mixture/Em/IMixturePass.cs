using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Rows;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>Rows of an E-step.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Weights">Their weights, or null.</param>
/// <param name="Places">Their numbers among all rows; empty for all. Read by passes that hold the rows, and by them alone.</param>
internal readonly record struct MixtureBatch(MixtureRows Rows, double[]? Weights, ReadOnlyMemory<int> Places = default);

/// <summary>The E-step of the rows of a data set, or of batches of them.</summary>
internal interface IMixturePass : IDisposable
{
    /// <summary>Whether it holds the rows, so that a batch is given by their numbers.</summary>
    bool HoldsRows { get; }

    /// <summary>Statistics of rows under the posterior of the parameters, without base measure; null when cancelled.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="kept">Components kept per row.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    double[]? Sum(MixtureParameters parameters, int kept, MixtureBatch batch, CancellationToken cancellationToken);
}

/// <summary>The E-step on the threads of an accumulator, which stays its owner's.</summary>
internal sealed class AccumulatorPass(MixtureAccumulator accumulator) : IMixturePass
{
    /// <inheritdoc/>
    public bool HoldsRows => false;

    /// <inheritdoc/>
    public double[]? Sum(MixtureParameters parameters, int kept, MixtureBatch batch, CancellationToken cancellationToken) =>
        accumulator.Sum(
            batch.Rows, batch.Weights, (block, count, work) => parameters.Posterior(block, count, work, kept), cancellationToken);

    public void Dispose()
    {
    }
}
