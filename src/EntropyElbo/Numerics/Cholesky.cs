namespace EntropyElbo.Numerics;

/// <summary>
/// Cholesky factors of small symmetric positive definite matrices, row-major [n, n], of which only the lower triangle is read.
/// </summary>
internal static class Cholesky
{
    /// <summary>
    /// Overwrites the lower triangle of <paramref name="matrix"/> with L, where L L' is the matrix.
    /// </summary>
    /// <param name="matrix">The matrix; its strict upper triangle is left alone.</param>
    /// <param name="n">Rows and columns.</param>
    /// <param name="badPivot">The first row whose pivot is not positive to working precision, or -1.</param>
    /// <returns>Whether the matrix is positive definite to working precision.</returns>
    public static bool TryFactor(Span<double> matrix, int n, out int badPivot)
    {
        for (int i = 0; i < n; i++)
        {
            Span<double> row = matrix.Slice(i * n, n);
            double diagonal = row[i];
            for (int j = 0; j < i; j++)
            {
                row[j] = (row[j] - Dot(row, matrix.Slice(j * n, n), j)) / matrix[(j * n) + j];
            }

            double pivot = diagonal - Dot(row, row, i);
            if (!(pivot > n * 2.3e-16 * diagonal) || !double.IsFinite(pivot))
            {
                badPivot = i;
                return false;
            }

            row[i] = Math.Sqrt(pivot);
        }

        badPivot = -1;
        return true;
    }

    /// <summary>log det of the factored matrix.</summary>
    public static double LogDeterminant(ReadOnlySpan<double> factor, int n)
    {
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += Math.Log(factor[(i * n) + i]);
        }

        return 2 * sum;
    }

    /// <summary>Overwrites <paramref name="x"/> with L^-1 x.</summary>
    public static void SolveLower(ReadOnlySpan<double> factor, int n, Span<double> x)
    {
        for (int i = 0; i < n; i++)
        {
            x[i] = (x[i] - Dot(factor.Slice(i * n, n), x, i)) / factor[(i * n) + i];
        }
    }

    /// <summary>Overwrites <paramref name="x"/> with L'^-1 x.</summary>
    public static void SolveTransposed(ReadOnlySpan<double> factor, int n, Span<double> x)
    {
        for (int i = n - 1; i >= 0; i--)
        {
            double value = x[i];
            for (int k = i + 1; k < n; k++)
            {
                value -= factor[(k * n) + i] * x[k];
            }

            x[i] = value / factor[(i * n) + i];
        }
    }

    /// <summary>Writes the inverse of the factored matrix, both triangles.</summary>
    public static void Inverse(ReadOnlySpan<double> factor, int n, Span<double> inverse)
    {
        Span<double> column = n <= 64 ? stackalloc double[n] : new double[n];
        for (int j = 0; j < n; j++)
        {
            column.Clear();
            column[j] = 1;
            SolveLower(factor, n, column);
            SolveTransposed(factor, n, column);
            for (int i = j; i < n; i++)
            {
                inverse[(i * n) + j] = column[i];
                inverse[(j * n) + i] = column[i];
            }
        }
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int length)
    {
        double sum = 0;
        for (int i = 0; i < length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
