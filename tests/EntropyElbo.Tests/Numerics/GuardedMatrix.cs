using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>
/// A matrix with two lines of NaN before and after it: a read outside spoils the result, a write outside is found by
/// <see cref="Fault"/>.
/// </summary>
internal sealed unsafe class GuardedMatrix<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _buffer;
    private readonly int _guard = 2 * MatrixView<T>.Line;

    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="padding">What stands between the last column and the stride.</param>
    /// <param name="stride">Stride; the smallest padded one where null.</param>
    public GuardedMatrix(int rows, int columns, T padding, int? stride = null)
    {
        int step = stride ?? MatrixView<T>.PaddedStride(columns);
        _buffer = new AlignedBuffer<T>(((long)rows * step) + (2 * _guard));
        _buffer.Span.Fill(T.NaN);
        View = _buffer.View(_guard, rows, columns, step);
        for (int i = 0; i < rows; i++)
        {
            new Span<T>(View.Data + ((long)i * step), step).Fill(padding);
        }
    }

    public MatrixView<T> View { get; }

    /// <summary>Fills the columns from <paramref name="next"/>, row by row.</summary>
    public GuardedMatrix<T> Fill(Func<T> next)
    {
        for (int i = 0; i < View.Rows; i++)
        {
            foreach (ref T x in View[i])
            {
                x = next();
            }
        }

        return this;
    }

    /// <summary>Everything from the first entry to the last stride set to NaN, guards too.</summary>
    public GuardedMatrix<T> Spoil()
    {
        _buffer.Span.Fill(T.NaN);
        return this;
    }

    /// <summary>
    /// What is wrong around a result written into a spoilt matrix, null if nothing: guards must be untouched, padding zero
    /// up to the end of the last line in use, and what lies beyond it, up to the stride, untouched.
    /// </summary>
    public string? Fault()
    {
        int end = checked((int)_buffer.Length) - _guard, line = MatrixView<T>.PaddedStride(View.Columns);
        for (int i = 0; i < _guard; i++)
        {
            if (!T.IsNaN(_buffer.Span[i]) || !T.IsNaN(_buffer.Span[end + i]))
            {
                return "a write outside the matrix";
            }
        }

        for (int i = 0; i < View.Rows; i++)
        {
            for (int j = View.Columns; j < View.Stride; j++)
            {
                T x = View.Data[((long)i * View.Stride) + j];
                if (j < line ? x != T.Zero : !T.IsNaN(x))
                {
                    return $"padding at {i}, {j} is {x}";
                }
            }
        }

        return null;
    }
}
