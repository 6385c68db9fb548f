using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A zeroed padded matrix that owns its memory. It hands out views, and a view keeps the memory alive for as long as the view
/// itself is held.
/// </summary>
/// <param name="rows">Rows.</param>
/// <param name="columns">Columns; the rows are padded to whole lines.</param>
internal sealed class Matrix<T>(int rows, int columns)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _memory = new((long)rows * MatrixView<T>.PaddedStride(columns));

    public MatrixView<T> View => _memory.View(0, rows, columns, MatrixView<T>.PaddedStride(columns));

    public static implicit operator MatrixView<T>(Matrix<T> matrix) => matrix.View;
}
