using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>Values of a column for rows that were read ahead.</summary>
internal abstract class ColumnBuffer
{
    /// <summary>Takes the cursor's current value for a row of the block.</summary>
    public abstract void Take(int row);

    /// <summary>The column's getter, of the type that the schema gives: the value of the block's row at hand.</summary>
    /// <param name="current">The row at hand.</param>
    public abstract Delegate Getter(Func<int> current);

    /// <summary>Buffers a column of any type.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="column">The column.</param>
    /// <param name="capacity">Rows of a block.</param>
    public static ColumnBuffer Open(DataViewRow row, DataViewSchema.Column column, int capacity)
    {
        Type type = column.Type is VectorDataViewType vector
            ? typeof(OfVectors<>).MakeGenericType(vector.ItemType.RawType)
            : typeof(OfScalars<>).MakeGenericType(column.Type.RawType);
        return (ColumnBuffer)Activator.CreateInstance(type, row, column, capacity)!;
    }

    private sealed class OfScalars<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer
    {
        private readonly ValueGetter<T> _getter = row.GetGetter<T>(column);
        private readonly T[] _values = new T[capacity];

        public override void Take(int row)
        {
            // A getter may reuse or dispose what it finds, such as an image that was handed on.
            _values[row] = default!;
            _getter(ref _values[row]);
        }

        public override Delegate Getter(Func<int> current) => (ValueGetter<T>)((ref T value) => value = _values[current()]);
    }

    private sealed class OfVectors<T>(DataViewRow row, DataViewSchema.Column column, int capacity) : ColumnBuffer
    {
        private readonly ValueGetter<VBuffer<T>> _getter = row.GetGetter<VBuffer<T>>(column);
        private readonly VBuffer<T>[] _values = new VBuffer<T>[capacity];

        public override void Take(int row) => _getter(ref _values[row]);

        public override Delegate Getter(Func<int> current) =>
            (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) => _values[current()].CopyTo(ref value));
    }
}
