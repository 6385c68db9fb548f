using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>The column of rows' weights: one Single or Double a row. Errors have ML.NET's own wording.</summary>
internal static class WeightReader
{
    private const string Types = "Single or Double";

    /// <summary>The column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it holds something else.</exception>
    public static DataViewSchema.Column Require(DataViewSchema schema, string name)
    {
        DataViewSchema.Column column = schema.GetColumnOrNull(name) ?? throw Missing(nameof(schema), name);
        return IsNumber(column.Type) ? column : throw Mismatch(nameof(schema), name, column.Type.ToString()!);
    }

    /// <summary>Checks the column's shape, before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it holds something else.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        SchemaShape.Column[] columns = [.. schema.Where(c => c.Name == name)];
        if (columns.Length == 0)
        {
            throw Missing("inputSchema", name);
        }

        if (columns[0].Kind != SchemaShape.Column.VectorKind.Scalar || columns[0].IsKey || !IsNumber(columns[0].ItemType))
        {
            throw Mismatch("inputSchema", name, FeatureColumn.Describe(columns[0]));
        }
    }

    /// <summary>What reads a row's weight.</summary>
    public static Func<double> Open(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
        {
            ValueGetter<float> singles = row.GetGetter<float>(column);
            return () =>
            {
                float weight = 0;
                singles(ref weight);
                return weight;
            };
        }

        ValueGetter<double> doubles = row.GetGetter<double>(column);
        return () =>
        {
            double weight = 0;
            doubles(ref weight);
            return weight;
        };
    }

    private static bool IsNumber(DataViewType type) => type == NumberDataViewType.Single || type == NumberDataViewType.Double;

    private static ArgumentOutOfRangeException Missing(string parameter, string name) =>
        new(parameter, $"Could not find weight column '{name}'");

    private static ArgumentOutOfRangeException Mismatch(string parameter, string name, string actual) =>
        new(parameter, $"Schema mismatch for weight column '{name}': expected {Types}, got {actual}");
}
