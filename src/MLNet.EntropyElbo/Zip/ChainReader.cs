using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Zip;

/// <summary>Finds models inside fitted and loaded chains.</summary>
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
        foreach (ITransformer step in chain)
        {
            if (previous is CustomMappingTransformer<NoColumns, LookupKeyRow>)
            {
                found.Add(new Place(ReadModel(ml, step), data, ReservedColumns.Rows));
            }

            data = Walk(ml, step, data, found);
            previous = step;
        }

        return data;
    }

    /// <summary>The lookup's only value, by running the lookup on one row.</summary>
    private static RowEncoder ReadModel(MLContext ml, ITransformer lookup)
    {
        IDataView key = ml.Data.LoadFromEnumerable([new LookupKeyRow()]);
        ModelTextRow row = ml.Data.CreateEnumerable<ModelTextRow>(lookup.Transform(key), reuseRowObject: false).Single();
        return ModelText.Read(row.Model.Span);
    }
}
