using EntropyElbo;
using EntropyElbo.Families.Mixture.Components;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo.Data;

namespace MLNet.EntropyElbo.Zip;

/// <summary>How a column becomes numbers.</summary>
internal enum Coding
{
    /// <summary>Numbers stay numbers.</summary>
    Numbers,

    /// <summary>A text stands for itself.</summary>
    Text,

    /// <summary>A number stands for its text.</summary>
    NumberAsText,

    /// <summary>A key stands for the text that is its value, whatever its number.</summary>
    KeyText,

    /// <summary>A key without texts stands for its number.</summary>
    KeyNumber,
}

/// <summary>A column of a mixed table with what was learnt of it.</summary>
/// <param name="Column">Name and family.</param>
/// <param name="Coding">How it becomes numbers.</param>
/// <param name="Size">Slots.</param>
/// <param name="Categories">The texts of its categories, in ordinal order; null where it has numbers or keys without texts.</param>
/// <param name="Keys">Keys of a column of <see cref="Coding.KeyNumber"/>.</param>
internal sealed record CodedColumn(MixtureColumn Column, Coding Coding, int Size, string[]? Categories, int Keys)
{
    /// <summary>The family whose values are categories.</summary>
    public const string Categorical = "categorical";

    /// <summary>The text that ML.NET makes of a missing number.</summary>
    private const string MissingNumber = "NaN";

    /// <summary>Categories known from the training rows.</summary>
    public int Known => Categories?.Length ?? Keys;

    /// <summary>Finds the column, and learns its categories where it has any.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of a type that its family cannot take.</exception>
    /// <exception cref="BadDataException">It has no value, or too many categories.</exception>
    public static CodedColumn Learn(MLContext ml, IDataView data, MixtureColumn column)
    {
        DataViewSchema.Column found = data.Schema.GetColumnOrNull(column.Name) ?? throw FeatureColumn.Missing(nameof(data), column.Name);
        Coding coding = CodingOf(column, found.Type, HasTextValues(found));
        if (coding == Coding.Numbers)
        {
            return new CodedColumn(column, coding, (found.Type as VectorDataViewType)?.Size ?? 1, null, 0);
        }

        if (coding == Coding.KeyNumber)
        {
            ulong count = ((KeyDataViewType)found.Type).Count;
            return count <= CategoricalFamily.MaximumCategories
                ? new CodedColumn(column, coding, 1, null, (int)count)
                : throw TooMany(column);
        }

        IDataView texts = CodedColumns.AsText(ml, data, column.Name, coding).Transform(data);
        return new CodedColumn(column, coding, 1, Distinct(texts, column, coding), 0);
    }

    /// <summary>Checks the column's shape, before there is data.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of a type that its family cannot take.</exception>
    public static void Require(SchemaShape schema, MixtureColumn column)
    {
        SchemaShape.Column[] columns = [.. schema.Where(c => c.Name == column.Name)];
        SchemaShape.Column found = columns.Length > 0 ? columns[0] : throw FeatureColumn.Missing(nameof(schema), column.Name);
        bool categorical = column.Family == Categorical;
        bool fits = found.Kind switch
        {
            SchemaShape.Column.VectorKind.Scalar when found.IsKey => categorical,
            SchemaShape.Column.VectorKind.Scalar => IsNumber(found.ItemType) || (categorical && found.ItemType is TextDataViewType),
            SchemaShape.Column.VectorKind.Vector => !found.IsKey && !categorical && found.ItemType is NumberDataViewType,
            _ => false,
        };
        if (!fits)
        {
            throw Mismatch(column, FeatureColumn.Describe(found));
        }
    }

    private static Coding CodingOf(MixtureColumn column, DataViewType type, bool hasTexts) => type switch
    {
        KeyDataViewType when column.Family == Categorical => hasTexts ? Coding.KeyText : Coding.KeyNumber,
        TextDataViewType when column.Family == Categorical => Coding.Text,
        NumberDataViewType or BooleanDataViewType => column.Family == Categorical ? Coding.NumberAsText : Coding.Numbers,
        VectorDataViewType { IsKnownSize: true, ItemType: NumberDataViewType } when column.Family != Categorical => Coding.Numbers,
        _ => throw Mismatch(column, type.ToString()!),
    };

    private static bool IsNumber(DataViewType type) => type is NumberDataViewType or BooleanDataViewType;

    private static bool HasTextValues(DataViewSchema.Column column) =>
        column.Type is KeyDataViewType
        && column.Annotations.Schema.GetColumnOrNull(CodedColumns.KeyValuesKind)?.Type is VectorDataViewType { ItemType: TextDataViewType };

    private static string[] Distinct(IDataView data, MixtureColumn column, Coding coding)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> lookup = seen.GetAlternateLookup<ReadOnlySpan<char>>();
        using DataViewRowCursor cursor = data.GetRowCursor([data.Schema[column.Name]]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(data.Schema[column.Name]);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            bool isMissing = value.IsEmpty || (coding == Coding.NumberAsText && value.Span is MissingNumber);
            if (!isMissing && lookup.Add(value.Span) && seen.Count > CategoricalFamily.MaximumCategories)
            {
                throw TooMany(column);
            }
        }

        return seen.Count > 0
            ? [.. seen.Order(StringComparer.Ordinal)]
            : throw new BadDataException(
                $"Column '{column.Name}' holds no value in any row, so no row is left to train on; leave it out.", column: column.Name);
    }

    private static ArgumentOutOfRangeException Mismatch(MixtureColumn column, string actual) => FeatureColumn.Mismatch(
        "inputSchema",
        column.Name,
        column.Family == Categorical
            ? "a number, Boolean, text or key"
            : $"a number, Boolean or vector of numbers of known size (for {column.Family})",
        actual);

    private static BadDataException TooMany(MixtureColumn column) => new(
        $"Column '{column.Name}' has more than {CategoricalFamily.MaximumCategories} categories; leave it out, or group its values.",
        column: column.Name);
}
