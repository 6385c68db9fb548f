using EntropyElbo.Data;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>
/// One vector column of an IDataView as a row source: each pass opens a cursor of its own and disposes it. The column
/// holds Single; other numbers are converted before.
/// </summary>
internal sealed class DataViewRows : IRowSource
{
    private readonly IDataView _data;
    private readonly DataViewSchema.Column _column;

    private DataViewRows(IDataView data, DataViewSchema.Column column, int columns, IReadOnlyList<string> names)
    {
        _data = data;
        _column = column;
        Columns = columns;
        ColumnNames = names;
    }

    /// <inheritdoc/>
    public int Columns { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames { get; }

    /// <inheritdoc/>
    public long? RowCount => _data.GetRowCount();

    /// <summary>Opens the column, converting it to Single.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing, or is no vector of numbers of known size.</exception>
    public static DataViewRows Open(MLContext ml, IDataView data, string name)
    {
        (DataViewSchema.Column column, int size) = FeatureColumn.Require(data.Schema, name);
        IReadOnlyList<string> names = Names(column, size);
        if (((VectorDataViewType)column.Type).ItemType != NumberDataViewType.Single)
        {
            data = ml.Transforms.Conversion.ConvertType(Zip.ReservedColumns.Rows, name, DataKind.Single).Fit(data).Transform(data);
            column = data.Schema[Zip.ReservedColumns.Rows];
        }

        return new DataViewRows(data, column, size, names);
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
        private readonly DataViewRowCursor _cursor;
        private readonly ValueGetter<VBuffer<float>> _getter;
        private readonly int _columns;
        private VBuffer<float> _row;

        public Cursor(DataViewRows source)
        {
            _columns = source.Columns;
            _cursor = source._data.GetRowCursor([source._column]);
            _getter = _cursor.GetGetter<VBuffer<float>>(source._column);
        }

        public int Read(Span<double> block)
        {
            int rows = 0;
            for (; (rows + 1) * _columns <= block.Length && _cursor.MoveNext(); rows++)
            {
                _getter(ref _row);
                Copy(_row, block.Slice(rows * _columns, _columns));
            }

            return rows;
        }

        public void Dispose() => _cursor.Dispose();

        private static void Copy(in VBuffer<float> row, Span<double> target)
        {
            ReadOnlySpan<float> values = row.GetValues();
            if (row.IsDense)
            {
                System.Numerics.Tensors.TensorPrimitives.ConvertChecked<float, double>(values, target);
                return;
            }

            target.Clear();
            ReadOnlySpan<int> indices = row.GetIndices();
            for (int i = 0; i < values.Length; i++)
            {
                target[indices[i]] = values[i];
            }
        }
    }
}
