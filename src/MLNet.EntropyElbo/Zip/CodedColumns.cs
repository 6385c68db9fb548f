using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// The columns of a mixed table as one vector of Double, by ML.NET's own transformers, so that a zip keeps the categories. A column
/// is coded under its own name, which gives the vector its slot names, and is put back behind.
/// </summary>
internal static class CodedColumns
{
    /// <summary>ML.NET's name of the annotation.</summary>
    internal const string KeyValuesKind = "KeyValues";

    private const string Kept = "EntropyElbo.Kept.";
    private const string Keys = "EntropyElbo.Keys.";
    private const string Width = "EntropyElbo.KeyWidth.";

    /// <summary>The component families with the places of their columns.</summary>
    public static string Specification(IEnumerable<CodedColumn> columns)
    {
        int start = 1;
        List<string> parts = [];
        foreach (IGrouping<string, CodedColumn> family in columns.GroupBy(c => c.Column.Family, StringComparer.Ordinal))
        {
            int size = family.Sum(c => c.Size);
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{family.Key}@{start}-{start + size - 1}"));
            start += size;
        }

        return string.Join(',', parts);
    }

    /// <summary>Builds the steps.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="input">Data with the columns.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="output">The vector's column.</param>
    /// <param name="training">
    /// Whether a value that is no category is a missing value; else it is a category that the model does not know.
    /// </param>
    public static TransformerChain<ITransformer> Build(
        MLContext ml, IDataView input, IReadOnlyList<CodedColumn> columns, string output, bool training)
    {
        List<ITransformer> steps = [];
        IDataView view = input;
        foreach (CodedColumn column in columns)
        {
            Append(ml.Transforms.CopyColumns(Kept + column.Column.Name, column.Column.Name));
            Code(column);
        }

        string[] names = [.. columns.Select(c => c.Column.Name)];
        Append(ml.Transforms.Concatenate(output, names));
        foreach (string name in names.Where(n => n != output))
        {
            Append(ml.Transforms.CopyColumns(name, Kept + name));
        }

        Append(ml.Transforms.DropColumns([.. ReservedColumns.Dropped(view.Schema)]));
        return new TransformerChain<ITransformer>([.. steps]);

        void Code(CodedColumn column)
        {
            string name = column.Column.Name;
            switch (column.Coding)
            {
                case Coding.Numbers:
                    Append(ml.Transforms.Conversion.ConvertType(name, name, DataKind.Double));
                    return;
                case Coding.KeyNumber:
                    CheckKeys(name, column.Keys);
                    AppendFitted(KeyNumbers(ml, name, column.Keys).Fit(view));
                    break;
                default:
                    AppendFitted(AsText(ml, view, name, column.Coding));
                    Append(ml.Transforms.Conversion.MapValue(
                        name, column.Categories!.Select((text, i) => KeyValuePair.Create(text, i + 1.0)), name));
                    break;
            }

            // ML.NET's look-up gives 0 for what it does not know.
            string none = training ? "sqrt(-1.0)" : (column.Known + 1).ToString("0.0", CultureInfo.InvariantCulture);
            Append(ml.Transforms.Expression(name, $"x : x == 0 ? {none} : x - 1", name));
        }

        // Keys of another number are others: the check refuses them as soon as the chain meets a view.
        void CheckKeys(string name, int keys)
        {
            Append(ml.Transforms.Conversion.MapKeyToVector(Keys + name, name));
            AppendFitted(ZipChain.WidthCheck(ml, Keys + name, Width + name, keys));
        }

        void Append(IEstimator<ITransformer> step) => AppendFitted(step.Fit(view));

        void AppendFitted(ITransformer step)
        {
            steps.Add(step);
            view = step.Transform(view);
        }
    }

    /// <summary>The step that gives a column's values as texts, empty where they are missing.</summary>
    public static ITransformer AsText(MLContext ml, IDataView view, string name, Coding coding) => coding switch
    {
        Coding.KeyText => ml.Transforms.Conversion.MapKeyToValue(name, name).Fit(view),
        Coding.NumberAsText => ml.Transforms.Conversion.ConvertType(name, name, DataKind.String).Fit(view),
        _ => ml.Transforms.CopyColumns(name, name).Fit(view),
    };

    private static EstimatorChain<ValueMappingTransformer> KeyNumbers(MLContext ml, string name, int keys)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(KeyCode));
        definition[nameof(KeyCode.Key)].ColumnType = new KeyDataViewType(typeof(uint), keys);

        // Members of a class hold keys from 0, columns from 1.
        IDataView table = ml.Data.LoadFromEnumerable(
            Enumerable.Range(0, keys).Select(k => new KeyCode { Key = (uint)k, Code = k + 1 }).ToArray(), definition);
        return ml.Transforms.Conversion.ConvertType(name, name, DataKind.UInt32)
            .Append(ml.Transforms.Conversion.MapValue(name, table, table.Schema[nameof(KeyCode.Key)], table.Schema[nameof(KeyCode.Code)], name));
    }

    private sealed class KeyCode
    {
        public uint Key { get; set; }

        public double Code { get; set; }
    }
}
