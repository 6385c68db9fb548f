using System.Numerics;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>Reads one vector column of numbers, of any item type, as doubles: no digit of a Double is lost on the way.</summary>
internal abstract class VectorReader
{
    /// <summary>Copies the current row, dense.</summary>
    public abstract void Read(Span<double> row);

    /// <summary>Opens the column.</summary>
    /// <param name="row">The cursor.</param>
    /// <param name="column">A vector of numbers.</param>
    public static VectorReader Open(DataViewRow row, DataViewSchema.Column column) =>
        Type.GetTypeCode(((VectorDataViewType)column.Type).ItemType.RawType) switch
        {
            TypeCode.Single => new Of<float>(row, column),
            TypeCode.Double => new Of<double>(row, column),
            TypeCode.SByte => new Of<sbyte>(row, column),
            TypeCode.Byte => new Of<byte>(row, column),
            TypeCode.Int16 => new Of<short>(row, column),
            TypeCode.UInt16 => new Of<ushort>(row, column),
            TypeCode.Int32 => new Of<int>(row, column),
            TypeCode.UInt32 => new Of<uint>(row, column),
            TypeCode.Int64 => new Of<long>(row, column),
            TypeCode.UInt64 => new Of<ulong>(row, column),
            _ =>
                throw new InvalidOperationException($"The column '{column.Name}' of {column.Type} was let through as a vector of numbers."),
        };

    /// <summary>Copies a vector, dense.</summary>
    public static void Copy<T>(in VBuffer<T> vector, Span<double> row)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> values = vector.GetValues();
        if (vector.IsDense)
        {
            TensorPrimitives.ConvertChecked<T, double>(values, row);
            return;
        }

        row.Clear();
        ReadOnlySpan<int> indices = vector.GetIndices();
        for (int i = 0; i < values.Length; i++)
        {
            row[indices[i]] = double.CreateChecked(values[i]);
        }
    }

    private sealed class Of<T>(DataViewRow row, DataViewSchema.Column column) : VectorReader
        where T : unmanaged, INumberBase<T>
    {
        private readonly ValueGetter<VBuffer<T>> _getter = row.GetGetter<VBuffer<T>>(column);
        private VBuffer<T> _values;

        public override void Read(Span<double> row)
        {
            _getter(ref _values);
            Copy(_values, row);
        }
    }
}
