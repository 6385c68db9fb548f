using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>
/// A trained latent-variable model as a transformer: encodes rows into latent means and variances, and on request into
/// reconstruction, anomaly score, ELBO and most likely component. Rows with missing values become missing values; so do
/// those that the model refuses because a value lies outside its support, with an infinite anomaly score, and the log counts them.
/// Immutable and safe to share between threads.
/// </summary>
/// <remarks>
/// It is saved as a chain of stock transformers, and a loaded zip holds that chain: find the typed model in it with
/// <see cref="LatentVariablesCatalog.FindModel"/>. Loading needs no registration, only that this library's assembly is
/// part of the app.
/// </remarks>
public sealed class LatentTransformer : ITransformer, IDisposable
{
    private readonly OutputColumns _outputs;
    private readonly TransformerChain<ITransformer> _chain;
    private readonly TransformerChain<ITransformer> _finish;

    internal LatentTransformer(MLContext ml, FitResult result, EncodingPlan plan, string input, OutputColumns outputs, float? threshold)
    {
        _outputs = outputs;
        Result = result;
        InputColumnName = input;
        AnomalyThreshold = threshold;
        Encoder = new RowEncoder(result.Model, plan, new RefusalLog(ml).Report);
        IDataView empty = ml.Data.LoadFromEnumerable(
            Array.Empty<EncodingChain.VectorRow>(), EncodingChain.VectorRow.Definition(input, result.Model.ObservedDimension));
        IReadOnlyList<ITransformer> finish = EncodingChain.Finish(ml, result.Model, outputs, InBlocks(empty), threshold);
        _finish = new TransformerChain<ITransformer>([.. finish]);
        _chain = EncodingChain.InMemory(ml, Encoder, input, outputs, finish);
    }

    /// <summary>The trained model: encode, decode, sample and evaluate without ML.NET.</summary>
    public LatentModel Model => Result.Model;

    /// <summary>How training went: time, rows per second, progress of each epoch.</summary>
    public FitResult Result { get; }

    /// <summary>
    /// The report over the training rows: ELBO, its sum of entropies, the gap by cause, collapsed latents. Nats per row in the
    /// model's units, that is of its scaled columns; <see cref="Metrics"/> has the same in units of the data.
    /// </summary>
    public Evaluation Report => Model.Report;

    /// <summary>
    /// The report over the training rows in units of the data, as
    /// <see cref="LatentVariablesCatalog.Evaluate(ITransformer, IDataView, int)"/> gives it for others.
    /// </summary>
    public LatentVariableMetrics Metrics => new(Report, Model.Scaling.LogVolume);

    /// <summary>The report over the test data in units of the data; null without it.</summary>
    public LatentVariableMetrics? TestMetrics => Model.Training.TestReport is { } report ? new(report, Model.Scaling.LogVolume) : null;

    /// <summary>Column of the rows.</summary>
    public string InputColumnName { get; }

    /// <summary>
    /// The anomaly score above which a row is called an anomaly, learnt from the training rows; null without
    /// <see cref="LatentOptions.Contamination"/>.
    /// </summary>
    public float? AnomalyThreshold { get; }

    /// <inheritdoc/>
    bool ITransformer.IsRowToRowMapper => true;

    internal RowEncoder Encoder { get; }

    /// <summary>Encodes rows, lazily.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, of another type or another width.</exception>
    public IDataView Transform(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        RequireInput(input.Schema);
        return _finish.Transform(InBlocks(input));
    }

    /// <summary>The schema that <see cref="Transform"/> gives.</summary>
    /// <param name="inputSchema">Schema with the input column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing, of another type or another width.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        RequireInput(inputSchema);
        return _chain.GetOutputSchema(inputSchema);
    }

    /// <inheritdoc/>
    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        RequireInput(inputSchema);
        return ((ITransformer)_chain).GetRowToRowMapper(inputSchema);
    }

    /// <inheritdoc/>
    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        using TransformerChain<ITransformer> chain = ZipChain.Build(Encoder, InputColumnName, _outputs, AnomalyThreshold);
        ((ITransformer)chain).Save(ctx);
    }

    /// <summary>Disposes the inner transformers.</summary>
    public void Dispose() => _chain.Dispose();

    private BlockView InBlocks(IDataView input) =>
        new(input, input.Schema[InputColumnName], Encoder, EncodingChain.Outputs(Model, _outputs));

    private void RequireInput(DataViewSchema schema) =>
        _ = FeatureColumn.Require(schema, InputColumnName, Model.ObservedDimension);
}
