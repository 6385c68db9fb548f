using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Mixture;

/// <content>Terms of the ELBO of a row: in closed form.</content>
public sealed partial class MixtureModel
{
    private protected override void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms)
    {
        MixtureWorkspace work = Rent();
        Posterior(rows, start, start + count, work);
        for (int row = 0; row < count; row++)
        {
            RowTermSpans own = terms.Row(row, ObservedDimension, LatentDimension);
            AddColumnTerms(work, row, rows.Slice((start + row) * ObservedDimension, ObservedDimension), own.Columns);
            FillLatentTerms(work.Responsibilities[row], own);
        }

        _workspaces.Add(work);
    }

    private protected override void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums)
    {
        MixtureWorkspace work = Rent();
        Posterior(rows, 0, count, work);
        for (int row = 0; row < count; row++)
        {
            double baseMeasure = LogBaseMeasure(rows.Slice(row * ObservedDimension, ObservedDimension)) - work.UnseenMeasure[row];
            sums[row] = work.RowEntropies[row] - Parameters.PriorEntropy + baseMeasure;
            foreach (ColumnComponents range in Parameters.Ranges)
            {
                sums[row] -= VectorFold.Dot(work.Responsibilities[row], range.Entropies);
            }
        }

        _workspaces.Add(work);
    }

    /// <summary>
    /// <c>r (1 - r)</c>; of the one that exceeds 1/2 the complement is the sum of the others, as 1 - r has no digits left beside 1.
    /// </summary>
    private static void FillVariances(ReadOnlySpan<double> responsibilities, Span<double> variances)
    {
        double others = 0;
        foreach (double r in responsibilities)
        {
            others += r <= 0.5 ? r : 0;
        }

        for (int k = 0; k < responsibilities.Length; k++)
        {
            double r = responsibilities[k];
            variances[k] = r * (r <= 0.5 ? 1 - r : others);
        }
    }

    private void AddColumnTerms(MixtureWorkspace work, int row, ReadOnlySpan<double> values, Span<double> target)
    {
        target.Clear();
        for (int g = 0; g < Parameters.Ranges.Length && !target.IsEmpty; g++)
        {
            ColumnRange range = Parameters.Families[g].Range;
            Parameters.Ranges[g].AddColumnTerms(
                work.Scratches[g], row, values.Slice(
                    range.Start, range.Count), work.Responsibilities[row], target.Slice(range.Start, range.Count));
        }
    }

    /// <summary>
    /// <c>r log(r / pi) - r + pi</c>, which is 0 where r is pi and never below: r and pi both sum to 1, so in all it is the KL divergence.
    /// </summary>
    private void FillLatentTerms(ReadOnlySpan<double> responsibilities, RowTermSpans terms)
    {
        for (int k = 0; k < terms.Kl.Length; k++)
        {
            double r = responsibilities[k], weight = Weights[k];
            terms.Kl[k] = Math.Max(0, (r == 0 ? 0 : r * (Math.Log(r) - _logWeights[k])) - r + weight);
        }

        for (int k = 0; k < terms.Entropies.Length; k++)
        {
            terms.Entropies[k] = -SpecialFunctions.XLogX(responsibilities[k]);
        }
    }
}
