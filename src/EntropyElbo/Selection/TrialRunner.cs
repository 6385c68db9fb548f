using System.Diagnostics;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>Runs one candidate under a criterion. Safe to share between threads: trials run side by side.</summary>
internal sealed class TrialRunner
{
    /// <summary>
    /// Held-out rows may hold values that training rows lack: categories are known from all rows, and no value is impossible.
    /// </summary>
    private const double HeldOutSmoothing = 1;

    private readonly IRowSource _rows;
    private readonly SelectionOptions _options;
    private readonly int _threads;
    private readonly Lazy<double[]> _maxima;
    private readonly SharedWork _shared = new();
    private readonly Lock _device = new();

    /// <summary>The parts of the rows, made once, so that what fits have in common is known by them.</summary>
    private readonly (IRowSource Training, IRowSource Test)[] _parts;

    /// <summary>Makes a runner.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="options">How models are selected; checked.</param>
    /// <param name="threads">Threads of a trial.</param>
    public TrialRunner(IRowSource rows, SelectionOptions options, int threads)
    {
        _rows = rows;
        _options = options;
        _threads = threads;
        _maxima = new(() => ColumnMaxima.Of(rows, options.CancellationToken));
        _parts = !options.Criterion.IsHeldOut() ? []
            : options.Folds is { } folds ? [.. Enumerable.Range(0, folds).Select(fold => RowSplit.Fold(rows, fold, folds, options.Seed))]
            : [RowSplit.ByFraction(rows, options.HeldOutShare ?? SelectionOptions.DefaultHeldOutShare, options.Seed)];
    }

    /// <summary>Whether a trial's fit has seen all rows.</summary>
    public bool FitsAllRows => _parts.Length != 1;

    /// <summary>What the trials have in common.</summary>
    internal SharedWork Shared => _shared;

