using EntropyElbo.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>One vector column of an IDataView as a row source: each pass opens a cursor of its own and disposes it.</summary>
internal sealed class DataViewRows : IRowSource
{
    private readonly IDataView _data;
    private readonly DataViewSchema.Column _column;
    private readonly DataViewSchema.Column? _weight;
    private ColumnFacts? _facts;

    private DataViewRows(
        IDataView data, DataViewSchema.Column column, DataViewSchema.Column? weight, int columns, IReadOnlyList<string> names)
    {
        _data = data;
        _column = column;
        _weight = weight;
        Columns = columns;
        ColumnNames = names;
    }

    /// <inheritdoc/>
    public int Columns { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames { get; }

    /// <inheritdoc/>
    public long? RowCount => _data.GetRowCount();

    /// <inheritdoc/>
    public bool HasWeights => _weight is not null;

    /// <summary>What the first whole pass told of the columns; null before its end.</summary>
    public ColumnFacts? Facts => Volatile.Read(ref _facts);

    /// <summary>Whether the items are whole numbers of 64 bits, of which a double does not hold the largest.</summary>
    public bool HoldsLongIntegers => ((VectorDataViewType)_column.Type).ItemType is { } item
        && (item == NumberDataViewType.Int64 || item == NumberDataViewType.UInt64);

    /// <summary>Opens the column, with that of the rows' weights where one is named.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The column is missing, or is no vector of numbers of known size; or that of the weights is missing or no number.
    /// </exception>
    public static DataViewRows Open(IDataView data, string name, string? weights = null)
    {
        (DataViewSchema.Column column, int size) = FeatureColumn.Require(data.Schema, name);
        DataViewSchema.Column? weight = weights is null ? null : WeightReader.Require(data.Schema, weights);
        return new DataViewRows(data, column, weight, size, Names(column, size));
    }

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(this);

    /// <summary>The slot names where every slot has its own, else the column's name with a number.</summary>
    private static string[] Names(DataViewSchema.Column column, int size)
    {
        if (column.HasSlotNames())
        {
            VBuffer<ReadOnlyMemory<char>> slots = default;
            column.GetSlotNames(ref slots);
            string[] names = [.. slots.DenseValues().Select(n => n.ToString())];
            if (names.All(n => n.Length > 0) && names.Distinct(StringComparer.Ordinal).Count() == size)
            {
                return names;
            }
        }

        return [.. Enumerable.Range(0, size).Select(i => FormattableString.Invariant($"{column.Name}{i}"))];
    }

    private sealed class Cursor : IRowCursor
    {
        private readonly DataViewRows _source;
        private readonly DataViewRowCursor _cursor;
        private readonly VectorReader _reader;
        private readonly Func<double>? _weight;
        private ColumnFacts? _facts;
        private long _row;

        public Cursor(DataViewRows source)
        {
            _source = source;
            _facts = source.Facts is null ? new ColumnFacts(source.Columns) : null;
            _cursor = source._data.GetRowCursor(source._weight is { } column ? [source._column, column] : [source._column]);
            _reader = VectorReader.Open(_cursor, source._column);
            _weight = source._weight is { } weight ? WeightReader.Open(_cursor, weight) : null;
        }

        public int Read(Span<double> block) => Read(block, []);

        public int Read(Span<double> block, Span<double> weights)
        {
            int columns = _source.Columns;
            int rows = 0;
            for (; (rows + 1) * columns <= block.Length; rows++)
            {
                if (!_cursor.MoveNext())
                {
                    Publish();
                    break;
                }

                Span<double> row = block.Slice(rows * columns, columns);
                _reader.Read(row);
                _facts?.Add(row);
                if (!weights.IsEmpty)
                {
                    weights[rows] = _weight?.Invoke() ?? 1;
                }
            }

            RowWeights.Require(weights.IsEmpty ? weights : weights[..rows], _row, _source._weight?.Name);
            _row += rows;
            return rows;
        }

        public void Dispose() => _cursor.Dispose();

        private void Publish()
        {
            if (_facts is not null)
            {
                Interlocked.CompareExchange(ref _source._facts, _facts, null);
                _facts = null;
            }
        }
    }
}
