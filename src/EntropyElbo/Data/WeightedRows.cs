using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>
/// Rows with weights: a row of weight w counts as w rows, one of weight 0 is left out of learning and reports. Weights need not be
/// whole numbers; what they sum to is the number of rows that BIC and standard errors go by, so weights that are no counts should have
/// mean 1.
/// </summary>
public sealed class WeightedRows : IRowSource, ICountedRows, INotedRows, ICostlyRows
{
    private readonly IRowSource _inner;
    private readonly double[]? _weights;
    private readonly int _column;

    /// <summary>Takes one column of a source for the weights of its rows; the others are the data.</summary>
    /// <param name="rows">The rows, the weights among their columns.</param>
    /// <param name="weightColumn">Name of the column of weights.</param>
    /// <exception cref="BadOptionException">There is no such column, or no other.</exception>
    public WeightedRows(IRowSource rows, string weightColumn)
        : this(rows ?? throw new ArgumentNullException(nameof(rows)), RowWeights.Column(rows.ColumnNames, weightColumn))
    {
    }

    /// <summary>Gives rows weights.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="weights">A weight for each, in their order; copied.</param>
    /// <exception cref="BadDataException">A weight is below 0 or not finite, or there is none for every row.</exception>
    public WeightedRows(IRowSource rows, IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(weights);
        _inner = rows;
        _weights = [.. weights];
        _column = -1;
        RowWeights.Require(_weights, 0);
        if (rows.RowCount is long known && known != _weights.Length)
        {
            throw WrongCount(known);
        }

        ColumnNames = rows.ColumnNames;
    }

    internal WeightedRows(IRowSource rows, int column)
    {
        _inner = rows;
        _column = column;
        ColumnNames = [.. rows.ColumnNames.Where((_, d) => d != column)];
        if (ColumnNames.Count == 0)
        {
            throw new BadOptionException(RowWeights.Option, "The column of weights is the only one; there are no data beside it.");
        }
    }

    /// <inheritdoc/>
    public int Columns => ColumnNames.Count;

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames { get; }

    /// <summary>Number of rows, those of weight 0 among them, where it is known.</summary>
    public long? RowCount => _inner.RowCount;

    /// <summary>True.</summary>
    public bool HasWeights => true;

    /// <summary>The same rows without weights.</summary>
    internal IRowSource Data => _column < 0 ? _inner : new SelectedColumns(
        _inner, ColumnSelection.AtPlaces(Enumerable.Range(0, _inner.Columns).Where(d => d != _column)));

    /// <summary>What the weights were given to.</summary>
    internal IRowSource Inner => _inner;

    bool ICostlyRows.IsCostly => _inner is ICostlyRows { IsCostly: true };

    IReadOnlyList<string> INotedRows.Notes => _inner.Notes();

    /// <inheritdoc/>
    public IRowCursor Open() => _column < 0 ? new ListCursor(this, _inner.Open()) : new ColumnCursor(this, _inner.Open());

    long ICountedRows.CountRows(CancellationToken cancellationToken) => _inner.CountRows(cancellationToken);

    private BadDataException WrongCount(long rows) => new(
        $"There are {_weights!.Length} weights for {rows} rows; give one for each row.");

    /// <summary>Weights that are given beside the rows.</summary>
    private sealed class ListCursor(WeightedRows source, IRowCursor inner) : WeightingCursor
    {
        private int _row;

        public override int Read(Span<double> block, Span<double> weights)
        {
            int rows = inner.Read(block), left = source._weights!.Length - _row;
            bool isEnd = rows < RowBlock.Capacity(block, source.Columns);
            if (isEnd ? rows != left : rows > left)
            {
                throw source.WrongCount((long)_row + rows);
            }

            if (!weights.IsEmpty)
            {
                source._weights.AsSpan(_row, rows).CopyTo(weights);
            }

            _row += rows;
            return rows;
        }

        public override void Dispose() => inner.Dispose();
    }

    /// <summary>Weights that are read with the rows.</summary>
    private sealed class ColumnCursor(WeightedRows source, IRowCursor inner) : WeightingCursor
    {
        private readonly double[] _wide = RowBlock.Allocate(source._inner.Columns);
        private readonly double[] _weights = new double[RowBlock.RowsPerBlock(source._inner.Columns)];
        private long _row;

        public override int Read(Span<double> block, Span<double> weights)
        {
            int columns = source.Columns, capacity = RowBlock.Capacity(block, columns), filled = 0;
            while (filled < capacity)
            {
                int wanted = Math.Min(capacity - filled, _weights.Length);
                int rows = inner.Read(_wide.AsSpan(0, wanted * (columns + 1)));
                Split(rows, block.Slice(filled * columns, rows * columns));
                if (!weights.IsEmpty)
                {
                    _weights.AsSpan(0, rows).CopyTo(weights[filled..]);
                }

                filled += rows;
                if (rows < wanted)
                {
                    break;
                }
            }

            return filled;
        }

        public override void Dispose() => inner.Dispose();

        private void Split(int rows, Span<double> target)
        {
            int columns = source.Columns, before = source._column;
            for (int i = 0; i < rows; i++)
            {
                ReadOnlySpan<double> row = _wide.AsSpan(i * (columns + 1), columns + 1);
                Span<double> data = target.Slice(i * columns, columns);
                row[..before].CopyTo(data);
                row[(before + 1)..].CopyTo(data[before..]);
                _weights[i] = row[before];
            }

            RowWeights.Require(_weights.AsSpan(0, rows), _row, source._inner.ColumnNames[before]);
            _row += rows;
        }
    }
}
