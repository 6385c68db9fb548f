using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <content>The terms that the ELBO of a row is made of.</content>
public abstract partial class LatentModel
{
    /// <summary>
    /// Parts into which a row's KL divergence and encoder entropy divide: one a latent, or a component of a mixture; one a layer
    /// for belief nets, whose latents depend on each other under the encoder.
    /// </summary>
    public virtual int LatentTerms => LatentDimension;

    /// <summary>
    /// What the ELBO of each row is made of: <c>ELBO = sum of columns - sum of kl</c>, to rounding, and the anomaly score is minus
    /// that; nats in the model's units. So a row's score can be explained by its columns: compare a column's term with what it is
    /// on other rows.
    /// </summary>
    /// <param name="rows">[n, D], row-major.</param>
    /// <param name="columns">
    /// [n, D], filled: <c>E_q log p(x_d|z)</c>, or empty. Of columns with covariances (<c>gaussian-full</c>, <c>gaussian-tied</c>)
    /// it is their share of the joint density, as docs/explaining-scores.md defines it. Minus infinity where the model gives a
    /// value probability 0; 0 where a value that training did not see is left out.
    /// </param>
    /// <param name="kl">
    /// [n, <see cref="LatentTerms"/>], filled: the KL divergence by latents, none below 0 but for rounding, or empty. Linear
    /// models: by the chain rule, a latent given those after it, as the encoder's latents may be correlated; mixtures:
    /// <c>r log(r / pi) - r + pi</c>; belief nets: a layer given those above.
    /// </param>
    /// <param name="entropies">[n, <see cref="LatentTerms"/>], filled: the encoder's entropy by the same parts, or empty.</param>
    /// <param name="samples">Monte-Carlo samples per row where needed.</param>
    /// <param name="seed">Seed of the draws, which are those of <see cref="RowElbo"/>.</param>
    /// <exception cref="ArgumentException">The lengths do not fit the model or each other.</exception>
    /// <exception cref="BadDataException">A value is not finite, or outside what the model allows.</exception>
    public void RowTerms(
        ReadOnlySpan<double> rows,
        Span<double> columns,
        Span<double> kl,
        Span<double> entropies,
        int samples = EvaluateOptions.DefaultSamples,
        ulong seed = 1)
    {
        int count = CountRows(rows.Length, nameof(rows));
        RequireLengthOrNone(columns.Length, count, ObservedDimension, nameof(columns));
        RequireLengthOrNone(kl.Length, count, LatentTerms, nameof(kl));
        RequireLengthOrNone(entropies.Length, count, LatentTerms, nameof(entropies));
        RequireSamples(samples, 1);
        using ScaledRows scaled = new(this, rows);
        Support?.Require(scaled.Span, 0, ColumnNames);
        RowTermSpans terms = new(columns, kl, entropies);
        for (int start = 0; start < count; start += RowsPerBlock)
        {
            int block = Math.Min(RowsPerBlock, count - start);
            RowTermsScaled(scaled.Span, start, block, samples, seed, terms.Slice(start, block, ObservedDimension, LatentTerms));
        }

        RequireNumbers(columns, "a column's part of the ELBO", ObservedDimension);
        RequireNumbers(kl, "a KL divergence", LatentTerms);
        RequireNumbers(entropies, "an entropy", LatentTerms);
    }

    /// <summary>Fills the terms of up to a block of rows, those from <paramref name="start"/> on. Nothing is allocated for a row.</summary>
    private protected abstract void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms);

    private static void RequireLengthOrNone(int length, int rows, int width, string name)
    {
        if (length != 0)
        {
            RequireLength(length, rows, width, name);
        }
    }
}
