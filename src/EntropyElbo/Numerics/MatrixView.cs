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

    /// <summary>What owns the memory: held beside the pointer, so that a view keeps it alive. Null where others do.</summary>
    private readonly object? _owner;

    public readonly int Rows;
    public readonly int Columns;
    public readonly int Stride;

    /// <param name="owner">What owns the memory; null where others hold it for as long as the view is in use.</param>
    /// <param name="data">The first entry.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="stride">Entries from a row to the next.</param>
    public MatrixView(object? owner, T* data, int rows, int columns, int stride)
    {
        _owner = owner;
        Data = data;
        Rows = rows;
        Columns = columns;
        Stride = stride;
    }

    /// <summary>Entries in one 64-byte line: 16 floats or 8 doubles.</summary>
    public static int Line => 64 / sizeof(T);

    public Span<T> this[int row] => new(Data + ((long)row * Stride), Columns);

    /// <summary>The first <paramref name="rows"/> rows from row <paramref name="start"/> on.</summary>
    public MatrixView<T> Slice(int start, int rows) => new(_owner, Data + ((long)start * Stride), rows, Columns, Stride);

    /// <summary>A block of rows and columns; padded where it starts on a line.</summary>
    public MatrixView<T> Block(int row, int rows, int column, int columns)
    {
        if (row < 0 || rows < 0 || row > Rows - rows || column < 0 || columns < 0 || column > Stride - columns)
        {
            throw new ArgumentOutOfRangeException(
                nameof(row), $"rows {row} to {row + rows}, columns {column} to {column + columns} of {Rows} x {Stride} entries");
        }

        return new(_owner, Data + ((long)row * Stride) + column, rows, columns, Stride);
    }

    /// <summary>All entries from the first row to the last, with the padding and, in a block, what lies between its rows.</summary>
    public Span<T> Entries => new(Data, ArraySize.Of(Rows, Stride));

    /// <summary>Whether there is a matrix at all.</summary>
    public bool HasData => Data != null;

    /// <summary>Keeps the memory alive up to here: for code that works on <see cref="Data"/>.</summary>
    public void KeepAlive() => GC.KeepAlive(_owner);

    /// <summary>Entries of the 64-byte lines that hold a row of so many columns.</summary>
    public static int LinesOf(int columns) => ArraySize.Of(((long)columns + Line - 1) / Line, Line);

    /// <summary>A row with its padding.</summary>
    public Span<T> PaddedRow(int row) => new(Data + ((long)row * Stride), Stride);

    /// <summary>
    /// Padded stride for a row of <paramref name="columns"/> entries: the next multiple of 16, for floats and doubles
    /// alike, so that one layout of parameters serves both.
    /// </summary>
    public static int PaddedStride(int columns) => ArraySize.Of((columns + 15L) / 16, 16);
}
