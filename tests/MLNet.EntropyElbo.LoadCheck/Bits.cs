using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.LoadCheck;

/// <summary>Columns of a view as text that two views share only when every bit is the same.</summary>
public static class Bits
{
    /// <summary>One line a row, of all columns that the input does not have: name, type, bits.</summary>
    public static IReadOnlyList<string> Of(IDataView view, DataViewSchema input)
    {
        DataViewSchema.Column[] columns =
            [.. view.Schema.Where(c => !c.IsHidden && input.GetColumnOrNull(c.Name) is null)];
        List<string> lines = [string.Join(' ', columns.Select(c => $"{c.Name}:{c.Type}"))];
        using DataViewRowCursor cursor = view.GetRowCursor(columns);
        Func<string>[] getters = [.. columns.Select(c => Getter(cursor, c))];
        while (cursor.MoveNext())
        {
            lines.Add(string.Join(' ', getters.Select(g => g())));
        }

        return lines;
    }

    private static Func<string> Getter(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        if (column.Type is VectorDataViewType)
        {
            ValueGetter<VBuffer<float>> vector = cursor.GetGetter<VBuffer<float>>(column);
            VBuffer<float> values = default;
            return () =>
            {
                vector(ref values);
                return string.Join(',', values.DenseValues().Select(Hex));
            };
        }

        if (column.Type is KeyDataViewType)
        {
            ValueGetter<uint> key = cursor.GetGetter<uint>(column);
            uint value = 0;
            return () =>
            {
                key(ref value);
                return value.ToString(CultureInfo.InvariantCulture);
            };
        }

        ValueGetter<float> scalar = cursor.GetGetter<float>(column);
        float number = 0;
        return () =>
        {
            scalar(ref number);
            return Hex(number);
        };
    }

    private static string Hex(float value) => BitConverter.SingleToUInt32Bits(value).ToString("x8", CultureInfo.InvariantCulture);
}
