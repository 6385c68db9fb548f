namespace EntropyElbo.Models;

/// <summary>Where the terms of a block's ELBOs go; a span without length is not wanted.</summary>
/// <param name="columns">[n, D].</param>
/// <param name="kl">[n, parts of the latents].</param>
/// <param name="entropies">[n, parts of the latents].</param>
internal readonly ref struct RowTermSpans(Span<double> columns, Span<double> kl, Span<double> entropies)
{
    /// <summary>Expected log-likelihood of each column.</summary>
    public Span<double> Columns { get; } = columns;

    /// <summary>KL divergence by parts of the latents.</summary>
    public Span<double> Kl { get; } = kl;

    /// <summary>Entropy of the encoder by parts of the latents.</summary>
    public Span<double> Entropies { get; } = entropies;

    /// <summary>Those of some rows.</summary>
    public RowTermSpans Slice(int start, int count, int columns, int parts) =>
        new(Part(Columns, start, count, columns), Part(Kl, start, count, parts), Part(Entropies, start, count, parts));

    /// <summary>Those of one row.</summary>
    public RowTermSpans Row(int row, int columns, int parts) => Slice(row, 1, columns, parts);

    private static Span<double> Part(Span<double> terms, int start, int count, int width) =>
        terms.IsEmpty ? terms : terms.Slice(start * width, count * width);
}
