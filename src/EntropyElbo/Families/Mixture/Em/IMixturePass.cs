using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>The E-step of the rows of a data set, or of batches of them, elsewhere than on the library's own threads.</summary>
internal interface IMixturePass : IDisposable
{
    /// <summary>Statistics of rows under the posterior of the parameters, without base measure; null when cancelled.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="kept">Components kept per row.</param>
    /// <param name="batch">Numbers of the rows; empty for all.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    double[]? Sum(MixtureParameters parameters, int kept, ReadOnlySpan<int> batch, CancellationToken cancellationToken);
}
