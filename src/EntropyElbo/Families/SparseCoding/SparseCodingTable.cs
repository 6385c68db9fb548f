using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>The training rows, scaled, for passes over all of them: in memory, or read again in every pass.</summary>
internal sealed class SparseCodingTable
{
    private readonly CheckedRows _source;
    private readonly SparseCodingColumns _columns;
    private readonly double[]? _values;
    private readonly double[]? _weights;

    /// <param name="source">The rows.</param>
    /// <param name="columns">What is known of them.</param>
    /// <param name="isStream">Whether they are read again in every pass.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public SparseCodingTable(CheckedRows source, SparseCodingColumns columns, bool isStream, CancellationToken cancellation)
    {
        (_source, _columns) = (source, columns);
        _weights = RowWeights.ReadAll(source, cancellation);
        if (!isStream)
        {
            (_values, int count) = source.ReadAll(cancellation);
            RequireCount(count);
            columns.Scaling.Apply(_values.AsSpan(0, count * Columns));
            if (_weights is not null)
            {
                (_values, _weights) = ByWeight(_values, _weights);
            }
        }
    }

    /// <summary>Rows in memory, as tests have them.</summary>
    public SparseCodingTable(double[] values, int columns)
    {
        _source = null!;
        _values = values;
        _columns = new SparseCodingColumns(Scaling.Identity(columns), new double[columns], new double[columns], values.Length / columns, 0);
    }

    /// <summary>What the weights of the rows sum to: their number where all count as one.</summary>
    public double Weight => RowWeights.Total(_weights, Count);

    /// <summary>N.</summary>
    public int Count => checked((int)_columns.Rows);

    /// <summary>D.</summary>
    public int Columns => _columns.Count;

    /// <summary>All rows, [N, D]; null where they are not in memory.</summary>
    public double[]? Values => _values;

    /// <summary>Starts a pass: null where nothing is to be read.</summary>
    public IRowCursor? Open() => _values is null ? _source.Open() : null;

    /// <summary>The weight of a row.</summary>
    public double WeightOf(long row) => _weights?[row] ?? 1;

    /// <summary>Rows of a block in which all have the same weight: their sums are merged times that.</summary>
    public int RowsOfOneWeight(long firstRow, int blockRows)
    {
        int rows = BlockPlace.RowsAt(firstRow, Count, blockRows);
        int other = _weights is null || rows == 0 ? -1 : _weights.AsSpan((int)firstRow, rows).IndexOfAnyExcept(_weights[firstRow]);
        return other < 0 ? rows : other;
    }

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

    /// <summary>Rows in rising order of their weights, so that blocks of one weight are long.</summary>
    private (double[] Values, double[] Weights) ByWeight(double[] values, double[] weights)
    {
        int[] order = [.. Enumerable.Range(0, weights.Length).OrderBy(row => weights[row])];
        double[] sorted = new double[values.Length];
        for (int i = 0; i < order.Length; i++)
        {
            values.AsSpan(order[i] * Columns, Columns).CopyTo(sorted.AsSpan(i * Columns));
        }

        return (sorted, Array.ConvertAll(order, row => weights[row]));
    }

    private void RequireCount(long rows, bool isEnd = true)
    {
        if (isEnd ? rows != Count : rows > Count)
        {
            throw new BadDataException($"There were {Count} rows in the first pass and {rows} in a later one; rows must stay the same while a model is trained on them.");
        }
    }
}
