using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>The input column: a vector of numbers of known size. Errors have ML.NET's own wording.</summary>
internal static class FeatureColumn
{
    private const string AnySize = "Vector<Single>";

    /// <summary>The column and its number of slots.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="name">The column.</param>
    /// <param name="size">The size it must have, or null.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it is no such vector.</exception>
    public static (DataViewSchema.Column Column, int Size) Require(DataViewSchema schema, string name, int? size = null)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
        {
            throw Missing(nameof(schema), name);
        }

        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector
            || vector.ItemType is not NumberDataViewType
            || (size is { } expected && vector.Size != expected))
        {
            string wanted = size is { } width ? FormattableString.Invariant($"Vector<Single, {width}>") : AnySize;
            string actual = column.Type is VectorDataViewType { IsKnownSize: false } varying
                ? $"VarVector<{varying.ItemType}>"
                : column.Type.ToString()!;
            throw Mismatch(nameof(schema), name, wanted, actual);
        }

        return (column, vector.Size);
    }

    /// <summary>Checks the column's shape, before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none, or it is no vector of numbers.</exception>
    public static void Require(SchemaShape schema, string name)
    {
        SchemaShape.Column[] columns = [.. schema.Where(c => c.Name == name)];
        if (columns.Length == 0)
        {
            throw Missing("inputSchema", name);
        }

        SchemaShape.Column column = columns[0];
        if (column.Kind != SchemaShape.Column.VectorKind.Vector || column.ItemType is not NumberDataViewType || column.IsKey)
        {
            throw Mismatch("inputSchema", name, AnySize, Describe(column));
        }
    }

    /// <summary>A column's type in ML.NET's words.</summary>
    public static string Describe(SchemaShape.Column column)
    {
        string item = column.IsKey ? $"Key<{column.ItemType}>" : column.ItemType.ToString()!;
        return column.Kind switch
        {
            SchemaShape.Column.VectorKind.Scalar => item,
            SchemaShape.Column.VectorKind.Vector => $"Vector<{item}>",
            _ => $"VarVector<{item}>",
        };
    }

    /// <summary>The error of a column that is not there.</summary>
    public static ArgumentOutOfRangeException Missing(string parameter, string name) =>
        new(parameter, $"Could not find feature column '{name}'");

    /// <summary>The error of a column of another type.</summary>
    public static ArgumentOutOfRangeException Mismatch(string parameter, string name, string expected, string actual) =>
        new(parameter, $"Schema mismatch for feature column '{name}': expected {expected}, got {actual}");
}