    /// <summary>Runs a trial.</summary>
    /// <param name="plan">The trial.</param>
    /// <param name="timeLeft">Time that it may take, or null.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The trial, and its fit unless it failed.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public TrialOutcome Run(TrialPlan plan, TimeSpan? timeLeft, CancellationToken cancellation)
    {
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            ITrainer trainer = plan.Candidate.CreateTrainer();
            TrialFits fits = new(this, plan, trainer, plan.Candidate.Engine(), timeLeft, cancellation);
            if (fits.Engine.IsCpu)
            {
                return fits.Run();
            }

            // One fit at a time has the device.
            lock (_device)
            {
                return fits.Run();
            }
        }
        catch (Exception error) when (error is EntropyElboException or OutOfMemoryException)
        {
            SelectionTrial failed = new()
            {
                Candidate = plan.Candidate,
                Index = plan.Index,
                Round = plan.Round,
                EpochLimit = plan.Epochs,
                Elapsed = watch.Elapsed,
                Failure = error.Message,
                IsCut = error is OutOfMemoryException,
            };
            return new TrialOutcome(plan, failed, null);
        }
    }

    /// <summary>Fits a candidate to all rows.</summary>
    public FitResult Refit(SelectionCandidate candidate)
    {
        TrialPlan plan = new(candidate, 0, 1, null);
        return new TrialFits(this, plan, candidate.CreateTrainer(), candidate.Engine(), null, _options.CancellationToken).Fit(_rows);
    }

    /// <summary>The fits of one trial.</summary>
    private sealed class TrialFits(
        TrialRunner runner, TrialPlan plan, ITrainer trainer, ComputeEngine engine, TimeSpan? timeLeft, CancellationToken cancellation)
    {
        private readonly StartedFits _fits = new(trainer, plan.Epochs, runner._options.Starts);
        private readonly Stopwatch _watch = Stopwatch.StartNew();

        public ComputeEngine Engine => engine;

        public TrialOutcome Run()
        {
            Stopwatch watch = Stopwatch.StartNew();
            FitResult fit = Fit(runner._parts is [var split] ? split.Training : runner._rows);
            List<TrainingRecord> folds = [];
            HeldOutRows? held = runner._options.Criterion.IsHeldOut() ? HeldOut(fit, folds) : null;
            SelectionTrial trial = TrialWarnings.Attach(Trial(fit, held), folds);
            return new TrialOutcome(
                plan,
                trial with
                {
                    Warnings = [.. trial.Warnings, .. _fits.Warnings.Distinct(), .. runner._options.Criterion.Cautions(trial)],
                    IsCut = _fits.AreCut,
                    Elapsed = watch.Elapsed,
                },
                fit);
        }

        public FitResult Fit(IRowSource training)
        {
            FitResult fit = _fits.Best(training, Context);
            cancellation.ThrowIfCancellationRequested();
            return fit;
        }

        private FitContext Context() => new()
        {
            Engine = engine,
            Threads = runner._threads,
            MissingValues = runner._options.MissingValues,
            Caching = runner._options.Caching,
            CancellationToken = cancellation,
            ThrowsWhenCancelled = true,
            Progress = runner._options.FitProgress,
            TimeBudget = timeLeft is { } limit ? TimeSpan.FromTicks(Math.Max(1, (limit - _watch.Elapsed).Ticks)) : null,
            ColumnMaxima = runner._options.Criterion.IsHeldOut() ? () => runner._maxima.Value : null,
            DefaultSmoothing = runner._options.Criterion.IsHeldOut() ? HeldOutSmoothing : 0,
            Shared = runner._shared,
        };

        private HeldOutRows HeldOut(FitResult fit, List<TrainingRecord> folds)
        {
            HeldOutRows held = new();
            if (runner._parts is [var split])
            {
                Judge(held, fit.Model, split.Test, 0);
                return held;
            }

            foreach ((IRowSource training, IRowSource test) in runner._parts)
            {
                LatentModel model = Fit(training).Model;
                folds.Add(model.Training);
                Judge(held, model, test, model.Scaling.LogVolume - fit.Model.Scaling.LogVolume);
            }

            return held;
        }

        private void Judge(HeldOutRows held, LatentModel model, IRowSource test, double shift)
        {
            EvaluateOptions evaluate = new()
            {
                Threads = runner._threads,
                MissingValues = runner._options.MissingValues,
                CancellationToken = cancellation,
            };
            held.Add(model, test, evaluate, shift);
            if (runner._options.Criterion == SelectionCriterion.ImportanceWeighted)
            {
                held.AddLogLikelihoods(model, test, evaluate with { Samples = runner._options.ImportanceSamples }, shift);
            }
        }

        private SelectionTrial Trial(FitResult fit, HeldOutRows? held)
        {
            TrainingRecord training = fit.Model.Training;
            return Scored(runner._options.Criterion, new SelectionTrial
            {
                Candidate = plan.Candidate,
                Index = plan.Index,
                Round = plan.Round,
                EpochLimit = plan.Epochs,
                Latents = fit.Model.LatentDimension,
                Columns = fit.Model.ObservedDimension,
                Probabilities = fit.Model.Probabilities,
                HasDiscreteLatents = fit.Model.HasDiscreteLatents,
                LikelihoodKind = LikelihoodKinds.Words(fit.Model.Probabilities),
                Report = training.Report!,
                Training = training,
                HeldOut = held?.Total(),
                HeldOutLogLikelihood = held?.TotalLogLikelihood(),
                RowsPerSecond = fit.RowsPerSecond,
                LogVolume = fit.Model.Scaling.LogVolume,
            });
        }
    }

    /// <summary>The trial with its score, or as failed where that is no finite number.</summary>
    internal static SelectionTrial Scored(SelectionCriterion criterion, SelectionTrial trial) =>
        criterion.Score(trial) is { } score && double.IsFinite(score)
            ? trial with { Score = score }
            : trial with { Failure = "The criterion is not a finite number; the model has no finite likelihood on these rows." };
}
