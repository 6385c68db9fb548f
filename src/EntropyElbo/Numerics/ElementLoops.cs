using System.Numerics;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>Element-wise loops and reductions over padded matrices that several models share.</summary>
internal static unsafe class ElementLoops
{
    /// <summary>Sums of each column into <paramref name="sums"/>, a line-aligned row; padding columns sum to zero.</summary>
    public static void ColumnSums<T>(MatrixView<T> matrix, T* sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int line = Vector512<T>.Count;
        int stride = matrix.Stride;
        int column = 0;
        for (; column + (4 * line) <= stride; column += 4 * line)
        {
            Vector512<T> s0 = Vector512<T>.Zero, s1 = s0, s2 = s0, s3 = s0;
            T* p = matrix.Data + column;
            for (int row = 0; row < matrix.Rows; row++, p += stride)
            {
                s0 += Vector512.LoadAligned(p);
                s1 += Vector512.LoadAligned(p + line);
                s2 += Vector512.LoadAligned(p + (2 * line));
                s3 += Vector512.LoadAligned(p + (3 * line));
            }

            s0.StoreAligned(sums + column);
            s1.StoreAligned(sums + column + line);
            s2.StoreAligned(sums + column + (2 * line));
            s3.StoreAligned(sums + column + (3 * line));
        }

        for (; column < stride; column += line)
        {
            Vector512<T> even = Vector512<T>.Zero, odd = even;
            T* p = matrix.Data + column;
            int row = 0;
            for (; row + 2 <= matrix.Rows; row += 2, p += 2 * stride)
            {
                even += Vector512.LoadAligned(p);
                odd += Vector512.LoadAligned(p + stride);
            }

            if (row < matrix.Rows)
            {
                even += Vector512.LoadAligned(p);
            }

            (even + odd).StoreAligned(sums + column);
        }
    }

    /// <summary>Adds a matrix to another of the same shape and stride, padding included.</summary>
    public static void Add<T>(MatrixView<T> matrix, MatrixView<T> target)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> sum = new(target.Data, target.Rows * target.Stride);
        System.Numerics.Tensors.TensorPrimitives.Add(sum, new ReadOnlySpan<T>(matrix.Data, sum.Length), sum);
    }

    /// <summary>Copies rows of doubles into a padded matrix.</summary>
    public static void Load<T>(ReadOnlySpan<double> rows, int count, MatrixView<T> target)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int width = target.Columns;
        for (int row = 0; row < count; row++)
        {
            Span<T> to = target[row];
            ReadOnlySpan<double> from = rows.Slice(row * width, width);
            for (int i = 0; i < width; i++)
            {
                to[i] = T.CreateTruncating(from[i]);
            }
        }
    }

    /// <summary>Copies the columns of a padded matrix, from <paramref name="column"/> on, into rows of doubles.</summary>
    public static void Store<T>(MatrixView<T> source, int column, int columns, int count, Span<double> rows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < count; row++)
        {
            Span<T> from = source[row].Slice(column, columns);
            Span<double> to = rows.Slice(row * columns, columns);
            for (int i = 0; i < columns; i++)
            {
                to[i] = double.CreateTruncating(from[i]);
            }
        }
    }
}
