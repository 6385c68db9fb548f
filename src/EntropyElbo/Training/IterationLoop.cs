using System.Diagnostics;
using EntropyElbo.Files;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>How an iteration ended.</summary>
internal enum IterationOutcome
{
    /// <summary>The parameters moved on.</summary>
    Moved,

    /// <summary>No better parameters can be found.</summary>
    Stuck,

    /// <summary>Cancelled within the iteration.</summary>
    Cancelled,
}

/// <summary>Where an iterative fit stands; nats per row.</summary>
internal readonly record struct IterationValues(
    double Elbo, double EntropySum, double PriorResidual, double NoiseResidual, int Collapsed)
{
    /// <summary>What the ELBO is made of, where the family has it.</summary>
    public ElboParts? Parts { get; init; }

    /// <summary>The noise variance, or the geometric mean of several, where the family has one.</summary>
    public double? NoiseVariance { get; init; }
}

/// <summary>A fit that goes on by iterations over all rows, or over their statistics.</summary>
internal interface IIterativeFit
{
    /// <summary>The values after the latest iteration.</summary>
    IterationValues Current { get; }

    /// <summary>One iteration.</summary>
    IterationOutcome Iterate(CancellationToken cancellationToken);

    /// <summary>Whether training has become stationary.</summary>
    bool IsStationary(IReadOnlyList<FitProgress> history);

    /// <summary>Whether the residuals vanish where no better parameters can be found.</summary>
    bool HasVanishingResiduals { get; }

    /// <summary>Adds the state to a checkpoint.</summary>
    void Write(ModelRecord record);

    /// <summary>Takes the state from a checkpoint.</summary>
    void Read(ModelRecord record);
}

/// <summary>
/// The loop around an <see cref="IIterativeFit"/>: limits, cancellation, progress, checkpoints. Checkpoints are written at
/// the end, and before that at most once a second: iterations may be very short.
/// </summary>
/// <param name="context">Surroundings of the fit.</param>
/// <param name="limit">Iterations at most.</param>
/// <param name="rows">Training rows.</param>
/// <param name="fingerprint">Names data and options in checkpoints.</param>
internal sealed class IterationLoop(FitContext context, int limit, long rows, string fingerprint)
{
    private static readonly TimeSpan CheckpointInterval = TimeSpan.FromSeconds(1);
    private readonly List<FitProgress> _history = [];
    private readonly CheckpointWrites _checkpoints = new();
    private TimeSpan _saved;

    /// <summary>Progress after each iteration.</summary>
    public IReadOnlyList<FitProgress> History => _history;

    /// <summary>What the user should know of the checkpoints.</summary>
    public IEnumerable<string> Warnings => _checkpoints.Warnings;

    /// <summary>Runs to the end and says why it ended.</summary>
    /// <exception cref="ModelFileException">
    /// The checkpoint to resume from is damaged or another fit's, or another process writes it.
    /// </exception>
    public StopReason Run(IIterativeFit fit)
    {
        using FileClaim? claim = ModelFile.Claim(context.CheckpointPath);
        if (context.Resume && context.CheckpointPath is { } path && File.Exists(path))
        {
            Load(path, fit);
        }

        Stopwatch watch = Stopwatch.StartNew();
        int first = _history.Count;
        while (true)
        {
            StopReason? reason = Reason(fit, watch.Elapsed);
            IterationOutcome outcome = reason is null ? fit.Iterate(context.CancellationToken) : IterationOutcome.Moved;
            if (outcome == IterationOutcome.Cancelled)
            {
                // Half an iteration is no state to resume from.
                return StopReason.Cancelled;
            }

            if (outcome == IterationOutcome.Stuck)
            {
                reason = fit.HasVanishingResiduals ? StopReason.Stationary : StopReason.NoProgress;
            }

            if (reason is { } stop)
            {
                Save(fit);
                return stop;
            }

            AddProgress(fit.Current, watch.Elapsed, first);
            if (_history.Count % Math.Max(1, context.CheckpointEpochs) == 0 && watch.Elapsed - _saved >= CheckpointInterval)
            {
                Save(fit);
                _saved = watch.Elapsed;
            }

            context.Progress?.Report(_history[^1]);
        }
    }

    private StopReason? Reason(IIterativeFit fit, TimeSpan elapsed) =>
        context.CancellationToken.IsCancellationRequested ? StopReason.Cancelled
        : fit.IsStationary(_history) ? StopReason.Stationary
        : _history.Count >= limit ? StopReason.EpochLimit
        : context.TimeBudget is { } budget && elapsed >= budget && _history.Count > 0 ? StopReason.TimeLimit
        : null;

    private void AddProgress(IterationValues values, TimeSpan elapsed, int first)
    {
        if (!double.IsFinite(values.Elbo))
        {
            throw new TrainingException(
                $"The ELBO stopped being finite in iteration {_history.Count + 1}; lower the learning rate, or scale the columns (minmax "
                    + $"or standard).");
        }

        FitProgress progress = new()
        {
            Epoch = _history.Count + 1,
            Epochs = limit,
            Elbo = values.Elbo,
            EntropySum = values.EntropySum,
            PriorResidual = values.PriorResidual,
            NoiseResidual = values.NoiseResidual,
            Collapsed = values.Collapsed,
            Elapsed = elapsed,
            RowsPerSecond = (_history.Count + 1 - first) * (double)rows / Math.Max(1e-9, elapsed.TotalSeconds),
            NoiseVariance = values.NoiseVariance,
        };
        _history.Add(values.Parts is { } parts ? progress.With(parts) : progress);
    }

    private void Save(IIterativeFit fit)
    {
        if (context.CheckpointPath is not { } path)
        {
            return;
        }

        _checkpoints.Write(_history.Count, () =>
        {
            ModelRecord record = CheckpointFile.Create(fingerprint, _history);
            fit.Write(record);
            ModelFile.Rewrite(path, record);
        });
    }

    private void Load(string path, IIterativeFit fit)
    {
        ModelRecord record = CheckpointFile.Read(path, fingerprint);
        _history.AddRange(CheckpointFile.History(record));
        fit.Read(record);
    }
}
