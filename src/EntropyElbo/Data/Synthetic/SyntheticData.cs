namespace EntropyElbo.Data.Synthetic;

/// <summary>The generators by name, for the tool and for examples.</summary>
public static class SyntheticData
{
    private static readonly Dictionary<string, (int Rows, Func<int, ulong, InMemoryRows> Create)> Generators =
        new(StringComparer.Ordinal)
        {
            ["pca"] = (10_000, (rows, seed) => PcaData.Create(rows, seed)),
            ["pca-ring"] = (10_000, (rows, seed) => PcaRing.Create(rows, seed)),
            ["manifold"] = (50_000, (rows, seed) => ManifoldData.Create(rows, seed)),
            ["sparse-bernoulli"] = (10_000, (rows, seed) => SparseBernoulli.Create(rows, seed)),
            ["bars"] = (1_000, (rows, seed) => Bars.Create(rows, seed)),
            ["blobs"] = (10_000, (rows, seed) => Blobs.Create(rows, seed)),
            ["streaming"] = (30_000, (rows, seed) => StreamingChunks.Create(rows, seed)),
        };

    /// <summary>All names: pca, pca-ring, manifold, sparse-bernoulli, bars, blobs, streaming.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Generators.Keys];

    /// <summary>Rows of the papers' experiments (10,000 per chunk for streaming, where the paper gives none).</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <exception cref="BadOptionException">An unknown name.</exception>
    public static int DefaultRows(string name) => Find(name).Rows;

    /// <summary>Makes a data set with the papers' parameters.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="seed">The seed; the same seed gives the same rows on every machine up to rounding of elementary functions.</param>
    /// <exception cref="BadOptionException">An unknown name, or a number of rows out of range.</exception>
    public static InMemoryRows Create(string name, int rows, ulong seed) => Find(name).Create(rows, seed);

    private static (int Rows, Func<int, ulong, InMemoryRows> Create) Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Generators.TryGetValue(name, out (int Rows, Func<int, ulong, InMemoryRows> Create) found) ? found
            : throw new BadOptionException(
                nameof(name), $"no generator is named '{name}'; the names are {string.Join(", ", Names)}.");
    }
}
