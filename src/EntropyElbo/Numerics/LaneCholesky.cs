using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Cholesky factors of eight small symmetric positive definite matrices at once, one a lane: entry (i, j) of the lower triangle is
/// the vector <c>i (i + 1) / 2 + j</c>. Factors hold <c>1 / L_ii</c> on the diagonal. A lane's result depends on that lane only; of
/// a matrix that is not positive definite it is not a number.
/// </summary>
internal static unsafe class LaneCholesky
{
    /// <summary>Matrices that are worked on at once.</summary>
    public const int Lanes = 8;

    /// <summary>Rows that are computed side by side, so that sums do not wait for each other.</summary>
    private const int Rows = 4;

    /// <summary>Vectors of a lower triangle.</summary>
    public static int Length(int n) => checked((int)((long)n * (n + 1) / 2));

    /// <summary>Overwrites the triangles with L, <c>L L'</c> being the matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factor(Span<Vector512<double>> matrix, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(matrix.Length, Length(n));
        fixed (Vector512<double>* m = matrix)
        {
            for (int first = 0; first < n; first += Rows)
            {
                int rows = Math.Min(Rows, n - first);
                if (rows == Rows)
                {
                    FourRows(m, first);
                }

                for (int row = first; row < first + rows; row++)
                {
                    OneRow(m, row, rows == Rows ? first : 0);
                }
            }
        }
    }

    /// <summary>Writes <c>X = L^-1</c>, a lower triangle too, with its own diagonal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Invert(ReadOnlySpan<Vector512<double>> factor, int n, Span<Vector512<double>> inverse)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor.Length, Length(n));
        ArgumentOutOfRangeException.ThrowIfLessThan(inverse.Length, Length(n));
        fixed (Vector512<double>* l = factor, x = inverse)
        {
            for (int i = 0; i < n; i++)
            {
                Vector512<double>* factorRow = l + Row(i), row = x + Row(i);
                row[i] = factorRow[i];
                int j = 0;
                for (; j + Rows <= i; j += Rows)
                {
                    FourInverses(factorRow, x, i, j, row);
                }

                for (; j < i; j++)
                {
                    Vector512<double> sum = factorRow[j] * x[Row(j) + j];
                    for (int k = j + 1; k < i; k++)
                    {
                        sum = Vector512.FusedMultiplyAdd(factorRow[k], x[Row(k) + j], sum);
                    }

                    row[j] = -(sum * factorRow[i]);
                }
            }
        }
    }

    /// <summary>The diagonal of <c>X'X</c>, the inverse of the matrix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Diagonal(ReadOnlySpan<Vector512<double>> inverse, int n, Span<Vector512<double>> diagonal)
    {
        diagonal[..n].Clear();
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<Vector512<double>> row = inverse.Slice(Row(i), i + 1);
            Span<Vector512<double>> sums = diagonal[..row.Length];
            for (int j = 0; j < row.Length; j++)
            {
                sums[j] = Vector512.FusedMultiplyAdd(row[j], row[j], sums[j]);
            }
        }
    }

    /// <summary>result = X'X v, by way of <c>X v</c>, which <paramref name="work"/> takes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        ReadOnlySpan<Vector512<double>> inverse,
        int n,
        ReadOnlySpan<Vector512<double>> v,
        Span<Vector512<double>> work,
        Span<Vector512<double>> result)
    {
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<Vector512<double>> row = inverse.Slice(Row(i), i + 1);
            Vector512<double> even = Vector512<double>.Zero, odd = even;
            int j = 0;
            for (; j + 2 <= row.Length; j += 2)
            {
                even = Vector512.FusedMultiplyAdd(row[j], v[j], even);
                odd = Vector512.FusedMultiplyAdd(row[j + 1], v[j + 1], odd);
            }

            work[i] = j < row.Length ? Vector512.FusedMultiplyAdd(row[j], v[j], even + odd) : even + odd;
        }

        result[..n].Clear();
        for (int i = 0; i < n; i++)
        {
            ReadOnlySpan<Vector512<double>> row = inverse.Slice(Row(i), i + 1);
            Span<Vector512<double>> sums = result[..row.Length];
            for (int j = 0; j < row.Length; j++)
            {
                sums[j] = Vector512.FusedMultiplyAdd(row[j], work[i], sums[j]);
            }
        }
    }

    /// <summary>Adds <c>X'X</c> of the lanes of a mask to sums in the same layout.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddInverse(ReadOnlySpan<Vector512<double>> inverse, int n, Vector512<double> mask, Span<Vector512<double>> sums)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inverse.Length, Length(n));
        ArgumentOutOfRangeException.ThrowIfLessThan(sums.Length, Length(n));
        fixed (Vector512<double>* x = inverse, s = sums)
        {
            for (int i = 0; i < n; i++)
            {
                Vector512<double>* target = s + Row(i);
                int j = 0;
                for (; j + Rows <= i + 1; j += Rows)
                {
                    FourProducts(x, n, i, j, mask, target + j);
                }

                for (; j <= i; j++)
                {
                    Vector512<double> sum = Vector512<double>.Zero;
                    for (int k = i; k < n; k++)
                    {
                        sum = Vector512.FusedMultiplyAdd(x[Row(k) + i], x[Row(k) + j], sum);
                    }

                    target[j] += sum & mask;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Row(int i) => i * (i + 1) / 2;

    /// <summary>Four rows up to the column of the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourRows(Vector512<double>* m, int first)
    {
        Vector512<double>* r0 = m + Row(first), r1 = m + Row(first + 1), r2 = m + Row(first + 2), r3 = m + Row(first + 3);
        for (int j = 0; j < first; j++)
        {
            Vector512<double>* column = m + Row(j);
            Vector512<double> s0 = -r0[j], s1 = -r1[j], s2 = -r2[j], s3 = -r3[j];
            for (int k = 0; k < j; k++)
            {
                Vector512<double> c = column[k];
                s0 = Vector512.FusedMultiplyAdd(r0[k], c, s0);
                s1 = Vector512.FusedMultiplyAdd(r1[k], c, s1);
                s2 = Vector512.FusedMultiplyAdd(r2[k], c, s2);
                s3 = Vector512.FusedMultiplyAdd(r3[k], c, s3);
            }

            Vector512<double> scale = -column[j];
            r0[j] = s0 * scale;
            r1[j] = s1 * scale;
            r2[j] = s2 * scale;
            r3[j] = s3 * scale;
        }
    }

    /// <summary>The rest of a row from a column on, and its pivot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneRow(Vector512<double>* m, int row, int from)
    {
        Vector512<double>* r = m + Row(row);
        for (int j = from; j < row; j++)
        {
            Vector512<double>* column = m + Row(j);
            Vector512<double> sum = -r[j];
            for (int k = 0; k < j; k++)
            {
                sum = Vector512.FusedMultiplyAdd(r[k], column[k], sum);
            }

            r[j] = sum * -column[j];
        }

        Vector512<double> pivot = -r[row];
        for (int k = 0; k < row; k++)
        {
            pivot = Vector512.FusedMultiplyAdd(r[k], r[k], pivot);
        }

        r[row] = Vector512<double>.One / Vector512.Sqrt(-pivot);
    }

    /// <summary>Four entries of a row of the inverse.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourInverses(Vector512<double>* factorRow, Vector512<double>* x, int i, int j, Vector512<double>* row)
    {
        Vector512<double>* x0 = x + Row(j) + j, x1 = x + Row(j + 1) + j, x2 = x + Row(j + 2) + j, x3 = x + Row(j + 3) + j;
        Vector512<double> s0 = factorRow[j] * x0[0];
        s0 = Vector512.FusedMultiplyAdd(factorRow[j + 1], x1[0], s0);
        Vector512<double> s1 = factorRow[j + 1] * x1[1];
        s0 = Vector512.FusedMultiplyAdd(factorRow[j + 2], x2[0], s0);
        s1 = Vector512.FusedMultiplyAdd(factorRow[j + 2], x2[1], s1);
        Vector512<double> s2 = factorRow[j + 2] * x2[2];
        s0 = Vector512.FusedMultiplyAdd(factorRow[j + 3], x3[0], s0);
        s1 = Vector512.FusedMultiplyAdd(factorRow[j + 3], x3[1], s1);
        s2 = Vector512.FusedMultiplyAdd(factorRow[j + 3], x3[2], s2);
        Vector512<double> s3 = factorRow[j + 3] * x3[3];
        for (int k = j + Rows; k < i; k++)
        {
            Vector512<double> l = factorRow[k];
            Vector512<double>* xk = x + Row(k) + j;
            s0 = Vector512.FusedMultiplyAdd(l, xk[0], s0);
            s1 = Vector512.FusedMultiplyAdd(l, xk[1], s1);
            s2 = Vector512.FusedMultiplyAdd(l, xk[2], s2);
            s3 = Vector512.FusedMultiplyAdd(l, xk[3], s3);
        }

        Vector512<double> scale = factorRow[i];
        row[j] = -(s0 * scale);
        row[j + 1] = -(s1 * scale);
        row[j + 2] = -(s2 * scale);
        row[j + 3] = -(s3 * scale);
    }

    /// <summary>Adds four neighbouring entries of <c>X'X</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourProducts(Vector512<double>* x, int n, int i, int j, Vector512<double> mask, Vector512<double>* target)
    {
        Vector512<double> s0 = Vector512<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (int k = i; k < n; k++)
        {
            Vector512<double>* row = x + Row(k);
            Vector512<double> l = row[i];
            s0 = Vector512.FusedMultiplyAdd(l, row[j], s0);
            s1 = Vector512.FusedMultiplyAdd(l, row[j + 1], s1);
            s2 = Vector512.FusedMultiplyAdd(l, row[j + 2], s2);
            s3 = Vector512.FusedMultiplyAdd(l, row[j + 3], s3);
        }

        target[0] += s0 & mask;
        target[1] += s1 & mask;
        target[2] += s2 & mask;
        target[3] += s3 & mask;
    }
}
