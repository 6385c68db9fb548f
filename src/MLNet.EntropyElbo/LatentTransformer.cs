using EntropyElbo;
using EntropyElbo.Models;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo;

/// <summary>
/// A trained latent-variable model as a transformer: encodes rows into latent means and variances, and on request into
/// reconstruction, anomaly score, ELBO and most likely component. Rows with missing values become missing values.
/// Immutable and safe to share between threads.
/// </summary>
/// <remarks>
/// It is saved as a chain of stock transformers, and a loaded zip holds that chain: find the typed model in it with
/// <see cref="LatentVariablesCatalog.FindModel"/>. Loading needs no registration, only that this library's assembly is
/// part of the app.
/// </remarks>
public sealed class LatentTransformer : ITransformer, IDisposable
{
    private readonly MLContext _ml;
    private readonly OutputColumns _outputs;
    private readonly TransformerChain<ITransformer> _chain;

    internal LatentTransformer(MLContext ml, FitResult result, EncodingPlan plan, string input, OutputColumns outputs)
    {
        _ml = ml;
        _outputs = outputs;
        _chain = EncodingChain.Build(ml, result.Model, plan, input, outputs, forZip: false);
        Encoder = new RowEncoder(result.Model, plan);
        Result = result;
        InputColumnName = input;
    }

    /// <summary>The trained model: encode, decode, sample and evaluate without ML.NET.</summary>
    public LatentModel Model => Result.Model;

    /// <summary>How training went: time, rows per second, progress of each epoch.</summary>
    public FitResult Result { get; }

    /// <summary>
    /// The report over the training rows: ELBO, its sum of entropies, the gap by cause, collapsed latents. Nats per row.
    /// </summary>
    public Evaluation Report => Model.Frame.Training.Report!;

    /// <summary>Column of the rows.</summary>
    public string InputColumnName { get; }

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
        return _chain.Transform(input);
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
        using TransformerChain<ITransformer> chain = EncodingChain.Build(
            _ml, Model, Encoder.Plan, InputColumnName, _outputs, forZip: true);
        ((ITransformer)chain).Save(ctx);
    }

    /// <summary>Disposes the inner transformers.</summary>
    public void Dispose() => _chain.Dispose();

    private void RequireInput(DataViewSchema schema) =>
        _ = FeatureColumn.Require(schema, InputColumnName, Model.ObservedDimension);
}
