using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// EM on minibatches; an iteration is an epoch. After the E-step of a batch its sums, per row, are mixed into running ones with the
/// share <c>(t + 2)^-0.6</c>, t the batches before it under the same weights (Cappé and Moulines 2009), and the exact M-step is
/// made on those; or, as V does it, the fields go half the way to those of the batch's own M-step. The values of an epoch are means
/// over its batches of the classical ELBO before the batch's update: rows that the parameters have not learned from in this epoch.
/// </summary>
internal sealed class MinibatchFit : ISparseCodingFit, IBlockWork, IDisposable
{
    /// <summary>Rows of a block.</summary>
    private const int BlockRows = 64;

    /// <summary>What a batch counts among t before it: <c>(t + 2)</c> to this.</summary>
    public const double Exponent = -0.6;

    /// <summary>Epochs with a shared scale (chosen here).</summary>
    private const int SharedEpochs = 2;

    /// <summary>How far V goes towards the M-step of a batch.</summary>
    private const double PaperRate = 0.5;

    private readonly SparseCodingOptions _options;
    private readonly TrainingRows _rows;
    private readonly WorkerTeam _team;
    private readonly SparseCodingWorker[] _workers;
    private readonly MatrixView<float>[] _gathered;
    private readonly SparseCodingFloors _floors;
    private readonly double[] _origin;
    private readonly SparseCodingSums _batch;
    private readonly SparseCodingSums _running;
    private PosteriorModel _model = null!;
    private int _epoch;
    private long _batchesSinceChange;

    public MinibatchFit(
        SparseCodingOptions options, SparseCodingColumns columns, TrainingRows rows, SparseCodingParameters start, int threads)
    {
        (_options, _rows, Parameters, _origin) = (options, rows, start, start.Mean);
        _floors = SparseCodingFloors.Of(options, columns);
        _team = new WorkerTeam(threads);
        _workers =
            [.. Enumerable.Range(0, threads)
                .Select(_ => new SparseCodingWorker(BlockRows, columns.Count, options.Latents, options.Shape))];
        _gathered = [.. Enumerable.Range(0, threads).Select(_ => new Matrix<float>(BlockRows, columns.Count).View)];
        _batch = new SparseCodingSums(columns.Count, options.Latents);
        _running = new SparseCodingSums(columns.Count, options.Latents);
    }

    public IterationValues Current { get; private set; }

    public long Steps { get; private set; }

    public SparseCodingParameters Parameters { get; private set; }

    public bool HasVanishingResiduals => false;

    public double? BatchEntropySum { get; private set; }

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        _rows.BeginEpoch(_epoch);
        if (_epoch > 0 && _options.Annealing.At(_epoch) != _options.Annealing.At(_epoch - 1))
        {
            // Sums of codes under other weights are soon forgotten.
            _batchesSinceChange = 0;
        }

        double elbo = 0, entropies = 0, prior = 0, noise = 0, own = 0;
        while (_rows.NextBatch())
        {
            if (!Infer(cancellationToken))
            {
                return IterationOutcome.Cancelled;
            }

            SparseCodingObjective objective = new(Parameters, _batch);
            IterationValues values = objective.Values();
            double weight = _batch.Rows / _rows.Count;
            elbo += weight * values.Elbo;
            entropies += weight * values.EntropySum;
            prior += weight * values.PriorResidual;
            noise += weight * values.NoiseResidual;
            own += weight * objective.EntropyForm();
            Learn();
        }

        (Current, BatchEntropySum) = (new IterationValues(elbo, entropies, prior, noise, 0), own);
        _epoch++;
        return IterationOutcome.Moved;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) =>
        StationarityRule.IsStationary(history, _options.Annealing.Epochs, StationarityRule.WindowEpochs, _options.StationarityTolerance);

    /// <summary>Rows with weights go one by one: a block's sums are merged times one weight.</summary>
    public int Take(long firstRow, int worker) => BlockPlace.RowsAt(firstRow, _rows.BatchRows, _rows.Weights is null ? BlockRows : 1);

    public void Compute(BlockPlace place)
    {
        SparseCodingWorker worker = _workers[place.Worker];
        MatrixView<float> rows = _gathered[place.Worker].Slice(0, place.Count);
        worker.Use(_model, Parameters.Mean);
        _rows.Gather((int)place.FirstRow, rows);
        worker.Load(rows);
        worker.Infer(place.Count, isWarm: false, withSums: true);
    }

    public void Merge(BlockPlace place) => _batch.Merge(_workers[place.Worker].Sums, _rows.WeightOf((int)place.FirstRow));

    public void Write(ModelRecord record)
    {
        record.Set("epoch", _epoch);
        record.Set("steps", Steps);
        record.Set("batchesSinceChange", _batchesSinceChange);
        if (BatchEntropySum is { } own)
        {
            record.Set("batchEntropySum", own);
        }

        SparseCodingFile.Write(record, Parameters);
        _running.Write(record);
    }

    public void Read(ModelRecord record)
    {
        _epoch = record.SmallCount("epoch");
        Steps = record.Count("steps");
        _batchesSinceChange = record.Count("batchesSinceChange");
        Parameters = SparseCodingFile.Read(record, Parameters.Latents, Parameters.Columns);
        _running.Read(record);
        BatchEntropySum = record.Has("batchEntropySum") ? record.FiniteNumber("batchEntropySum") : null;
    }

    public void Dispose() => _team.Dispose();

    /// <summary>One scale for all latents, where that is asked for, in the first epochs with the weights of the ELBO.</summary>
    public static ScaleRule Rule(SparseCodingOptions options, AnnealingSchedule schedule, int epoch) =>
        schedule.At(epoch).Prior > 1 ? ScaleRule.Held
        : options.ScaleStart == ScaleStart.Shared && epoch < schedule.Epochs + SharedEpochs ? ScaleRule.Shared
        : ScaleRule.Free;

    /// <summary>The E-step of the batch; false where it was cancelled.</summary>
    private bool Infer(CancellationToken cancellation)
    {
        (double prior, double noise) = _options.Annealing.At(_epoch);
        _model = new PosteriorModel(Parameters.Fields, Parameters.Scales, Parameters.NoiseVariance, prior, noise)
        {
            Tolerance = _options.InnerTolerance,
        };
        _batch.Clear();
        return OrderedBlocks.Run(this, _team, cancellation);
    }

    /// <summary>The M-step.</summary>
    private void Learn()
    {
        _batch.MoveOrigin(Parameters.Mean, _origin);
        bool isPaper = _options.BatchStep == SparseCodingStep.Paper;

        // Means over batches of other weights are no mean over rows: a heavy batch goes further.
        double weight = _batch.Rows / _rows.BatchRows;
        double share = isPaper || Steps == 0 ? 1 : Math.Min(1, weight * Math.Pow(_batchesSinceChange + 2, Exponent));
        _running.Mix(_batch, share);
        ScaleRule rule = Rule(_options, _options.Annealing, _epoch);
        Maximisation step = Maximisation.Of(_origin, _running, _options.Centre, _floors, Parameters, rule, isPaper ? PaperRate : 1);
        _running.Stretch(step.Lengths);
        Parameters = step.Parameters;
        Steps++;
        _batchesSinceChange++;
    }
}
