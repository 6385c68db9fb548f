using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>
/// Shapes of the output columns before there is data. ML.NET's own column shapes cannot be made from outside, so a
/// mapping with these columns is asked for its output schema.
/// </summary>
internal static class OutputShape
{
    /// <summary>The input's columns and the outputs.</summary>
    public static SchemaShape Add(MLContext ml, SchemaShape input, OutputColumns outputs)
    {
        SchemaShape shape = input;
        foreach (string? vector in new[] { outputs.Means, outputs.Variances, outputs.Reconstruction, outputs.ColumnScores, outputs.Kl, outputs.Distances })
        {
            if (vector is not null)
            {
                shape = AddVector(ml, shape, vector);
            }
        }

        foreach (string? scalar in new[] { outputs.AnomalyScore, outputs.Elbo })
        {
            if (scalar is not null)
            {
                shape = Add<ScalarRow>(ml, shape, scalar, NumberDataViewType.Single, null);
            }
        }

        if (outputs.PredictedLabel is { } label)
        {
            shape = Add<LabelRow>(ml, shape, label, BooleanDataViewType.Instance, null);
        }

        return outputs.Component is { } key
            ? Add<KeyRow>(ml, shape, key, new KeyDataViewType(typeof(uint), 1), c =>
                c.AddAnnotation("KeyValues", new VBuffer<uint>(1, [0u]), new VectorDataViewType(NumberDataViewType.UInt32, 1)))
            : shape;
    }

    /// <summary>The input's columns and a vector of Double.</summary>
    public static SchemaShape AddDoubles(MLContext ml, SchemaShape shape, string name) =>
        Add<DoublesRow>(ml, shape, name, new VectorDataViewType(NumberDataViewType.Double, 1), null);

    private static SchemaShape AddVector(MLContext ml, SchemaShape shape, string name) =>
        Add<EncodingChain.VectorRow>(ml, shape, name, new VectorDataViewType(NumberDataViewType.Single, 1), column =>
            column.AddAnnotation(
                EncodingChain.SlotNamesKind,
                new VBuffer<ReadOnlyMemory<char>>(1, [name.AsMemory()]),
                new VectorDataViewType(TextDataViewType.Instance, 1)));

    private static SchemaShape Add<TRow>(
        MLContext ml, SchemaShape shape, string name, DataViewType type, Action<SchemaDefinition.Column>? annotate)
        where TRow : class, new()
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        SchemaDefinition.Column column = definition[0];
        column.ColumnName = name;
        column.ColumnType = type;
        annotate?.Invoke(column);
        return ml.Transforms.CustomMapping<NoColumns, TRow>(static (_, _) => { }, null, outputSchemaDefinition: definition)
            .GetOutputSchema(shape);
    }

    private sealed class DoublesRow
    {
        public VBuffer<double> Values { get; set; }
    }

    private sealed class LabelRow
    {
        public bool Value { get; set; }
    }

    private sealed class ScalarRow
    {
        public float Value { get; set; }
    }

    private sealed class KeyRow
    {
        public uint Value { get; set; }
    }
}
