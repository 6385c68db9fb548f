using System.Globalization;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Zip;

/// <summary>The steps from a column of rows to the output columns: in memory, and as they are kept in a zip.</summary>
internal static class EncodingChain
{
    /// <summary>ML.NET's name of the annotation.</summary>
    internal const string SlotNamesKind = "SlotNames";

    /// <summary>
    /// From responsibilities to distances, -log r: what <c>ml.Clustering.Evaluate</c> takes for scores. A Single holds no
    /// responsibility below 1E-38, so they end at 85 nats; missing values stay missing.
    /// </summary>
    private const string Distances = "r : -log(r + 1E-37f)";

    /// <summary>
    /// The columns that the encoder itself gives, under their names outside; the component's is finished by <see cref="Finish"/>.
    /// </summary>
    public static IReadOnlyList<BlockOutput> Outputs(LatentModel model, OutputColumns outputs)
    {
        ReadOnlyMemory<char>[] latents = OutputColumns.SlotNames(model.LatentDimension, outputs.Means);
        ReadOnlyMemory<char>[] columns = [.. model.ColumnNames.Select(n => n.AsMemory())];
        List<BlockOutput> found = [Vector(outputs.Means, EncodedValue.Means, latents)];
        if (outputs.Variances is { } variances)
        {
            found.Add(Vector(variances, EncodedValue.Variances, latents));
        }

        if (outputs.Reconstruction is { } reconstruction)
        {
            found.Add(Vector(reconstruction, EncodedValue.Reconstruction, columns));
        }

        if (outputs.ColumnScores is { } columnScores)
        {
            found.Add(Vector(columnScores, EncodedValue.ColumnScores, columns));
        }

        if (outputs.Kl is { } kl)
        {
            found.Add(Vector(kl, EncodedValue.Kl, OutputColumns.SlotNames(model.LatentTerms, kl)));
        }

        AddScalar(outputs.AnomalyScore, EncodedValue.AnomalyScore, NumberDataViewType.Single);
        AddScalar(outputs.Elbo, EncodedValue.Elbo, NumberDataViewType.Single);
        AddScalar(outputs.Component is null ? null : ReservedColumns.Component, EncodedValue.Component, NumberDataViewType.UInt32);
        return found;

        void AddScalar(string? name, EncodedValue value, DataViewType type)
        {
            if (name is not null)
            {
                found.Add(new BlockOutput(name, value, type, null));
            }
        }
    }

    /// <summary>The steps in memory, row by row: for row mappers and schemas. The model is at hand, so no step holds its text.</summary>
    public static TransformerChain<ITransformer> InMemory(
        MLContext ml, RowEncoder encoder, string input, OutputColumns outputs, IReadOnlyList<ITransformer> finish)
    {
        SchemaDefinition definition = SchemaDefinition.Create(typeof(MemoryEncodedRow), SchemaDefinition.Direction.Write);
        IReadOnlyList<BlockOutput> columns = Outputs(encoder.Model, outputs);
        definition.RemoveAll(column => columns.All(output => output.Value.ToString() != column.MemberName));
        foreach (BlockOutput output in columns)
        {
            SchemaDefinition.Column column = definition.Single(c => c.MemberName == output.Value.ToString());
            column.ColumnName = output.Name;
            column.ColumnType = output.Type;
            if (output.Annotations is not null)
            {
                VBuffer<ReadOnlyMemory<char>> names = default;
                output.Annotations.GetValue(SlotNamesKind, ref names);
                column.AddAnnotation(SlotNamesKind, names, output.Annotations.Schema[SlotNamesKind].Type);
            }
        }

        IDataView empty = ml.Data.LoadFromEnumerable(
            Array.Empty<VectorRow>(), VectorRow.Definition(input, encoder.Model.ObservedDimension));
        TypeConvertingTransformer convert = ml.Transforms.Conversion.ConvertType(ReservedColumns.Rows, input, DataKind.Double).Fit(empty);
        ITransformer map = ml.Transforms.CustomMapping<MemoryInput, MemoryEncodedRow>(
            encoder.Encode, contractName: null, outputSchemaDefinition: definition).Fit(convert.Transform(empty));
        return new TransformerChain<ITransformer>(
            [convert, map, .. finish, ml.Transforms.DropColumns(ReservedColumns.Rows).Fit(convert.Transform(empty))]);
    }

    /// <summary>What is left to stock transformers: the component as a key, distances, and the end of helper columns.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="outputs">The columns.</param>
    /// <param name="encoded">A view with what the encoder gives, under the names outside but for the component.</param>
    /// <param name="threshold">Anomaly score above which a row is called an anomaly; null where none is.</param>
    public static IReadOnlyList<ITransformer> Finish(
        MLContext ml, LatentModel model, OutputColumns outputs, IDataView encoded, float? threshold)
    {
        List<ITransformer> steps = [];
        if (outputs.Component is { } component)
        {
            IDataView components = ml.Data.LoadFromEnumerable(
                Enumerable.Range(0, model.LatentDimension).Select(k => new ComponentRow { Component = (uint)k }));
            Add(ml.Transforms.Conversion.MapValueToKey(
                component, ReservedColumns.Component, maximumNumberOfKeys: model.LatentDimension, keyData: components));
            Add(ml.Transforms.DropColumns(ReservedColumns.Component));
        }

        if (outputs.Distances is { } distances)
        {
            Add(ml.Transforms.Expression(distances, Distances, outputs.Means));
        }

        if (outputs.PredictedLabel is { } label)
        {
            // No comparison holds for a missing score, so what is not known to be below counts as above.
            string limit = threshold!.Value.ToString("R", CultureInfo.InvariantCulture);
            Add(ml.Transforms.Expression(label, $"s : !(s <= {limit}f)", outputs.AnomalyScore!));
        }

        return steps;

        void Add(IEstimator<ITransformer> step)
        {
            steps.Add(step.Fit(encoded));
            encoded = steps[^1].Transform(encoded);
        }
    }

    private static BlockOutput Vector(string name, EncodedValue value, ReadOnlyMemory<char>[] slots) =>
        new(name, value, new VectorDataViewType(NumberDataViewType.Single, slots.Length), SlotNames(slots));

    /// <summary>Annotations with slot names.</summary>
    public static DataViewSchema.Annotations SlotNames(ReadOnlyMemory<char>[] slots)
    {
        DataViewSchema.Annotations.Builder annotations = new();
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> names = (ref VBuffer<ReadOnlyMemory<char>> target) =>
            new VBuffer<ReadOnlyMemory<char>>(slots.Length, slots).CopyTo(ref target);
        annotations.Add(SlotNamesKind, new VectorDataViewType(TextDataViewType.Instance, slots.Length), names);
        return annotations.ToAnnotations();
    }

    /// <summary>A row of one vector, whose name and size are set at run time.</summary>
    internal sealed class VectorRow
    {
        /// <summary>The vector.</summary>
        public VBuffer<float> Values { get; set; }

        /// <summary>The schema with a name and a size.</summary>
        public static SchemaDefinition Definition(string name, int size)
        {
            SchemaDefinition definition = SchemaDefinition.Create(typeof(VectorRow));
            definition[0].ColumnName = name;
            definition[0].ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
            return definition;
        }
    }

    /// <summary>A component's index.</summary>
    private sealed class ComponentRow
    {
        /// <summary>The index, as the encoder gives it.</summary>
        [ColumnName(ReservedColumns.Component)]
        public uint Component { get; set; }
    }
}
