using System.Numerics.Tensors;
using EntropyElbo.Numerics;
using MathNet.Numerics.LinearAlgebra.Factorization;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Matrix<double>;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// The least variance in every direction: the floor's share of the variance that all rows have there, and of no more than
/// the columns' own. So columns that go together closely keep what they tell apart. In directions in which all rows do not
/// vary to working precision it is the floor of the columns.
/// </summary>
internal sealed class CovarianceFloor
{
    /// <summary>Variances below this share of the columns' are rounding, not data.</summary>
    private const double Resolution = 1e-12;

    /// <summary>Least variance of a direction as a share of the columns' at which a covariance matrix can still be factored.</summary>
    private const double Factorable = 1e-13;

    private readonly DenseMatrix _toUnits;
    private readonly DenseMatrix _fromUnits;

    private CovarianceFloor(DenseMatrix toUnits, DenseMatrix fromUnits)
    {
        _toUnits = toUnits;
        _fromUnits = fromUnits;
    }

    /// <summary>Whether a covariance matrix is above the columns' floors in every direction, and so above any of these.</summary>
    /// <param name="covariance">[D, D], symmetric.</param>
    /// <param name="least">Least variance per column, above 0.</param>
    public static bool IsAbove(ReadOnlySpan<double> covariance, ReadOnlySpan<double> least)
    {
        int n = least.Length;
        double[] units = Array.ConvertAll(least.ToArray(), v => 1 / Math.Sqrt(v));
        double[] excess = new double[n * n];
        for (int i = 0; i < n * n; i++)
        {
            (int row, int column) = Math.DivRem(i, n);
            excess[i] = (covariance[i] * units[row] * units[column]) - (row == column ? 1 : 0);
        }

        return Cholesky.TryFactor(excess, n, out _);
    }

    /// <summary>The floor of columns whose rows have this covariance.</summary>
    /// <param name="least">Least variance per column, above 0.</param>
    /// <param name="total">[D, D]: the covariance of all rows.</param>
    /// <exception cref="ArgumentException">It is not finite.</exception>
    public static CovarianceFloor Find(ReadOnlySpan<double> least, ReadOnlySpan<double> total)
    {
        int n = least.Length;
        double share = 0;
        for (int d = 0; d < n; d++)
        {
            double variance = total[d * (n + 1)];
            share = variance > 0 ? Math.Max(share, least[d] / variance) : share;
        }

        Evd<double> evd = Eigen(Correlations(total, n));
        double lowest = share > 0 ? Factorable / share : 1;
        double[] roots = [.. evd.EigenValues.Select(v => Math.Sqrt(v.Real < Resolution ? 1 : Math.Min(1, Math.Max(v.Real, lowest))))];
        double[] deviations = Array.ConvertAll(least.ToArray(), Math.Sqrt);
        DenseMatrix from = DenseMatrix.Build.Dense(n, n, (i, j) => deviations[i] * evd.EigenVectors[i, j] * roots[j]);
        DenseMatrix to = DenseMatrix.Build.Dense(n, n, (i, j) => evd.EigenVectors[j, i] / (roots[i] * deviations[j]));
        return new CovarianceFloor(to, from);
    }

    /// <summary>
    /// The nearest matrix, in likelihood, whose variance in no direction is below the floor: eigenvalues in units of the
    /// floor are raised to 1, which maximises the Gaussian likelihood under that bound.
    /// </summary>
    /// <param name="covariance">[D, D], symmetric; changed where it is below the floor.</param>
    /// <returns>Whether the floor was active.</returns>
    /// <exception cref="ArgumentException">The matrix is not finite.</exception>
    public bool Raise(Span<double> covariance)
    {
        int n = _toUnits.RowCount;
        DenseMatrix scaled = _toUnits * DenseMatrix.Build.Dense(n, n, covariance.ToArray()).TransposeAndMultiply(_toUnits);
        Evd<double> evd = Eigen((scaled + scaled.Transpose()) * 0.5);
        if (evd.EigenValues.All(v => v.Real >= 1))
        {
            return false;
        }

        double[] roots = [.. evd.EigenValues.Select(v => Math.Sqrt(Math.Max(1, v.Real)))];
        DenseMatrix half = _fromUnits * evd.EigenVectors * DenseMatrix.Build.DiagonalOfDiagonalArray(roots);
        DenseMatrix raised = half.TransposeAndMultiply(half);
        for (int i = 0; i < n * n; i++)
        {
            (int row, int column) = Math.DivRem(i, n);
            covariance[i] = 0.5 * (raised[row, column] + raised[column, row]);
        }

        return true;
    }

    /// <summary>What is not finite has no eigenvalues, and the iteration for them may not end.</summary>
    private static Evd<double> Eigen(DenseMatrix matrix) => TensorPrimitives.IsFiniteAll<double>(matrix.AsColumnMajorArray())
        ? matrix.Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric)
        : throw new ArgumentException("The covariance matrix has an entry that is not finite.");

    /// <summary>Correlations of the columns; a constant column has none.</summary>
    private static DenseMatrix Correlations(ReadOnlySpan<double> total, int n)
    {
        double[] units = new double[n];
        for (int d = 0; d < n; d++)
        {
            units[d] = total[d * (n + 1)] > 0 ? 1 / Math.Sqrt(total[d * (n + 1)]) : 0;
        }

        double[] values = new double[n * n];
        for (int i = 0; i < n * n; i++)
        {
            (int row, int column) = Math.DivRem(i, n);
            values[i] = row == column ? 1 : total[i] * units[row] * units[column];
        }

        return DenseMatrix.Build.Dense(n, n, values);
    }
}
