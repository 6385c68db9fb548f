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
    private readonly Func<AlignedBuffer<float>, double>? _testElbo;
    private readonly Func<TrainingState, TrainingRows, IStepRunner> _runner;

    /// <summary>Binds a fit.</summary>
    /// <param name="objective">What is learnt.</param>
    /// <param name="options">How.</param>
    /// <param name="context">Surroundings.</param>
    /// <param name="fingerprint">Names data and options in checkpoints.</param>
    /// <param name="testElbo">ELBO of the test rows by parameters; null without test rows.</param>
    /// <param name="runner">Makes what takes the steps.</param>
    public MinibatchTrainer(
        BlockObjective objective,
        MinibatchOptions options,
        FitContext context,
        string fingerprint,
        Func<AlignedBuffer<float>, double>? testElbo,
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
        long batches = (rows.Count + _options.BatchSize - 1) / _options.BatchSize;
        int window = StationarityRule.Window(batches);
        int? patience = Patience(window);
        TrainingCourse course = new(_options, _objective, state, _options.EpochLimit(rows.Count, patience is not null), window, patience);
        if (_options.Annealing?.SettledEpoch is { } annealed && annealed >= course.End)
        {
            throw new BadOptionException(
                "epochs", $"Entropy annealing takes {annealed} epochs, and training ends after {course.End}: allow more, or let each "
                    + $"value last fewer.");
        }

        Stopwatch watch = Stopwatch.StartNew();
        long rowsDone = 0;
        while (true)
        {
            StopReason? reason = Reason(state, course, watch.Elapsed);
            if (reason is { } stop)
            {
                return Finish(course, stop);
            }

            ElboStatistics sums = new(_objective.Latents, _objective.MomentCount);
            if (!Epoch(state, rows, runner, course, batches, sums))
            {
                return Finish(course, StopReason.Cancelled);
            }

            rowsDone += sums.Rows / _options.Samples;
            course.Average();
            FitProgress progress = Progress(state, sums, course, watch.Elapsed, rowsDone) with { GradientNorm = runner.GradientNorm };
            state.History.Add(progress);
            course.Track(progress);
            SaveCheckpoint(state, course);
            _context.Progress?.Report(progress);
        }
    }

    /// <summary>
    /// Epochs without a better ELBO of the test rows after which training settles; null where it does not depend on them.
    /// </summary>
    /// <param name="window">Epochs of a window of the stationarity rule, which are patience enough.</param>
    private int? Patience(int window) => _options.EarlyStoppingPatience switch
    {
        0 => null,
        { } epochs => epochs,
        null => _context.StopsByTestRows && _testElbo is not null ? window : null,
    };

    private bool Epoch(TrainingState state, TrainingRows rows, IStepRunner runner, TrainingCourse course, long batches, ElboStatistics sums)
    {
        try
        {
            bool whole = Steps(state, rows, runner, course, batches, sums);
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
    private bool Steps(TrainingState state, TrainingRows rows, IStepRunner runner, TrainingCourse course, long batches, ElboStatistics sums)
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
            runner.Step(epoch, batch, _options.Weights(epoch, time), course.LearningRate(time), sums);
        }

        return true;
    }

    private StopReason? Reason(TrainingState state, TrainingCourse course, TimeSpan elapsed)
    {
        if (_context.CancellationToken.IsCancellationRequested)
        {
            return StopReason.Cancelled;
        }

        if (state.Epoch >= course.End)
        {
            return course.Reason;
        }

        return _context.TimeBudget is { } budget && elapsed >= budget && state.Epoch > 0 ? StopReason.TimeLimit : null;
    }

    private static StopReason Finish(TrainingCourse course, StopReason reason)
    {
        course.Finish();
        return reason;
    }

    private void SaveCheckpoint(TrainingState state, TrainingCourse course)
    {
        if (_context.CheckpointPath is { } path
            && (state.Epoch % Math.Max(1, _context.CheckpointEpochs) == 0 || state.Epoch >= course.End))
        {
            _checkpoints.Write(state.Epoch, () => state.Save(path, _fingerprint));
        }
    }

    private FitProgress Progress(TrainingState state, ElboStatistics sums, TrainingCourse course, TimeSpan elapsed, long rowsDone)
    {
        AlignedBuffer<float> parameters = state.Parameters;
        ElboReport report = _objective.Summarise(parameters, sums);
        LatentReport[] latents = sums.Latents(_objective.PriorScales(parameters), new CollapseThresholds());
        FitProgress progress = new()
        {
            Epoch = state.Epoch + 1,
            Epochs = course.End,
            Elbo = report.Elbo,
            EntropySum = report.EntropySum,
            PriorResidual = report.PriorResidual,
            NoiseResidual = report.NoiseResidual,
            Collapsed = latents.Count(l => l.CollapsedByEntropy),
            TestElbo = (course.KeepsBest || _context.Traces) && _testElbo?.Invoke(course.Judged) is { } test && double.IsFinite(test)
                ? test
                : null,
            Elapsed = elapsed,
            RowsPerSecond = rowsDone / Math.Max(1e-9, elapsed.TotalSeconds),
            NoiseVariance = _objective.NoiseVariance(parameters, sums),
            LearningRate = course.LearningRate(state.Epoch),
            KlWeight = _options.KlWeight.At(state.Epoch),
            PriorWeight = _options.Annealing?.At(state.Epoch).Prior,
            LikelihoodWeight = _options.Annealing?.At(state.Epoch).Likelihood,
            LatentEntropies = _context.Traces ? Array.ConvertAll(latents, l => l.EncoderEntropy) : null,
            LatentKl = _context.Traces ? Array.ConvertAll(latents, l => l.Kl) : null,
        };
        return progress.With(ElboParts.Of(report));
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
