namespace EntropyElbo.Models.Mixture;

/// <summary>The E-step of a whole data set elsewhere than on the library's own threads.</summary>
internal interface IMixturePass : IDisposable
{
    /// <summary>Statistics of all rows under the posterior of the parameters, without base measure; null when cancelled.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="kept">Components kept per row.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    double[]? Sum(MixtureParameters parameters, int kept, CancellationToken cancellationToken);
}
