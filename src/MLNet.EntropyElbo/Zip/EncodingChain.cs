using EntropyElbo;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// The chain of stock transformers and stateless mappings that holds a model, so that it lives in an ordinary ML.NET
/// zip: rows to Single; a constant key; the lookup from that key to the model's text; the encoding mapping; vectors cut
/// from their declared to their true size; helper columns dropped.
/// </summary>
internal static class EncodingChain
{
    /// <summary>Builds the chain.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="model">The model.</param>
    /// <param name="plan">What is computed.</param>
    /// <param name="input">Column of the rows.</param>
    /// <param name="outputs">Columns to add.</param>
    /// <param name="forZip">
    /// Whether the chain is for a zip. A loaded mapping knows no slot names, so such a chain adds nameless ones; the
    /// chain in memory has real names. Both give the same bits.
    /// </param>
    /// <exception cref="ModelFileException">The model is too large for an ML.NET zip.</exception>
    public static TransformerChain<ITransformer> Build(
        MLContext ml, LatentModel model, EncodingPlan plan, string input, OutputColumns outputs, bool forZip)
    {
        string text = ModelText.Write(model, plan);
        int widest = RowEncoder.Widest(model, plan);
        return widest switch
        {
            <= SmallEncodedRow.Size =>
                Build(ml, model, text, input, outputs, new SmallEncodingFactory(), Contracts.EncodeSmall, forZip),
            <= MediumEncodedRow.Size =>
                Build(ml, model, text, input, outputs, new MediumEncodingFactory(), Contracts.EncodeMedium, forZip),
            <= LargeEncodedRow.Size =>
                Build(ml, model, text, input, outputs, new LargeEncodingFactory(), Contracts.EncodeLarge, forZip),
            _ => throw new ModelFileException(
                ModelText.Source, $"an output would have {widest} slots; the widest that an ML.NET zip takes is {LargeEncodedRow.Size}. Leave the reconstruction out, or take fewer columns."),
        };
    }

    private static TransformerChain<ITransformer> Build<TRow>(
        MLContext ml,
        LatentModel model,
        string text,
        string input,
        OutputColumns outputs,
        CustomMappingFactory<EncodingInput, TRow> factory,
        string contract,
        bool forZip)
        where TRow : EncodedRow, new()
    {
        int declared = new TRow().DeclaredSize;
        ReadOnlyMemory<char>[] latentNames = OutputColumns.SlotNames(model, outputs.Means);
        ReadOnlyMemory<char>[] columnNames = [.. model.Frame.ColumnNames.Select(n => n.AsMemory())];
        SchemaDefinition definition = SchemaDefinition.Create(typeof(TRow), SchemaDefinition.Direction.Write);
        if (!forZip)
        {
            AddSlotNames(definition, ReservedColumns.Means, latentNames, declared);
            AddSlotNames(definition, ReservedColumns.Variances, latentNames, declared);
            AddSlotNames(definition, ReservedColumns.Reconstruction, columnNames, declared);
        }

        IDataView empty = ml.Data.LoadFromEnumerable(Array.Empty<VectorRow>(), VectorRow.Definition(input, model.ObservedDimension));
        List<ITransformer> steps = [];
        void Add(IEstimator<ITransformer> step)
        {
            ITransformer fitted = step.Fit(empty);
            empty = fitted.Transform(empty);
            steps.Add(fitted);
        }

        Add(ml.Transforms.Conversion.ConvertType(ReservedColumns.Rows, input, DataKind.Single));
        Add(ml.Transforms.CustomMapping(new LookupKeyFactory().GetMapping(), Contracts.LookupKey));
        Add(ml.Transforms.Conversion.MapValue<uint, string>(
            ReservedColumns.Model, [new KeyValuePair<uint, string>(LookupKeyRow.Key, text)], ReservedColumns.LookupKey));
        Add(ml.Transforms.CustomMapping(factory.GetMapping(), contract, outputSchemaDefinition: definition));
        steps.AddRange(Vectors(ml, model, outputs, declared, forZip));
        empty = steps.Skip(4).Aggregate(empty, (view, step) => step.Transform(view));
        foreach (IEstimator<ITransformer> step in Scalars(ml, model, outputs))
        {
            Add(step);
        }

        Add(ml.Transforms.DropColumns([.. ReservedColumns.All]));
        return new TransformerChain<ITransformer>([.. steps]);
    }

