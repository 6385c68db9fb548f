using EntropyElbo;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace MLNet.EntropyElbo.Zip;

/// <summary>
/// The chain of stock transformers and stateless mappings that holds a model in an ordinary ML.NET zip: rows to Double;
/// their width checked; a constant key; the lookup from that key to the model's text; the encoding mapping; vectors cut
/// from their declared to their true size; helper columns dropped.
/// </summary>
internal static class ZipChain
{
    /// <summary>Builds the chain.</summary>
    /// <param name="encoder">The model, and what is computed.</param>
    /// <param name="input">Column of the rows.</param>
    /// <param name="outputs">Columns to add.</param>
    /// <param name="threshold">Anomaly score above which a row is called an anomaly; null where none is.</param>
    /// <param name="limit">Longest text of a model.</param>
    /// <exception cref="ModelFileException">The model is too large for an ML.NET zip.</exception>
    public static TransformerChain<ITransformer> Build(
        RowEncoder encoder, string input, OutputColumns outputs, float? threshold, int limit = ModelText.MaxCharacters)
    {
        string text = ModelText.Write(encoder.Model, encoder.Plan, limit);
        int widest = RowEncoder.Widest(encoder.Model, encoder.Plan);
        return widest switch
        {
            <= SmallEncodedRow.Size when encoder.Plan.Explains =>
                Build(encoder, text, input, outputs, threshold, new SmallExplainingFactory(), Contracts.ExplainSmall),
            <= MediumEncodedRow.Size when encoder.Plan.Explains =>
                Build(encoder, text, input, outputs, threshold, new MediumExplainingFactory(), Contracts.ExplainMedium),
            <= LargeEncodedRow.Size when encoder.Plan.Explains =>
                Build(encoder, text, input, outputs, threshold, new LargeExplainingFactory(), Contracts.ExplainLarge),
            <= SmallEncodedRow.Size => Build(encoder, text, input, outputs, threshold, new SmallEncodingFactory(), Contracts.EncodeSmall),
            <= MediumEncodedRow.Size => Build(encoder, text, input, outputs, threshold, new MediumEncodingFactory(), Contracts.EncodeMedium),
            <= LargeEncodedRow.Size => Build(encoder, text, input, outputs, threshold, new LargeEncodingFactory(), Contracts.EncodeLarge),
            _ => throw new ModelFileException(ModelText.Source, FormattableString.Invariant(
                $"an output would have {widest} slots; the widest that an ML.NET zip takes is {LargeEncodedRow.Size}. Leave reconstruction and column scores out, or take fewer columns.")),
        };
    }

    private static TransformerChain<ITransformer> Build<TRow>(
        RowEncoder encoder,
        string text,
        string input,
        OutputColumns outputs,
        float? threshold,
        CustomMappingFactory<StoredDoubleInput,
        TRow> factory,
        string contract)
        where TRow : EncodedRow, new()
    {
        // A context that nobody listens to: what stock transformers log when they are fitted to examples is no user's business.
        MLContext ml = new(seed: 1);
        string numbers = ReservedColumns.Numbers(input);
        IDataView view = ml.Data.LoadFromEnumerable(
            Array.Empty<EncodingChain.VectorRow>(), EncodingChain.VectorRow.Definition(input, encoder.Model.ObservedDimension));
        List<ITransformer> steps = [];
        Append(ml.Transforms.Conversion.ConvertType(numbers, input, DataKind.Single).Fit(view));
        Append(WidthCheck(ml, numbers, ReservedColumns.Width, encoder.Model.ObservedDimension));
        Append(ml.Transforms.Conversion.ConvertType(ReservedColumns.Rows, input, DataKind.Double).Fit(view));
        Append(ml.Transforms.CustomMapping(new LookupKeyFactory().GetMapping(), Contracts.LookupKey).Fit(view));
        Append(ml.Transforms.Conversion.MapValue<uint, string>(
            ReservedColumns.Model, [new KeyValuePair<uint, string>(LookupKeyRow.Key, text)], ReservedColumns.LookupKey).Fit(view));
        Append(ml.Transforms.CustomMapping(factory.GetMapping(), contract).Fit(view));
        int declared = new TRow().DeclaredSize;
        foreach (BlockOutput output in EncodingChain.Outputs(encoder.Model, outputs))
        {
            AppendOutput(output);
        }

        EncodingChain.Finish(ml, encoder.Model, outputs, view, threshold).ToList().ForEach(Append);
        Append(ml.Transforms.DropColumns([numbers, .. ReservedColumns.Dropped(view.Schema)]).Fit(view));
        return new TransformerChain<ITransformer>([.. steps]);

        void Append(ITransformer step)
        {
            steps.Add(step);
            view = step.Transform(view);
        }

        void AppendOutput(BlockOutput output)
        {
            string from = ReservedColumns.Of(output.Value);
            if (output.Type is VectorDataViewType vector)
            {
                // A scalar among the sources gives the vector slot names, if empty ones.
                Append(ml.Transforms.Concatenate(from, from, ReservedColumns.Padding).Fit(view));
                Append(Cut(ml, from, output.Name, declared + 1, vector.Size));
            }
            else if (output.Name != from)
            {
                Append(ml.Transforms.CopyColumns(output.Name, from).Fit(view));
            }
        }
    }

    /// <summary>
    /// A transformer whose own column nobody reads, and that refuses a vector of another width as soon as a loaded chain
    /// meets a view: the mapping behind it has only its own type, and would find out at the first row.
    /// </summary>
    public static ApproximatedKernelTransformer WidthCheck(MLContext ml, string numbers, string unread, int width)
    {
        IDataView examples = ml.Data.LoadFromEnumerable([Row(0), Row(1)], EncodingChain.VectorRow.Definition(numbers, width));
        return ml.Transforms.ApproximatedKernelMap(unread, numbers, rank: 1).Fit(examples);

        EncodingChain.VectorRow Row(float value) => new() { Values = new VBuffer<float>(width, [.. Enumerable.Repeat(value, width)]) };
    }

    /// <summary>Cuts a vector to its true size, under its name outside.</summary>
    private static ITransformer Cut(MLContext ml, string from, string to, int declared, int size)
    {
        EncodingChain.VectorRow example = new()
        {
            Values = new VBuffer<float>(declared, size, Enumerable.Repeat(1f, size).ToArray(), [.. Enumerable.Range(0, size)]),
        };
        IDataView used = ml.Data.LoadFromEnumerable([example], EncodingChain.VectorRow.Definition(from, declared));
        return ml.Transforms.FeatureSelection.SelectFeaturesBasedOnCount(to, from, count: 1).Fit(used);
    }
}
