using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>A view whose vectors have the slot names that a loaded zip has no place for; all else is handed on.</summary>
internal sealed class NamedSlotsView : IDataView
{
    private readonly IDataView _input;

    /// <summary>Names slots.</summary>
    /// <param name="input">The view.</param>
    /// <param name="names">The names of each column's slots.</param>
    public NamedSlotsView(IDataView input, IReadOnlyDictionary<string, ReadOnlyMemory<char>[]> names)
    {
        _input = input;
        DataViewSchema.Builder schema = new();
        foreach (DataViewSchema.Column column in input.Schema)
        {
            bool isNamed = !column.IsHidden && names.ContainsKey(column.Name);
            schema.AddColumn(column.Name, column.Type, isNamed ? EncodingChain.SlotNames(names[column.Name]) : column.Annotations);
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
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(this, _input.GetRowCursor(Inner(columnsNeeded), rand));

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [.. _input.GetRowCursorSet(Inner(columnsNeeded), n, rand).Select(cursor => new Cursor(this, cursor))];

    private IEnumerable<DataViewSchema.Column> Inner(IEnumerable<DataViewSchema.Column> columns) =>
        columns.Select(column => _input.Schema[column.Index]);

    private sealed class Cursor(NamedSlotsView view, DataViewRowCursor cursor) : DataViewRowCursor
    {
        public override long Position => cursor.Position;

        public override long Batch => cursor.Batch;

        public override DataViewSchema Schema => view.Schema;

        public override bool MoveNext() => cursor.MoveNext();

        public override bool IsColumnActive(DataViewSchema.Column column) => cursor.IsColumnActive(view._input.Schema[column.Index]);

        public override ValueGetter<DataViewRowId> GetIdGetter() => cursor.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            cursor.GetGetter<TValue>(view._input.Schema[column.Index]);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                cursor.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
