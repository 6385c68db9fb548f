using System.Collections.Concurrent;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <content>Terms of the ELBO of a row: sums over the states of its posterior.</content>
public sealed partial class SigmoidBeliefNetModel
{
    private readonly ConcurrentBag<PosteriorTerms> _terms = [];

    /// <summary>
    /// One a layer of latents, that nearest to the data first: within a layer latents depend on each other under the posterior.
    /// </summary>
    public override int LatentTerms => Net.Depth;

    private protected override void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms)
    {
        BeliefInference work = Rent();
        PosteriorTerms found = _terms.TryTake(out PosteriorTerms? free) ? free : new PosteriorTerms(Net);
        work.Terms = found;
        Infer(work, rows, start, start + count);
        work.Terms = null;
        for (int row = 0; row < count; row++)
        {
            RowTermSpans own = terms.Row(row, ObservedDimension, Net.Depth);
            if (!own.Columns.IsEmpty)
            {
                found.ColumnsOf(row).CopyTo(own.Columns);
            }

            FillLatentTerms(work.Sums, found, row, own);
        }

        _terms.Add(found);
        _workspaces.Add(work);
    }

    private protected override void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums)
    {
        BeliefInference work = Rent();
        Infer(work, rows, 0, count);
        for (int row = 0; row < count; row++)
        {
            sums[row] = work.Sums.Entropy(row);
            for (int k = 0; k <= Net.Depth; k++)
            {
                sums[row] -= work.Sums.BlockEntropy(row, k);
            }
        }

        _workspaces.Add(work);
    }

    /// <summary>
    /// By the chain rule from the deepest layer on: the entropy of a layer given those above it, and <c>-E log p</c> of the layer
    /// less that. A conditional's entropy and residual are together <c>-E log p</c>.
    /// </summary>
    private static void FillLatentTerms(PosteriorSums sums, PosteriorTerms found, int row, RowTermSpans terms)
    {
        for (int layer = 0; layer < Math.Max(terms.Kl.Length, terms.Entropies.Length); layer++)
        {
            double entropy = Math.Max(0, found.Entropy(row, layer) - found.Entropy(row, layer + 1));
            if (!terms.Kl.IsEmpty)
            {
                terms.Kl[layer] = sums.BlockEntropy(row, layer + 1) + sums.BlockResidual(row, layer + 1) - entropy;
            }

            if (!terms.Entropies.IsEmpty)
            {
                terms.Entropies[layer] = entropy;
            }
        }
    }
}
