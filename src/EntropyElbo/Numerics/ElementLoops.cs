using System.Numerics;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>Element-wise loops and reductions over padded matrices that several models share.</summary>
internal static unsafe class ElementLoops
{
    /// <summary>Sums of each column into <paramref name="sums"/>, a row as long as the stride; padding columns sum to zero.</summary>
    public static void ColumnSums<T>(MatrixView<T> matrix, Span<T> sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sums.Length, matrix.Stride);
        fixed (T* target = sums)
        {
            ColumnSums(matrix, target);
        }

        matrix.KeepAlive();
    }

    private static void ColumnSums<T>(MatrixView<T> matrix, T* sums)
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

            s0.Store(sums + column);
            s1.Store(sums + column + line);
            s2.Store(sums + column + (2 * line));
            s3.Store(sums + column + (3 * line));
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

            (even + odd).Store(sums + column);
        }
    }

    /// <summary>Adds a matrix to another of the same shape and stride, padding included.</summary>
    public static void Add<T>(MatrixView<T> matrix, MatrixView<T> target)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Span<T> sum = target.Entries;
        System.Numerics.Tensors.TensorPrimitives.Add(sum, matrix.Entries, sum);
    }

    /// <summary>target = log x, entry by entry, with the same bits on every vector width. Both are padded.</summary>
    public static void Log<T>(MatrixView<T> x, MatrixView<T> target)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < x.Rows; row++)
        {
            ReadOnlySpan<T> from = x.PaddedRow(row);
            Span<T> to = target.PaddedRow(row);
            for (int column = 0; column < x.Columns; column += Vector512<T>.Count)
            {
                Vector512<T> value = Vector512.ConditionalSelect(
                    Lanes.FirstLanes<T>(x.Columns - column), Vector512.Create(from[column..]), Vector512<T>.One);
                Lanes.Log(value).CopyTo(to[column..]);
            }
        }
    }

    /// <summary>Sum of squares of each row of a padded matrix.</summary>
    public static void RowSquares(MatrixView<double> rows, Span<double> squares)
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            double* p = rows.Data + ((long)row * rows.Stride);
            Vector512<double> even = Vector512<double>.Zero;
            Vector512<double> odd = even;
            int i = 0;
            for (; i + 16 <= rows.Columns; i += 16)
            {
                Vector512<double> a = Vector512.LoadAligned(p + i);
                Vector512<double> b = Vector512.LoadAligned(p + i + 8);
                even = Vector512.FusedMultiplyAdd(a, a, even);
                odd = Vector512.FusedMultiplyAdd(b, b, odd);
            }

            double rest = VectorFold.Sum(even + odd);
            for (; i < rows.Columns; i++)
            {
                rest += p[i] * p[i];
            }

            squares[row] = rest;
        }

        rows.KeepAlive();
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
