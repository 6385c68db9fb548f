using EntropyElbo;

namespace MLNet.EntropyElbo.Zip;

/// <summary>Names of the columns that a transformer adds; null where a column is not wanted.</summary>
internal sealed record OutputColumns
{
    /// <summary>Latent means, or responsibilities.</summary>
    public required string Means { get; init; }

    /// <summary>Latent variances.</summary>
    public required string? Variances { get; init; }

    /// <summary>Rows decoded from their latent means.</summary>
    public required string? Reconstruction { get; init; }

    /// <summary>Minus the ELBO of the row, in units of the data.</summary>
    public required string? AnomalyScore { get; init; }

    /// <summary>Whether the anomaly score is above the threshold.</summary>
    public string? PredictedLabel { get; init; }

    /// <summary>The columns' parts of the anomaly score, in units of the data.</summary>
    public string? ColumnScores { get; init; }

    /// <summary>The latents' parts of it: KL divergences.</summary>
    public string? Kl { get; init; }

    /// <summary>ELBO of the row, in units of the data.</summary>
    public required string? Elbo { get; init; }

    /// <summary>Most likely component, a key.</summary>
    public required string? Component { get; init; }

    /// <summary>Distances to the components, -log responsibility.</summary>
    public required string? Distances { get; init; }

    /// <summary>The names in use.</summary>
    public IEnumerable<string> Names =>
        new[] { Means, Variances, Reconstruction, AnomalyScore, Elbo, ColumnScores, Kl, Component, Distances, PredictedLabel }.OfType<string>();

    /// <summary>Throws where names are empty or given twice.</summary>
    /// <exception cref="BadOptionException">The message names the column.</exception>
    public void Validate()
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string name in Names)
        {
            if (string.IsNullOrWhiteSpace(name))
            {
                throw new BadOptionException(
                    "output column", "An output column has an empty name; name it, or leave it null where it is not wanted.");
            }

            if (!seen.Add(name))
            {
                throw new BadOptionException("output column", $"Two output columns have the name '{name}'; give each its own.");
            }
        }
    }

    /// <summary>Slot names of a model's latents, or of other slots that are counted.</summary>
    public static ReadOnlyMemory<char>[] SlotNames(int count, string prefix) =>
        [.. Enumerable.Range(0, count).Select(h => FormattableString.Invariant($"{prefix}{h}").AsMemory())];
}
