using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>Finds models inside fitted and loaded chains, and runs such chains with their models encoding in blocks.</summary>
internal static class ChainReader
{
    /// <summary>A model inside a chain, and the rows as they reach it.</summary>
    /// <param name="Encoder">The decoded model.</param>
    /// <param name="Rows">The data, transformed up to the model; null when none was given.</param>
    /// <param name="Column">Column of the rows.</param>
    internal sealed record Place(RowEncoder Encoder, IDataView? Rows, string Column);

    /// <summary>All models of a transformer, in the order in which rows pass them.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="transformer">A transformer, or a chain of them, nested as deep as you like.</param>
    /// <param name="data">What the transformer takes; null when rows are not asked for.</param>
    public static IReadOnlyList<Place> Find(MLContext ml, ITransformer transformer, IDataView? data)
    {
        List<Place> found = [];
        _ = Walk(ml, transformer, data, found);
        return found;
    }

    /// <summary>What the transformer makes of the data, models encoding in blocks.</summary>
    public static IDataView Transform(MLContext ml, ITransformer transformer, IDataView data) => Walk(ml, transformer, data, [])!;

    private static IDataView? Walk(MLContext ml, ITransformer transformer, IDataView? data, List<Place> found)
    {
        if (transformer is LatentTransformer latent)
        {
            found.Add(new Place(latent.Encoder, data, latent.InputColumnName));
            return data is null ? null : transformer.Transform(data);
        }

        if (transformer is not IEnumerable<ITransformer> chain)
        {
            return data is null ? null : transformer.Transform(data);
        }

        ITransformer? previous = null;
        RowEncoder? encoder = null;
        ZipOutputs? outputs = null;
        foreach (ITransformer step in chain)
        {
            IDataView? before = data;
            if (previous is CustomMappingTransformer<NoColumns, LookupKeyRow>)
            {
                encoder = ReadModel(ml, step);
                found.Add(new Place(encoder, data, ReservedColumns.Rows));
                data = Walk(ml, step, data, found);
            }
            else if (encoder is not null)
            {
                // The step after the lookup is the mapping.
                data = before is null ? null : InBlocks(before, encoder);
                outputs = data is null ? null : new ZipOutputs(encoder.Model);
                encoder = null;
            }
            else
            {
                data = Walk(ml, step, data, found);
                outputs?.Note(before!.Schema, data!.Schema);
            }

            previous = step;
        }

        return outputs is null ? data : outputs.Name(data!);
    }

    /// <summary>
    /// What a zip's mapping adds, added in blocks. Vectors have their true sizes here: the steps behind drop the slots from there
    /// on, of which there are none.
    /// </summary>
    private static BlockView InBlocks(IDataView data, RowEncoder encoder)
    {
        BlockOutput[] outputs =
            [.. Enum.GetValues<EncodedValue>().Where(IsThere)
                .Select(value => new BlockOutput(ReservedColumns.Of(value), value, Type(value), null))];
        return new BlockView(data, data.Schema[ReservedColumns.Rows], encoder, outputs);

        // The steps behind drop what the mapping has, and no more.
        bool IsThere(EncodedValue value) => value is not (EncodedValue.ColumnScores or EncodedValue.Kl) || encoder.Plan.Explains;

        DataViewType Type(EncodedValue value) => value switch
        {
            EncodedValue.Means or EncodedValue.Variances =>
                new VectorDataViewType(NumberDataViewType.Single, encoder.Model.LatentDimension),
            EncodedValue.Kl => new VectorDataViewType(NumberDataViewType.Single, encoder.Model.LatentTerms),
            EncodedValue.Reconstruction or EncodedValue.ColumnScores =>
                new VectorDataViewType(NumberDataViewType.Single, encoder.Model.ObservedDimension),
            EncodedValue.Component => NumberDataViewType.UInt32,
            _ => NumberDataViewType.Single,
        };
    }

    /// <summary>The lookup's only value, by running the lookup on one row.</summary>
    private static RowEncoder ReadModel(MLContext ml, ITransformer lookup)
    {
        IDataView key = ml.Data.LoadFromEnumerable([new LookupKeyRow()]);
        ModelTextRow row = ml.Data.CreateEnumerable<ModelTextRow>(lookup.Transform(key), reuseRowObject: false).Single();
        return ModelText.Read(row.Model.Span);
    }
}
