using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.LinearGaussians;

/// <content>Terms of the ELBO of a row: in closed form.</content>
public abstract partial class LinearGaussianModel
{
    private protected override void RowTermsScaled(
        ReadOnlySpan<double> rows, int start, int count, int samples, ulong seed, RowTermSpans terms)
    {
        LinearGaussianWorkspace work = Rent();
        Parameters.Encode(rows[(start * ObservedDimension)..], count, work);
        Parameters.Subtract(count, work);
        for (int row = 0; row < count; row++)
        {
            RowTermSpans own = terms.Row(row, ObservedDimension, LatentDimension);
            if (!own.Columns.IsEmpty)
            {
                Parameters.ColumnTerms(work.Rows[row], own.Columns);
            }

            if (!own.Kl.IsEmpty)
            {
                Parameters.KlTerms(work.Means[row], own.Kl);
            }

            Parameters.EntropyTerms(own.Entropies);
        }

        _workspaces.Add(work);
    }

    /// <summary>The same for every row: the encoder has one covariance.</summary>
    private protected override void RowEntropySums(
        ReadOnlySpan<double> rows, int count, long firstRow, EvaluateOptions options, Span<double> sums) =>
        sums.Fill((0.5 * Parameters.LogDeterminant) - Parameters.DecoderEntropy);
}
