using System.Numerics.Tensors;
using MathNet.Numerics.LinearAlgebra.Factorization;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Matrix<double>;

namespace EntropyElbo.Numerics;

/// <summary>
/// The largest eigenvalues of a symmetric matrix with their eigenvectors. The cost is that of the tridiagonal form,
/// 4/3 n^3, plus n^2 per eigenpair, whatever the spectrum; a full decomposition costs many times more. Every pair is
/// checked against the matrix; should one fail, the full decomposition of MathNet takes its place.
/// </summary>
internal static class SymmetricEigen
{
    /// <summary>Residual |A v - l v| and departure from orthonormality that a pair may have, relative to the largest eigenvalue.</summary>
    private const double Tolerance = 1e-12;

    /// <summary>The largest eigenvalues and their eigenvectors.</summary>
    /// <param name="matrix">[n, n], symmetric.</param>
    /// <param name="n">Rows and columns.</param>
    /// <param name="count">Pairs wanted, 1 to n.</param>
    /// <exception cref="ArgumentException">An entry is not finite, or there are not that many pairs.</exception>
    public static EigenPairs Top(ReadOnlySpan<double> matrix, int n, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, n);
        if (!TensorPrimitives.IsFiniteAll(matrix))
        {
            throw new ArgumentException("The matrix has an entry that is not finite.", nameof(matrix));
        }

        double largest = Math.Abs(TensorPrimitives.MaxMagnitude(matrix));
        if (largest == 0)
        {
            return Zero(n, count);
        }

        double[] scaled = new double[n * n];
        TensorPrimitives.Divide(matrix, largest, scaled);
        EigenPairs pairs = ByTridiagonal(scaled, n, count);
        if (!AreAccurate(scaled, n, pairs))
        {
            pairs = ByFullDecomposition(scaled, n, count);
        }

        TensorPrimitives.Multiply(pairs.Values, largest, pairs.Values);
        return pairs;
    }

    /// <summary>The same by MathNet's full decomposition: the reference.</summary>
    public static EigenPairs ByFullDecomposition(ReadOnlySpan<double> matrix, int n, int count)
    {
        Evd<double> evd = DenseMatrix.Build.Dense(n, n, matrix.ToArray()).Evd(MathNet.Numerics.LinearAlgebra.Symmetricity.Symmetric);
        double[] columns = evd.EigenVectors.ToColumnMajorArray();
        double[] values = new double[count];
        double[] vectors = new double[count * n];
        for (int j = 0; j < count; j++)
        {
            values[j] = evd.EigenValues[n - 1 - j].Real;
            columns.AsSpan((n - 1 - j) * n, n).CopyTo(vectors.AsSpan(j * n, n));
        }

        return new EigenPairs(values, vectors);
    }

    private static EigenPairs ByTridiagonal(double[] matrix, int n, int count)
    {
        Tridiagonal form = new(matrix, n);
        double[] values = TridiagonalEigen.Values(form.Diagonal, form.OffDiagonal, count);
        double[] vectors = TridiagonalEigen.Vectors(form.Diagonal, form.OffDiagonal, values);
        for (int j = 0; j < count; j++)
        {
            form.BackTransform(vectors.AsSpan(j * n, n));
        }

        return new EigenPairs(values, vectors);
    }

    private static bool AreAccurate(double[] matrix, int n, EigenPairs pairs)
    {
        double bound = Tolerance * Math.Max(Math.Abs(TensorPrimitives.MaxMagnitude<double>(pairs.Values)), 1);
        double[] rest = new double[n];
        for (int j = 0; j < pairs.Values.Length; j++)
        {
            ReadOnlySpan<double> vector = pairs.Vectors.AsSpan(j * n, n);
            for (int i = 0; i < n; i++)
            {
                rest[i] = VectorFold.Dot(matrix.AsSpan(i * n, n), vector) - (pairs.Values[j] * vector[i]);
            }

            if (!(Math.Sqrt(VectorFold.SumOfSquares(rest)) <= bound) || !IsOrthonormal(pairs.Vectors, n, j))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsOrthonormal(double[] vectors, int n, int j)
    {
        for (int i = 0; i <= j; i++)
        {
            double product = VectorFold.Dot(vectors.AsSpan(i * n, n), vectors.AsSpan(j * n, n));
            if (!(Math.Abs(product - (i == j ? 1 : 0)) <= Tolerance))
            {
                return false;
            }
        }

        return true;
    }

    private static EigenPairs Zero(int n, int count)
    {
        double[] vectors = new double[count * n];
        for (int j = 0; j < count; j++)
        {
            vectors[(j * n) + j] = 1;
        }

        return new EigenPairs(new double[count], vectors);
    }
}

/// <summary>Eigenvalues and eigenvectors.</summary>
/// <param name="Values">Eigenvalues, falling.</param>
/// <param name="Vectors">[count, n]: one orthonormal eigenvector a row.</param>
internal sealed record EigenPairs(double[] Values, double[] Vectors)
{
    /// <summary>The eigenvectors as columns of given lengths, the largest entry of each positive: [n, count], row-major.</summary>
    public double[] Columns(ReadOnlySpan<double> lengths)
    {
        int n = Vectors.Length / lengths.Length;
        double[] columns = new double[Vectors.Length];
        for (int h = 0; h < lengths.Length; h++)
        {
            ReadOnlySpan<double> vector = Vectors.AsSpan(h * n, n);
            double signed = vector[TensorPrimitives.IndexOfMaxMagnitude(vector)] < 0 ? -lengths[h] : lengths[h];
            for (int d = 0; d < n; d++)
            {
                columns[(d * lengths.Length) + h] = signed * vector[d];
            }
        }

        return columns;
    }
}