    /// <summary>Cuts each vector to its true size, under its name outside.</summary>
    private static IEnumerable<ITransformer> Vectors(
        MLContext ml, LatentModel model, OutputColumns outputs, int declared, bool forZip)
    {
        (string From, string? To, int Size)[] vectors =
        [
            (ReservedColumns.Means, outputs.Means, model.LatentDimension),
            (ReservedColumns.Variances, outputs.Variances, model.LatentDimension),
            (ReservedColumns.Reconstruction, outputs.Reconstruction, model.ObservedDimension),
        ];
        foreach ((string from, string? to, int size) in vectors)
        {
            if (to is null)
            {
                continue;
            }

            int slots = declared;
            if (forZip)
            {
                // A scalar among the sources gives the vector slot names, if empty ones.
                IDataView sources = ml.Data.LoadFromEnumerable(Array.Empty<PaddedVectorRow>(), PaddedVectorRow.Definition(from, declared));
                yield return ml.Transforms.Concatenate(from, from, ReservedColumns.Padding).Fit(sources);
                slots++;
            }

            VectorRow example = new() { Values = new VBuffer<float>(slots, size, Enumerable.Repeat(1f, size).ToArray(), [.. Enumerable.Range(0, size)]) };
            IDataView used = ml.Data.LoadFromEnumerable([example], VectorRow.Definition(from, slots));
            yield return ml.Transforms.FeatureSelection.SelectFeaturesBasedOnCount(to, from, count: 1).Fit(used);
        }
    }

    private static IEnumerable<IEstimator<ITransformer>> Scalars(MLContext ml, LatentModel model, OutputColumns outputs)
    {
        if (outputs.AnomalyScore is { } score)
        {
            yield return ml.Transforms.CopyColumns(score, ReservedColumns.AnomalyScore);
        }

        if (outputs.Elbo is { } elbo)
        {
            yield return ml.Transforms.CopyColumns(elbo, ReservedColumns.Elbo);
        }

        if (outputs.Component is { } component)
        {
            IDataView components = ml.Data.LoadFromEnumerable(
                Enumerable.Range(0, model.LatentDimension).Select(k => new ComponentRow { Component = (uint)k }));
            yield return ml.Transforms.Conversion.MapValueToKey(
                component, ReservedColumns.Component, maximumNumberOfKeys: model.LatentDimension, keyData: components);
        }
    }

    private static void AddSlotNames(SchemaDefinition definition, string column, ReadOnlyMemory<char>[] names, int size)
    {
        SchemaDefinition.Column found = definition.Single(c => c.ColumnName == column);
        int used = Math.Min(names.Length, size);
        VBuffer<ReadOnlyMemory<char>> value = new(size, used, names, [.. Enumerable.Range(0, used)]);
        found.AddAnnotation(SlotNamesKind, value, new VectorDataViewType(TextDataViewType.Instance, size));
    }

    /// <summary>ML.NET's name of the annotation.</summary>
    internal const string SlotNamesKind = "SlotNames";

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

    /// <summary>A vector and the padding scalar.</summary>
    private sealed class PaddedVectorRow
    {
        /// <summary>The vector.</summary>
        public VBuffer<float> Values { get; set; }

        /// <summary>The scalar.</summary>
        public float Padding { get; set; }

        /// <summary>The schema with a name and a size.</summary>
        public static SchemaDefinition Definition(string name, int size)
        {
            SchemaDefinition definition = SchemaDefinition.Create(typeof(PaddedVectorRow));
            SchemaDefinition.Column values = definition.Single(c => c.MemberName == nameof(Values));
            values.ColumnName = name;
            values.ColumnType = new VectorDataViewType(NumberDataViewType.Single, size);
            definition.Single(c => c.MemberName == nameof(Padding)).ColumnName = ReservedColumns.Padding;
            return definition;
        }
    }

    /// <summary>A component's index.</summary>
    private sealed class ComponentRow
    {
        /// <summary>The index, as the mapping writes it.</summary>
        [ColumnName(ReservedColumns.Component)]
        public uint Component { get; set; }
    }
}
