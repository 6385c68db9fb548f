using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SparseCoding;

/// <content>
/// Terms of the ELBO of a row, in closed form. Latents by the chain rule: a latent given those after it has the variance that the
/// Cholesky factor of <c>T^-1 = L L'</c> leaves, <c>1 / L_hh^2</c>, so the entropies add up to that of the joint q.
/// </content>
public sealed partial class SparseCodingModel
{
    private protected override void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms)
    {
        SparseCodingWorker work = Rent();
        Infer(work, rows, start, start + count);
        for (int row = 0; row < count; row++)
        {
            RowTermSpans own = terms.Row(row, ObservedDimension, LatentDimension);
            work.Precision(row, work.Factor);
            if (!Cholesky.TryFactor(work.Factor, LatentDimension, out _))
            {
                throw new BadDataException(
                    $"Row {start + row} has a code whose covariance is singular in double precision; train with scaled columns.",
                    start + row);
            }

            LatentTermsOf(work, row, own);
            if (!own.Columns.IsEmpty)
            {
                ColumnTermsOf(work, row, own.Columns);
            }
        }

        _workers.Add(work);
    }

    private protected override void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums)
    {
        double constant = 0;
        foreach (double scale in Parameters.Scales)
        {
            constant += LaplaceLatents.Entropy(scale);
        }

        SparseCodingWorker work = Rent();
        Infer(work, rows, 0, count);
        for (int row = 0; row < count; row++)
        {
            sums[row] = Entropy(work, row) - constant - (Parameters.NoiseEntropy * ((double)work.Observed(row) / ObservedDimension));
        }

        _workers.Add(work);
    }

    private void LatentTermsOf(SparseCodingWorker work, int row, RowTermSpans own)
    {
        ReadOnlySpan<double> sizes = work.Posterior.Sizes[row];
        for (int h = 0; h < sizes.Length; h++)
        {
            double entropy = SpecialFunctions.StandardNormalEntropy - Math.Log(work.Factor[(h * sizes.Length) + h]);
            if (!own.Entropies.IsEmpty)
            {
                own.Entropies[h] = entropy;
            }

            if (!own.Kl.IsEmpty)
            {
                own.Kl[h] = Math.Log(2 * Parameters.Scales[h]) + (sizes[h] / Parameters.Scales[h]) - entropy;
            }
        }
    }

    /// <summary>A column's expected squared error is that of its mean and the variance that T gives it, <c>|L^-1 w_d|^2</c>.</summary>
    private void ColumnTermsOf(SparseCodingWorker work, int row, Span<double> columns)
    {
        double normaliser = SpecialFunctions.LogTwoPi + Math.Log(NoiseVariance);
        ReadOnlySpan<double> means = work.Posterior.Means[row], centred = work.Rows[row];
        for (int d = 0; d < columns.Length; d++)
        {
            if (work.Holes is { } holes && holes.IsMissing(row, d))
            {
                columns[d] = 0;
                continue;
            }

            ReadOnlySpan<double> fields = Parameters.Fields[d];
            double error = centred[d] - VectorFold.Dot(fields, means);
            fields.CopyTo(work.Solved);
            Cholesky.SolveLower(work.Factor, LatentDimension, work.Solved);
            columns[d] = -0.5 * (normaliser + (((error * error) + VectorFold.Dot(work.Solved, work.Solved)) / NoiseVariance));
        }
    }
}
