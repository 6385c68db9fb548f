using System.Runtime.InteropServices;

namespace EntropyElbo.Data;

/// <summary>Rows held in one row-major array of single or double precision.</summary>
/// <remarks>
/// Flat arrays are <b>not copied</b>: the source keeps a reference, and the caller must not change the array while the
/// source is in use. A two-dimensional array is copied. Values may be anything, NaN included; wrap the source in
/// <see cref="CheckedRows"/> to have them checked.
/// </remarks>
public sealed class InMemoryRows : IRowSource
{
    private readonly double[]? _doubles;
    private readonly float[]? _floats;
    private readonly string[] _names;

    /// <summary>Wraps double-precision values, without copying them.</summary>
    /// <param name="values">Row-major values; the length is a multiple of <paramref name="columns"/>. May be empty.</param>
    /// <param name="columns">Number of columns, D, at least 1.</param>
    /// <param name="columnNames">One name per column; c0, c1, ... when null.</param>
    /// <exception cref="BadDataException">The values are not a whole number of rows.</exception>
    /// <exception cref="BadOptionException">Fewer than 1 column, or another number of names than columns.</exception>
    public InMemoryRows(double[] values, int columns, IReadOnlyList<string>? columnNames = null)
        : this((values ?? throw new ArgumentNullException(nameof(values))).Length, columns, columnNames) => _doubles = values;

    /// <summary>Wraps single-precision values, without copying them.</summary>
    /// <param name="values">Row-major values; the length is a multiple of <paramref name="columns"/>. May be empty.</param>
    /// <param name="columns">Number of columns, D, at least 1.</param>
    /// <param name="columnNames">One name per column; c0, c1, ... when null.</param>
    /// <exception cref="BadDataException">The values are not a whole number of rows.</exception>
    /// <exception cref="BadOptionException">Fewer than 1 column, or another number of names than columns.</exception>
    public InMemoryRows(float[] values, int columns, IReadOnlyList<string>? columnNames = null)
        : this((values ?? throw new ArgumentNullException(nameof(values))).Length, columns, columnNames) => _floats = values;

    /// <summary>Copies a two-dimensional array, rows first.</summary>
    /// <param name="values">N x D values; D at least 1.</param>
    /// <param name="columnNames">One name per column; c0, c1, ... when null.</param>
    /// <exception cref="BadDataException">The array is too large for one block.</exception>
    /// <exception cref="BadOptionException">No column, or another number of names than columns.</exception>
    public InMemoryRows(double[,] values, IReadOnlyList<string>? columnNames = null)
        : this(Flatten(values), values.GetLength(1), columnNames)
    {
    }

    private InMemoryRows(int length, int columns, IReadOnlyList<string>? columnNames)
    {
        if (columns < 1)
        {
            throw new BadOptionException(nameof(columns), $"columns is {columns}; rows have at least 1 column.");
        }

        if (length % columns != 0)
        {
            throw new BadDataException(
                $"{length} values are not a whole number of rows of {columns} columns; check the number of columns.");
        }

        if (columnNames is not null && columnNames.Count != columns)
        {
            throw new BadOptionException(
                nameof(columnNames), $"{columnNames.Count} column names for {columns} columns; give one name per column.");
        }

        Columns = columns;
        Rows = length / columns;
        _names = columnNames?.ToArray() ?? RowBlock.DefaultNames(columns);
    }

    /// <inheritdoc/>
    public int Columns { get; }

    /// <summary>Number of rows, N.</summary>
    public int Rows { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames => _names;

    /// <inheritdoc/>
    public long? RowCount => Rows;

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(this);

    private static double[] Flatten(double[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.LongLength > Array.MaxLength)
        {
            throw new BadDataException($"{values.LongLength} values are too many for one block; use a file as the source.");
        }

        double[] flat = new double[values.Length];
        if (flat.Length > 0)
        {
            MemoryMarshal.CreateReadOnlySpan(ref values[0, 0], flat.Length).CopyTo(flat);
        }

        return flat;
    }

    private void CopyTo(int row, int rows, Span<double> target)
    {
        int start = row * Columns;
        int length = rows * Columns;
        if (_doubles is not null)
        {
            _doubles.AsSpan(start, length).CopyTo(target);
        }
        else
        {
            System.Numerics.Tensors.TensorPrimitives.ConvertChecked<float, double>(_floats.AsSpan(start, length), target);
        }
    }

    private sealed class Cursor(InMemoryRows source) : IRowCursor
    {
        private int _row;

        public int Read(Span<double> block)
        {
            int rows = Math.Min(RowBlock.Capacity(block, source.Columns), source.Rows - _row);
            source.CopyTo(_row, rows, block);
            _row += rows;
            return rows;
        }

        public void Dispose()
        {
        }
    }
}
