using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using Microsoft.ML;
using MLNet.EntropyElbo.Data;

namespace MLNet.EntropyElbo;

/// <content>Evaluation and cross-validation.</content>
public sealed partial class LatentVariablesCatalog
{
    /// <summary>Default of the number of folds.</summary>
    public const int DefaultFolds = 5;

    /// <summary>
    /// Transforms rows as <c>model.Transform(data)</c> does, with the same bits, but with latent-variable models that encode blocks
    /// of rows: a network runs several times as fast so. What <c>Fit</c> returned does that by itself; what
    /// <c>mlContext.Model.Load</c> returned is a chain of stock transformers, which go row by row.
    /// </summary>
    /// <param name="model">What <c>mlContext.Model.Load</c> returned.</param>
    /// <param name="data">Data as <paramref name="model"/> takes it.</param>
    /// <returns>The data with the model's output columns, computed as they are read.</returns>
    public IDataView Transform(ITransformer model, IDataView data)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        return ChainReader.Transform(_ml, model, data);
    }

    /// <summary>
    /// Evaluates the latent-variable model of a fitted or loaded transformer or chain; the first where there are several.
    /// </summary>
    /// <param name="model">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned.</param>
    /// <param name="data">Data as <paramref name="model"/> takes it; rows with missing values are left out.</param>
    /// <param name="samples">Monte-Carlo samples per row where an expectation has no closed form; at least 2.</param>
    /// <exception cref="ArgumentException">There is no latent-variable model.</exception>
    /// <exception cref="global::EntropyElbo.BadDataException">There are no rows, or rows that the family cannot take.</exception>
    public LatentVariableMetrics Evaluate(ITransformer model, IDataView data, int samples = EvaluateOptions.DefaultSamples) =>
        Evaluate(model, data, new EvaluateOptions { Samples = samples, MissingValues = MissingValues.SkipRow });

    /// <summary>Evaluates the latent-variable model of a fitted or loaded transformer or chain, with all options.</summary>
    /// <param name="model">What <c>Fit</c> or <c>mlContext.Model.Load</c> returned.</param>
    /// <param name="data">Data as <paramref name="model"/> takes it.</param>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">There is no latent-variable model.</exception>
    /// <exception cref="global::EntropyElbo.BadDataException">There are no rows, or rows that the options do not allow.</exception>
    public LatentVariableMetrics Evaluate(ITransformer model, IDataView data, EvaluateOptions options)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        ChainReader.Place place = FirstPlace(model, data);
        LatentModel found = place.Encoder.Model;
        DataViewRows rows = DataViewRows.Open(place.Rows!, place.Column);
        return new LatentVariableMetrics(
            found.Evaluate(rows, options), found.Scaling.LogVolume)
        { Certificate = found.Training.Certificate };
    }

    /// <summary>Fits a pipeline to all folds but one and evaluates its latent-variable model on that one, for each fold.</summary>
    /// <param name="data">The data.</param>
    /// <param name="estimator">A pipeline with a latent-variable model.</param>
    /// <param name="numberOfFolds">Number of folds.</param>
    /// <param name="samplingKeyColumnName">Column whose equal values stay in one fold; null for none.</param>
    /// <param name="seed">Seed of the folds; null for the context's.</param>
    /// <returns>One result a fold.</returns>
    public IReadOnlyList<LatentCrossValidationResult> CrossValidate(
        IDataView data, IEstimator<ITransformer> estimator, int numberOfFolds = DefaultFolds, string? samplingKeyColumnName = null, int? seed = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(estimator);
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds =
            _ml.Data.CrossValidationSplit(data, numberOfFolds, samplingKeyColumnName, seed);
        return [.. folds.Select((fold, index) =>
        {
            ITransformer model = estimator.Fit(fold.TrainSet);
            return new LatentCrossValidationResult(model, Evaluate(model, fold.TestSet), model.Transform(fold.TestSet), index);
        })];
    }
}
