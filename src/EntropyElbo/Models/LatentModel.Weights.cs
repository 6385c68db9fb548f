using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <content>Sums of rows with weights.</content>
public abstract partial class LatentModel
{
    /// <summary>
    /// Adds the sums of a block of rows with weights. The default goes by runs of equal weight, each as rows without; families whose
    /// rows share draws, or gain by larger blocks, have their own.
    /// </summary>
    private protected virtual void AccumulateWeighted(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> weights, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        ElboStatistics part = new(LatentDimension, MomentCount);
        for (int start = 0; start < weights.Length;)
        {
            int count = RunOf(weights[start..]);
            part.Clear();
            AccumulateScaled(
                rows.Slice(start * ObservedDimension, count * ObservedDimension), count, firstRow + start, options, part);
            sums.Merge(part, weights[start]);
            start += count;
        }
    }

    private void Accumulate(
        ReadOnlySpan<double> rows, ReadOnlySpan<double> weights, int count, long firstRow, EvaluateOptions options, ElboStatistics sums)
    {
        if (weights.IsEmpty)
        {
            AccumulateScaled(rows, count, firstRow, options, sums);
        }
        else
        {
            AccumulateWeighted(rows, weights, firstRow, options, sums);
        }
    }

    /// <summary>How many of the first weights are the same.</summary>
    private static int RunOf(ReadOnlySpan<double> weights)
    {
        int other = weights.IndexOfAnyExcept(weights[0]);
        return other < 0 ? weights.Length : other;
    }
}
