using System.Diagnostics;
using System.Numerics.Tensors;
using EntropyElbo.Files;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>
/// The loop of minibatch training: epochs, schedules, stopping rules, progress, checkpoints. What is learnt is the
/// <see cref="BlockObjective"/>'s business.
/// </summary>
internal sealed class MinibatchTrainer
{
    private readonly BlockObjective _objective;
    private readonly MinibatchOptions _options;
    private readonly FitContext _context;
    private readonly string _fingerprint;
    private readonly CheckpointWrites _checkpoints = new();
    private readonly Func<double>? _testElbo;
    private readonly Func<TrainingState, TrainingRows, IStepRunner> _runner;

    /// <summary>Binds a fit.</summary>
    /// <param name="objective">What is learnt.</param>
    /// <param name="options">How.</param>
    /// <param name="context">Surroundings.</param>
    /// <param name="fingerprint">Names data and options in checkpoints.</param>
    /// <param name="testElbo">ELBO of the test rows by the parameters as they stand; null without test rows.</param>
    /// <param name="runner">Makes what takes the steps.</param>
    public MinibatchTrainer(
        BlockObjective objective,
        MinibatchOptions options,
        FitContext context,
        string fingerprint,
        Func<double>? testElbo,
        Func<TrainingState, TrainingRows, IStepRunner> runner)
    {
        _objective = objective;
        _options = options;
        _context = context;
        _fingerprint = fingerprint;
        _testElbo = testElbo;
        _runner = runner;
    }

    /// <summary>What the user should know of the checkpoints.</summary>
    public IEnumerable<string> Warnings => _checkpoints.Warnings;

    /// <summary>Trains from the state given (or from the checkpoint, when resuming) and returns why it stopped.</summary>
    public StopReason Run(TrainingState state, TrainingRows rows)
    {
        using FileClaim? claim = ModelFile.Claim(_context.CheckpointPath);
        if (_context.Resume && _context.CheckpointPath is { } path && File.Exists(path))
        {
            state.Load(path, _fingerprint);
        }

        using IStepRunner runner = _runner(state, rows);
        int limit = _options.EpochLimit(rows.Count);
        long batches = (rows.Count + _options.BatchSize - 1) / _options.BatchSize;
        int window = StationarityRule.Window(batches);
        Stopwatch watch = Stopwatch.StartNew();
        long rowsDone = 0;
        while (true)
        {
            StopReason? reason = Reason(state, limit, watch.Elapsed);
            if (reason is { } stop)
            {
                return Finish(state, stop);
            }

            ElboStatistics sums = new(_objective.Latents, _objective.MomentCount);
            if (!Epoch(state, rows, runner, limit, batches, sums))
            {
                return Finish(state, StopReason.Cancelled);
            }

            rowsDone += sums.Rows;
            FitProgress progress = Progress(state, sums, limit, watch.Elapsed, rowsDone);
            state.History.Add(progress);
            TrackBest(state, progress);
            TrackStationarity(state, window);
            SaveCheckpoint(state, limit);
            _context.Progress?.Report(progress);
        }
    }

    private bool Epoch(TrainingState state, TrainingRows rows, IStepRunner runner, int limit, long batches, ElboStatistics sums)
    {
        try
        {
            bool whole = Steps(state, rows, runner, limit, batches, sums);
            runner.EndEpoch(sums);
            RequireFinite(state);
            return whole;
        }
        catch (TrainingException error)
        {
            throw new TrainingException($"{error.Message} {Remedy(state)}", error);
        }
    }

    /// <summary>The epoch's updates; false where they were cut short.</summary>
    private bool Steps(TrainingState state, TrainingRows rows, IStepRunner runner, int limit, long batches, ElboStatistics sums)
    {
        int epoch = state.Epoch;
        rows.BeginEpoch(epoch);
        for (int batch = 0; rows.NextBatch(); batch++)
        {
            if (_context.CancellationToken.IsCancellationRequested)
            {
                return false;
            }

            double time = epoch + Math.Min(1, (double)batch / batches);
            runner.Step(epoch, batch, _options.KlWeight.At(time), LearningRate(state, time, limit), sums);
        }

        return true;
    }

    private int SettleLength(int end) => (int)Math.Ceiling(_options.SettleShare * end);

    /// <summary>The epoch at which training ends: the limit, or the end of settling.</summary>
    private int EndEpoch(TrainingState state, int limit) =>
        state.SettleEpoch is { } settle ? Math.Min(limit, settle + Math.Max(2, SettleLength(settle))) : limit;

