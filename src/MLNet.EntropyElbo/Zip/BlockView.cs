using EntropyElbo;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// A view with encoded columns, encoded in blocks of rows: a network's products over many rows run several times as fast
/// as those over one. A row has the same bits as when it is encoded alone. Only what is asked for is computed.
/// </summary>
internal sealed class BlockView : IDataView
{
    private readonly IDataView _input;
    private readonly DataViewSchema.Column _rows;
    private readonly RowEncoder _encoder;
    private readonly IReadOnlyList<BlockOutput> _outputs;

    /// <summary>Adds columns to a view.</summary>
    /// <param name="input">The view.</param>
    /// <param name="rows">Its column of rows, of the model's width.</param>
    /// <param name="encoder">The model.</param>
    /// <param name="outputs">The columns to add.</param>
    /// <exception cref="BadDataException">The rows have another width than the model.</exception>
    public BlockView(IDataView input, DataViewSchema.Column rows, RowEncoder encoder, IReadOnlyList<BlockOutput> outputs)
    {
        int width = ((VectorDataViewType)rows.Type).Size;
        if (width != encoder.Model.ObservedDimension)
        {
            // Chains of today refuse it before; older zips do not.
            throw new BadDataException(
                $"The model was trained on vectors of {encoder.Model.ObservedDimension} values, these rows have {width}; give the column "
                    + $"that it was trained on.");
        }

        _input = input;
        _rows = rows;
        _encoder = encoder;
        _outputs = outputs;
        DataViewSchema.Builder schema = new();
        schema.AddColumns(input.Schema);
        foreach (BlockOutput output in outputs)
        {
            schema.AddColumn(output.Name, output.Type, output.Annotations);
        }

        Schema = schema.ToSchema();
    }

    /// <inheritdoc/>
    public bool CanShuffle => _input.CanShuffle;

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public long? GetRowCount() => _input.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = Active(columnsNeeded);
        return new Cursor(this, _input.GetRowCursor(Needed(active), rand), active);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        bool[] active = Active(columnsNeeded);
        return [.. _input.GetRowCursorSet(Needed(active), n, rand).Select(cursor => new Cursor(this, cursor, active))];
    }

    private bool[] Active(IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            active[column.Index] = true;
        }

        return active;
    }

    private IEnumerable<DataViewSchema.Column> Needed(bool[] active) => _input.Schema.Where(column =>
        active[column.Index] || (column.Index == _rows.Index && active.AsSpan(_input.Schema.Count).Contains(true)));

    /// <summary>Reads ahead by as many rows as were read before, up to a block, so that a slow source's first rows come at once.</summary>
    private sealed class Cursor : DataViewRowCursor
    {
        private readonly BlockView _view;
        private readonly DataViewRowCursor _cursor;
        private readonly bool[] _active;
        private readonly ColumnBuffer?[] _passed;
        private readonly EncodingBlock _block;
        private readonly VectorReader? _reader;
        private readonly ValueGetter<DataViewRowId> _id;
        private readonly DataViewRowId[] _ids;
        private readonly long[] _batches;
        private readonly int _capacity;
        private int _filled;
        private int _row = -1;
        private long _position = -1;
        private bool _disposed;

        public Cursor(BlockView view, DataViewRowCursor cursor, bool[] active)
        {
            _view = view;
            _cursor = cursor;
            _active = active;
            _capacity = EncodingBlock.CapacityFor(view._encoder);
            _passed = [.. view._input.Schema.Select(c => active[c.Index] ? ColumnBuffer.Open(cursor, c, _capacity) : null)];
            EncodedParts parts = view._outputs.Where(
                (_, i) => active[view._input.Schema.Count + i]).Aggregate(EncodedParts.None, (sum, o) => sum | o.Part);
            _block = new EncodingBlock(view._encoder, parts == EncodedParts.None ? 0 : _capacity, parts);
            _reader = parts == EncodedParts.None ? null : VectorReader.Open(cursor, view._rows);
            _id = cursor.GetIdGetter();
            _ids = new DataViewRowId[_capacity];
            _batches = new long[_capacity];
        }

        public override long Position => _position;

        public override long Batch => _row < 0 ? 0 : _batches[_row];

        public override DataViewSchema Schema => _view.Schema;

        public override bool MoveNext()
        {
            if (_disposed || (++_row >= _filled && !Fill()))
            {
                _row = -1;
                _position = -1;
                return false;
            }

            _position++;
            return true;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => _active[column.Index];

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = _ids[Current()];

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!_active[column.Index])
            {
                throw new InvalidOperationException($"The column '{column.Name}' was not asked for when the cursor was opened.");
            }

            int added = column.Index - _passed.Length;
            Delegate getter = added < 0 ? _passed[column.Index]!.Getter(Current) : _view._outputs[added].Getter(_block, Current);
            return getter as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type.RawType}, not {typeof(TValue)}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !_disposed)
            {
                _disposed = true;
                _cursor.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Current() => _row >= 0 ? _row : throw new InvalidOperationException("The cursor is not on a row; call MoveNext first.");

        private bool Fill()
        {
            int most = (int)Math.Min(_capacity, _position + 2);
            _filled = 0;
            while (_filled < most && _cursor.MoveNext())
            {
                _reader?.Read(_block.Row(_filled));
                foreach (ColumnBuffer? column in _passed)
                {
                    column?.Take(_filled);
                }

                _id(ref _ids[_filled]);
                _batches[_filled++] = _cursor.Batch;
            }

            if (_filled > 0 && _reader is not null)
            {
                _view._encoder.Encode(_block, _filled);
            }

            _row = 0;
            return _filled > 0;
        }
    }
}
