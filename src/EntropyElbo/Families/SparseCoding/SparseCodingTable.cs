using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The training rows, scaled, for passes over all of them: in memory, or read again in every pass.</summary>
internal sealed class SparseCodingTable
{
    private readonly CheckedRows _source;
    private readonly SparseCodingColumns _columns;
    private readonly double[]? _values;

    /// <param name="source">The rows.</param>
    /// <param name="columns">What is known of them.</param>
    /// <param name="isStream">Whether they are read again in every pass.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public SparseCodingTable(CheckedRows source, SparseCodingColumns columns, bool isStream, CancellationToken cancellation)
    {
        (_source, _columns) = (source, columns);
        if (!isStream)
        {
            (_values, int count) = source.ReadAll(cancellation);
            RequireCount(count);
            columns.Scaling.Apply(_values.AsSpan(0, count * Columns));
        }
    }

    /// <summary>Rows in memory, as tests have them.</summary>
    public SparseCodingTable(double[] values, int columns)
    {
        _source = null!;
        _values = values;
        _columns = new SparseCodingColumns(Scaling.Identity(columns), new double[columns], new double[columns], values.Length / columns, 0);
    }

    /// <summary>N.</summary>
    public int Count => checked((int)_columns.Rows);

    /// <summary>D.</summary>
    public int Columns => _columns.Count;

    /// <summary>All rows, [N, D]; null where they are not in memory.</summary>
    public double[]? Values => _values;

    /// <summary>Starts a pass: null where nothing is to be read.</summary>
    public IRowCursor? Open() => _values is null ? _source.Open() : null;

    /// <summary>The rows of a block.</summary>
    /// <param name="firstRow">Its first row.</param>
    /// <param name="count">How many.</param>
    /// <param name="buffer">What the pass has read of them, where they are not in memory; scaled here.</param>
    public ReadOnlySpan<double> Block(int firstRow, int count, double[] buffer)
    {
        if (_values is not null)
        {
            return _values.AsSpan(firstRow * Columns, count * Columns);
        }

        RequireCount(firstRow + (long)count, isEnd: false);
        Span<double> rows = buffer.AsSpan(0, count * Columns);
        _columns.Scaling.Apply(rows);
        return rows;
    }

    private void RequireCount(long rows, bool isEnd = true)
    {
        if (isEnd ? rows != Count : rows > Count)
        {
            throw new BadDataException($"There were {Count} rows in the first pass and {rows} in a later one; rows must stay the same while a model is trained on them.");
        }
    }
}
