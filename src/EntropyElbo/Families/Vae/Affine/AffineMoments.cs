using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Affine;

/// <summary>What the closed form needs of the rows.</summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="Mean">Mean of the scaled rows.</param>
/// <param name="Pairs">Largest eigenvalues, falling, and eigenvectors of the covariance of <c>(x - mean) / r</c>.</param>
/// <param name="Total">Sum of all its eigenvalues.</param>
/// <param name="LogBaseMeasure">
/// Mean over rows of what log p has of the row alone: K(x, 1) of counts, minus log x of gamma columns, 0 for others.
/// </param>
internal sealed record AffineMoments(long Rows, double[] Mean, EigenPairs Pairs, double Total, double LogBaseMeasure)
{
    public static (AffineFamily Family, AffineMoments Moments) Read(
        IRowSource rows,
        Scaling scaling,
        int latents,
        ObservableLikelihood likelihood,
        AffineExpansion expansion,
        int threads,
        CancellationToken cancellationToken,
        RowMoments? known = null)
    {
        RowMoments moments = known
            ?? RowMoments.Read(rows, scaling, threads > 0 ? threads : Environment.ProcessorCount, cancellationToken);
        if (moments.Rows < 2)
        {
            throw new BadDataException("There is a single row; a covariance needs two rows at least.");
        }

        double[] covariance = moments.Covariance();
        int columns = rows.Columns;
        (double[] deviances, double logBase) = Pass(rows, likelihood, moments.Mean, cancellationToken);
        double[] variances = [.. Enumerable.Range(0, columns).Select(d => covariance[(d * columns) + d])];
        AffineFamily family = new(
            likelihood, expansion, moments.Mean, AffineSecant.Curvatures(likelihood, moments.Mean, variances, deviances), moments.Rows);
        for (int i = 0; i < columns; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                covariance[(i * columns) + j] /= family.Spreads[i] * family.Spreads[j];
            }
        }

        double total = Enumerable.Range(0, columns).Sum(d => covariance[(d * columns) + d]);
        EigenPairs pairs = SymmetricEigen.Top(covariance, columns, latents);
        double[] values = [.. pairs.Values.Select(v => Math.Max(0, v))];
        return (family, new AffineMoments(moments.Rows, moments.Mean.ToArray(), pairs with { Values = values }, total, logBase));
    }

    /// <summary>
    /// Mean deviances of the columns from their means, where their curvature has no bound, and the mean of what log p has of the
    /// row alone.
    /// </summary>
    private static (double[] Deviances, double LogBaseMeasure) Pass(
        IRowSource rows, ObservableLikelihood likelihood, ReadOnlySpan<double> means, CancellationToken cancellationToken)
    {
        BaseMeasureTable table = new(likelihood);
        if (AffineFamily.HasNoBaseMeasure(likelihood, table))
        {
            return ([], 0);
        }

        double[] block = RowBlock.Allocate(rows.Columns), deviances = new double[rows.Columns];
        double[] weights = RowBlock.AllocateWeights(rows);
        double sum = 0, count = 0;
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Rows without weights all at a time, else one after another.
            int each = rows.HasWeights ? 1 : read;
            for (int row = 0; row < read; row += each)
            {
                ReadOnlySpan<double> some = block.AsSpan(row * rows.Columns, each * rows.Columns);
                double weight = rows.HasWeights ? weights[row] : 1;
                sum += weight * AffineFamily.LogBaseMeasure(likelihood, table, some);
                AffineSecant.AddDeviances(likelihood, some, means, weight, deviances);
                count += weight * each;
            }
        }

        System.Numerics.Tensors.TensorPrimitives.Divide(deviances, count, deviances);
        return (deviances, sum / count);
    }
}
