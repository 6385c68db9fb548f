using EntropyElbo;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <content>From latents to rows: variance explained, codes decoded, rows drawn.</content>
public sealed partial class LatentVariablesCatalog
{
    /// <summary>How much of the rows' variance the latents of a model explain, together and one by one.</summary>
    /// <param name="model">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned; the first model where there are several.</param>
    /// <param name="data">Data as <paramref name="model"/> takes it; rows with missing values are left out.</param>
    /// <exception cref="ArgumentException">There is no latent-variable model, or it is a mixture, whose components do not add up.</exception>
    /// <exception cref="BadDataException">There are fewer than two different rows, or rows that the family cannot take.</exception>
    public ExplainedVariance ExplainedVariance(ITransformer model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ChainReader.Place place = FirstPlace(model, data);
        if (place.Encoder.Model.Family.StartsWith(MixtureSpecification.Prefix, StringComparison.Ordinal))
        {
            throw new ArgumentException(
                "The components of a mixture exclude each other, so none explains a share of the variance; give a model with latents.", nameof(model));
        }

        ExplainedVariance explained = MLNet.EntropyElbo.ExplainedVariance.Of(
            place.Encoder.Model, DataViewRows.Open(place.Rows!, place.Column));
        return double.IsFinite(explained.Total)
            ? explained
            : throw new BadDataException(
                $"The {explained.Rows} rows without missing values have no variance to explain; give rows that differ.");
    }

    /// <summary>Draws rows from a model: latents from its prior, then rows from its observable distribution.</summary>
    /// <param name="model">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned; the first model where there are several.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="outputColumnName">Column that takes them, as they would reach the model: its input column's units and slot names.</param>
    /// <param name="seed">Seed; equal seeds give equal rows.</param>
    /// <returns>The rows, drawn as they are read, the same on every pass.</returns>
    /// <exception cref="ArgumentException">There is no latent-variable model.</exception>
    public IDataView Sample(
        ITransformer model, long rows, string outputColumnName = LatentOptions.DefaultInputColumnName, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        LatentModel found = FindModel(model);
        return _ml.Data.LoadFromEnumerable(Drawn(found, rows, seed), RowDefinition(found, outputColumnName));
    }

    /// <summary>Adds the rows that a model decodes latents to: its mean rows for them.</summary>
    /// <param name="model">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned; the first model where there are several.</param>
    /// <param name="data">Data with a column of latents, whitened ones where the model whitens them.</param>
    /// <param name="outputColumnName">Column that takes the decoded rows, in units of the model's input column, with its slot names.</param>
    /// <param name="inputColumnName">Column of the latents, a vector of numbers.</param>
    /// <returns>The data with that column, decoded as it is read; a row with a missing latent has missing values.</returns>
    /// <exception cref="ArgumentException">There is no latent-variable model.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is no vector of as many numbers as the model has latents.</exception>
    public IDataView Decode(
        ITransformer model, IDataView data, string outputColumnName, string inputColumnName = LatentOptions.DefaultOutputColumnName)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        RowEncoder encoder = FirstPlace(model, null).Encoder;
        int latents = encoder.Model.LatentDimension;
        _ = FeatureColumn.Require(data.Schema, inputColumnName, latents);
        Action<double[]>? unwhiten = encoder.Plan.Whitening?.Inverse();
        SchemaDefinition input = EncodingChain.VectorRow.Definition(ReservedColumns.Means, latents);
        SchemaDefinition output = RowDefinition(encoder.Model, outputColumnName);
        var steps = _ml.Transforms.Conversion.ConvertType(ReservedColumns.Means, inputColumnName, DataKind.Single)
            .Append(_ml.Transforms.CustomMapping<EncodingChain.VectorRow, EncodingChain.VectorRow>(Decode, null, input, output))
            .Append(_ml.Transforms.DropColumns(ReservedColumns.Means));
        return steps.Fit(data).Transform(data);

        void Decode(EncodingChain.VectorRow from, EncodingChain.VectorRow to)
        {
            double[] code = [.. from.Values.DenseValues().Select(v => (double)v)], row = new double[encoder.Model.ObservedDimension];
            if (Array.TrueForAll(code, double.IsFinite))
            {
                unwhiten?.Invoke(code);
                encoder.Model.Decode(code, row);
            }
            else
            {
                row.AsSpan().Fill(double.NaN);
            }

            to.Values = new VBuffer<float>(row.Length, Array.ConvertAll(row, v => (float)v));
        }
    }

    private ChainReader.Place FirstPlace(ITransformer model, IDataView? data)
    {
        IReadOnlyList<ChainReader.Place> places = ChainReader.Find(_ml, model, data);
        return places.Count > 0
            ? places[0]
            : throw new ArgumentException(
                "The transformer holds no latent-variable model; give the chain that was fitted with one.", nameof(model));
    }

    private static IEnumerable<EncodingChain.VectorRow> Drawn(LatentModel model, long rows, ulong seed)
    {
        int columns = model.ObservedDimension;
        double[] block = new double[model.RowsPerBlock * columns];
        for (long row = 0; row < rows; row++)
        {
            (long number, long place) = Math.DivRem(row, model.RowsPerBlock);
            if (place == 0)
            {
                model.Sample(block, seed, number);
            }

            float[] values = Array.ConvertAll(block[(int)(place * columns)..(int)((place + 1) * columns)], v => (float)v);
            yield return new EncodingChain.VectorRow { Values = new VBuffer<float>(columns, values) };
        }
    }

    private static SchemaDefinition RowDefinition(LatentModel model, string name)
    {
        SchemaDefinition definition = EncodingChain.VectorRow.Definition(name, model.ObservedDimension);
        ReadOnlyMemory<char>[] slots = [.. model.ColumnNames.Select(n => n.AsMemory())];
        definition[0].AddAnnotation(
            EncodingChain.SlotNamesKind,
            new VBuffer<ReadOnlyMemory<char>>(slots.Length, slots),
            new VectorDataViewType(TextDataViewType.Instance, slots.Length));
        return definition;
    }
}
