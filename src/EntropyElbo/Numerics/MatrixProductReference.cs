using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>The products of <see cref="MatrixProduct"/> as their definitions read, one entry at a time.</summary>
internal static unsafe class MatrixProductReference
{
    public static void Multiply<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, ReadOnlySpan<T> bias, T slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < c.Rows; i++)
        {
            for (int j = 0; j < c.Columns; j++)
            {
                T sum = bias.IsEmpty ? T.Zero : bias[j];
                for (int s = 0; s < a.Columns; s++)
                {
                    sum = T.FusedMultiplyAdd(a[i][s], b[s][j], sum);
                }

                T scaled = slope * sum;
                c[i][j] = sum > scaled ? sum : scaled;
            }

            ClearPadding(c, i);
        }
    }

    public static void MultiplyTransposedRight<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c, MatrixView<T> gate, T slope)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < c.Rows; i++)
        {
            for (int j = 0; j < c.Columns; j++)
            {
                T sum = T.Zero;
                for (int s = 0; s < a.Columns; s++)
                {
                    sum = T.FusedMultiplyAdd(a[i][s], b[j][s], sum);
                }

                bool closed = gate.Data != null && gate[i][j] <= T.Zero;
                c[i][j] = closed ? slope * sum : sum;
            }

            ClearPadding(c, i);
        }
    }

    public static void MultiplyTransposedLeft<T>(MatrixView<T> a, MatrixView<T> b, MatrixView<T> c)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int i = 0; i < c.Rows; i++)
        {
            for (int j = 0; j < c.Columns; j++)
            {
                T sum = T.Zero;
                for (int s = 0; s < a.Rows; s++)
                {
                    sum = T.FusedMultiplyAdd(a[s][i], b[s][j], sum);
                }

                c[i][j] = sum;
            }

            ClearPadding(c, i);
        }
    }

    private static void ClearPadding<T>(MatrixView<T> c, int row)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        new Span<T>(c.Data + ((long)row * c.Stride) + c.Columns, MatrixView<T>.PaddedStride(c.Columns) - c.Columns).Clear();
}