    private double LearningRate(TrainingState state, double time, int limit)
    {
        int end = EndEpoch(state, limit);
        int start = state.SettleEpoch ?? (limit - SettleLength(limit));
        return _options.LearningRate * CosineDecay.At(time, start, end);
    }

    private StopReason? Reason(TrainingState state, int limit, TimeSpan elapsed)
    {
        if (_context.CancellationToken.IsCancellationRequested)
        {
            return StopReason.Cancelled;
        }

        if (state.Epoch >= EndEpoch(state, limit))
        {
            return state.SettleEpoch is null ? StopReason.EpochLimit : StopReason.Stationary;
        }

        if (_options.EarlyStoppingPatience is { } patience && state.BestEpoch > 0 && state.Epoch - state.BestEpoch >= patience)
        {
            return StopReason.EarlyStopping;
        }

        return _context.TimeBudget is { } budget && elapsed >= budget && state.Epoch > 0 ? StopReason.TimeLimit : null;
    }

    private StopReason Finish(TrainingState state, StopReason reason)
    {
        if (_options.EarlyStoppingPatience is not null && state.BestParameters is { } best)
        {
            best.CopyTo(state.Parameters.Span);
        }

        return reason;
    }

    private void TrackBest(TrainingState state, FitProgress progress)
    {
        if (_options.EarlyStoppingPatience is null || progress.TestElbo is not { } elbo)
        {
            return;
        }

        if (state.BestEpoch == 0 || elbo > state.History[state.BestEpoch - 1].TestElbo)
        {
            state.BestEpoch = state.Epoch;
            state.BestParameters = state.Parameters.Span.ToArray();
        }
    }

    private void TrackStationarity(TrainingState state, int window)
    {
        if (state.SettleEpoch is null
            && StationarityRule.IsStationary(state.History, _options.KlWeight.SettledEpoch, window, _options.StationarityTolerance))
        {
            state.SettleEpoch = state.Epoch;
        }
    }

    private void SaveCheckpoint(TrainingState state, int limit)
    {
        if (_context.CheckpointPath is { } path
            && (state.Epoch % Math.Max(1, _context.CheckpointEpochs) == 0 || state.Epoch >= EndEpoch(state, limit)))
        {
            _checkpoints.Write(state.Epoch, () => state.Save(path, _fingerprint));
        }
    }

    private FitProgress Progress(TrainingState state, ElboStatistics sums, int limit, TimeSpan elapsed, long rowsDone)
    {
        AlignedBuffer<float> parameters = state.Parameters;
        ElboReport report = _objective.Summarise(parameters, sums);
        LatentReport[] latents = sums.Latents(_objective.PriorScales(parameters), new CollapseThresholds());
        return new FitProgress
        {
            Epoch = state.Epoch + 1,
            Epochs = EndEpoch(state, limit),
            Elbo = report.Elbo,
            EntropySum = report.EntropySum,
            PriorResidual = report.PriorResidual,
            NoiseResidual = report.NoiseResidual,
            Collapsed = latents.Count(l => l.CollapsedByEntropy),
            TestElbo = _options.EarlyStoppingPatience is not null && _testElbo?.Invoke() is { } test && double.IsFinite(test) ? test : null,
            Elapsed = elapsed,
            RowsPerSecond = rowsDone / Math.Max(1e-9, elapsed.TotalSeconds),
        };
    }

    /// <summary>Parameters are checked before they are kept: a gradient may overflow where the ELBO does not.</summary>
    private void RequireFinite(TrainingState state)
    {
        foreach (ParameterTensor tensor in _objective.Layout.Tensors)
        {
            if (!TensorPrimitives.IsFiniteAll<float>(state.Parameters.Span.Slice(tensor.Offset, tensor.Length)))
            {
                throw new TrainingException($"A parameter stopped being finite in epoch {state.Epoch + 1}: tensor '{tensor.Name}'.");
            }
        }
    }

    private string Remedy(TrainingState state)
    {
        const string remedy = "Lower the learning rate, or scale the columns (minmax or standard).";
        return _context.CheckpointPath is { } path && File.Exists(path) && state.SavedEpoch > 0
            ? $"{remedy} The last good checkpoint, of epoch {state.SavedEpoch}, is '{path}': a lower learning rate can go on from there."
            : remedy;
    }
}
