using System.Diagnostics;
using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Models;
using Microsoft.ML;
using MLNet.EntropyElbo.Data;
using MLNet.EntropyElbo.Training;

namespace MLNet.EntropyElbo;

/// <content>Selection among whole pipelines.</content>
public sealed partial class LatentVariablesCatalog
{
    /// <summary>
    /// Tries whole pipelines by cross-validation, everything in them fitted to the training folds alone, ranks them, and fits the best
    /// to all rows.
    /// </summary>
    /// <param name="data">The data.</param>
    /// <param name="pipelines">What to try.</param>
    /// <param name="inputColumnName">
    /// The column, a vector of numbers, in whose units ELBOs are compared: what reaches a model may be this column with each slot
    /// stretched and moved, as by a normaliser, and no other image of it.
    /// </param>
    /// <param name="score">
    /// What to compare instead, of a fitted pipeline and rows that it was not fitted to, higher better; null for the ELBO of the
    /// pipeline's latent-variable model, nats per row.
    /// </param>
    /// <param name="numberOfFolds">Number of folds.</param>
    /// <param name="samplingKeyColumnName">Column whose equal values stay in one fold; null for none.</param>
    /// <param name="seed">Seed of the folds; null for the context's.</param>
    /// <param name="cancellationToken">Stops the selection.</param>
    /// <exception cref="BadOptionException">There is no pipeline, or some models give densities and others probabilities.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such input column, or it is no vector of numbers of known size.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public PipelineSelection SelectPipeline(
        IDataView data,
        IReadOnlyList<IEstimator<ITransformer>> pipelines,
        string inputColumnName = LatentOptions.DefaultInputColumnName,
        Func<ITransformer, IDataView, double>? score = null,
        int numberOfFolds = DefaultFolds,
        string? samplingKeyColumnName = null,
        int? seed = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(pipelines);
        if (pipelines.Count == 0)
        {
            throw new BadOptionException(nameof(pipelines), "There is no pipeline to try; give at least one.");
        }

        if (score is null)
        {
            _ = FeatureColumn.Require(data.Schema, inputColumnName);
        }

        using CancellationWatch watch = new(_ml, cancellationToken);
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds = _ml.Data.CrossValidationSplit(data, numberOfFolds, samplingKeyColumnName, seed);
        List<bool[]> kinds = [];
        PipelineTrial[] trials = [.. pipelines.Select((pipeline, index) => Try(pipeline, index, fold => score is null
            ? HeldOutElbo(fold.Model, fold.Rows, data, inputColumnName, kinds)
            : score(fold.Model, fold.Rows), folds, watch.Token))];
        if (kinds.Any(kind => !kind.AsSpan().SequenceEqual(kinds[0])))
        {
            throw new BadOptionException(
                nameof(pipelines),
                "Some pipelines' models give densities and others probabilities, which do not compare; try them apart, or give a score of your own.");
        }

        PipelineTrial[] ranked = [.. trials.OrderBy(t => t.Failure is null ? 0 : 1).ThenByDescending(t => t.Score)];
        ranked = [.. ranked.Select((trial, place) => trial.Failure is null ? trial with { Rank = place + 1 } : trial)];
        IEstimator<ITransformer>? best = ranked[0].Failure is null ? pipelines[ranked[0].Index] : null;
        return new PipelineSelection(ranked, best, best?.Fit(data));
    }

    private PipelineTrial Try(
        IEstimator<ITransformer> pipeline,
        int index,
        Func<(ITransformer Model, IDataView Rows), double> score,
        IReadOnlyList<DataOperationsCatalog.TrainTestData> folds,
        CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        List<double> scores = [];
        string? family = null, failure = null;
        try
        {
            foreach (DataOperationsCatalog.TrainTestData fold in folds)
            {
                cancellationToken.ThrowIfCancellationRequested();
                ITransformer model = pipeline.Fit(fold.TrainSet);
                family ??= FindModels(model) is [{ } first, ..] ? first.Family : null;
                double value = score((model, fold.TestSet));
                if (!double.IsFinite(value))
                {
                    throw new BadDataException($"The score of fold {scores.Count} is {value}; a value may lie outside the model's support.");
                }

                scores.Add(value);
            }
        }
        catch (Exception error) when (error is not (OperationCanceledException or OutOfMemoryException))
        {
            // Whatever failed, the trial says so, and the search goes on.
            failure = error.Message;
        }

        double mean = failure is null ? scores.Average() : double.NaN;
        return new PipelineTrial
        {
            Index = index,
            FoldScores = scores,
            Score = failure is null ? mean : null,
            StandardError = failure is null ? Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / (scores.Count - 1.0) / scores.Count) : null,
            Family = family,
            Elapsed = Stopwatch.GetElapsedTime(start),
            Failure = failure,
        };
    }

    private static long WholeRows(DataViewRows rows)
    {
        double[] row = new double[rows.Columns];
        long count = 0;
        using IRowCursor cursor = rows.Open();
        while (cursor.Read(row) > 0)
        {
            count += Array.TrueForAll(row, double.IsFinite) ? 1 : 0;
        }

        return count;
    }

    /// <summary>ELBO of rows held out, nats per row in units of the input column.</summary>
    private double HeldOutElbo(ITransformer model, IDataView heldOut, IDataView data, string inputColumnName, List<bool[]> kinds)
    {
        ChainReader.Place place = FirstPlace(model, data);
        double[] stretches = AffineImage.LogStretches(
            DataViewRows.Open(data, inputColumnName), DataViewRows.Open(place.Rows!, place.Column));
        LatentModel found = place.Encoder.Model;
        bool[] probabilities = found.Probabilities;
        if (probabilities.Where((isOne, d) => isOne && Math.Abs(stretches[d]) > 1e-4).Any())
        {
            throw new BadDataException(
                "The model gives probabilities of counts or categories, and its pipeline stretches them; take the normaliser out, or give a score of your own.");
        }

        kinds.Add(probabilities);
        LatentVariableMetrics metrics = Evaluate(model, heldOut);
        long whole = WholeRows(DataViewRows.Open(heldOut, inputColumnName));
        return metrics.Rows == whole
            ? metrics.Elbo + stretches.Sum()
            : throw new BadDataException(FormattableString.Invariant(
                $"The pipeline leaves the model {metrics.Rows} of {whole} rows without missing values, which does not compare; keep all, or give a score of your own."));
    }
}
