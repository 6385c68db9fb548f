using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>
/// A matrix with two lines of NaN before and after it: a read outside spoils the result, a write outside is found by
/// <see cref="AssertGuardsIntact"/>.
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
        View = new MatrixView<T>(_buffer.Pointer + _guard, rows, columns, step);
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

    public void AssertGuardsIntact(string message)
    {
        int end = checked((int)_buffer.Length) - _guard;
        for (int i = 0; i < _guard; i++)
        {
            Assert.IsTrue(T.IsNaN(_buffer.Span[i]), $"write before the matrix: {message}");
            Assert.IsTrue(T.IsNaN(_buffer.Span[end + i]), $"write after the matrix: {message}");
        }
    }

    /// <summary>Zero padding up to the end of the last line in use; what lies beyond, up to the stride, untouched (NaN).</summary>
    public void AssertPaddingZero(string message)
    {
        int line = MatrixView<T>.PaddedStride(View.Columns);
        for (int i = 0; i < View.Rows; i++)
        {
            for (int j = View.Columns; j < View.Stride; j++)
            {
                T x = View.Data[((long)i * View.Stride) + j];
                Assert.IsTrue(j < line ? x == T.Zero : T.IsNaN(x), $"padding at {i}, {j} is {x}: {message}");
            }
        }
    }
}
