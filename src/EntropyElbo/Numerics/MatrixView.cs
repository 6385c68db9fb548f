using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A row-major matrix somewhere in pinned memory. In a padded matrix every row starts on a 64-byte boundary and
/// the stride is a multiple of 16 entries, so full vectors may be loaded and stored past the last column, up to
/// the stride; entries between <see cref="Columns"/> and <see cref="Stride"/> are padding and hold zeros unless a
/// routine says otherwise.
/// </summary>
internal readonly unsafe struct MatrixView<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public readonly T* Data;
    public readonly int Rows;
    public readonly int Columns;
    public readonly int Stride;

    public MatrixView(T* data, int rows, int columns, int stride)
    {
        Data = data;
        Rows = rows;
        Columns = columns;
        Stride = stride;
    }

    /// <summary>Entries in one 64-byte line: 16 floats or 8 doubles.</summary>
    public static int Line => 64 / sizeof(T);

    public Span<T> this[int row] => new(Data + ((long)row * Stride), Columns);

    /// <summary>The first <paramref name="rows"/> rows from row <paramref name="start"/> on.</summary>
    public MatrixView<T> Slice(int start, int rows) => new(Data + ((long)start * Stride), rows, Columns, Stride);

    /// <summary>
    /// Padded stride for a row of <paramref name="columns"/> entries: the next multiple of 16, for floats and doubles
    /// alike, so that one layout of parameters serves both.
    /// </summary>
    public static int PaddedStride(int columns) => ArraySize.Of((columns + 15L) / 16, 16);
}
