using System.Diagnostics;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>Runs one candidate under a criterion.</summary>
/// <param name="rows">All rows.</param>
/// <param name="options">How models are selected; checked.</param>
internal sealed class TrialRunner(IRowSource rows, SelectionOptions options)
{
    private readonly (IRowSource Training, IRowSource Test)? _split =
        options is { Criterion: SelectionCriterion.HeldOut, Folds: null }
            ? RowSplit.ByFraction(rows, options.HeldOutShare ?? SelectionOptions.DefaultHeldOutShare, options.Seed)
            : null;

    /// <summary>
    /// Held-out rows may hold values that training rows lack: categories are known from all rows, and no value is impossible.
    /// </summary>
    private const double HeldOutSmoothing = 1;

    private readonly Lazy<double[]> _maxima = new(() => ColumnMaxima.Of(rows, options.CancellationToken));

    /// <summary>Whether a trial's fit has seen all rows.</summary>
    public bool FitsAllRows => _split is null;

    /// <summary>Runs a candidate.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="index">Its place in the order of trying.</param>
    /// <param name="timeLeft">Time that the trial may take, or null.</param>
    /// <returns>The trial, and its fit unless it failed.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public (SelectionTrial Trial, FitResult? Fit) Run(SelectionCandidate candidate, int index, TimeSpan? timeLeft)
    {
        Stopwatch watch = Stopwatch.StartNew();
        try
        {
            ITrainer trainer = candidate.CreateTrainer();
            FitContext context = Context(candidate, timeLeft);
            FitResult fit = Fit(trainer, _split?.Training ?? rows, context);
            List<TrainingRecord> folds = [];
            HeldOutElbo? heldOut = options.Criterion == SelectionCriterion.HeldOut
                ? HeldOut(candidate, trainer, fit, timeLeft, watch, folds)
                : null;
            SelectionTrial trial = Trial(candidate, index, fit, heldOut);
            return (TrialWarnings.Attach(trial, folds) with { Elapsed = watch.Elapsed }, fit);
        }
        catch (Exception error) when (error is EntropyElboException or OutOfMemoryException)
        {
            return (new SelectionTrial { Candidate = candidate, Index = index, Elapsed = watch.Elapsed, Failure = error.Message }, null);
        }
    }

    /// <summary>Fits a candidate to all rows.</summary>
    public FitResult Refit(SelectionCandidate candidate) => Fit(candidate.CreateTrainer(), rows, Context(candidate, null));

    private FitContext Context(SelectionCandidate candidate, TimeSpan? timeLeft) => new()
    {
        Engine = candidate.Engine(),
        Threads = options.Threads,
        MissingValues = options.MissingValues,
        Caching = options.Caching,
        CancellationToken = options.CancellationToken,
        ThrowsWhenCancelled = true,
        Progress = options.FitProgress,
        TimeBudget = timeLeft,
        ColumnMaxima = options.Criterion == SelectionCriterion.HeldOut ? () => _maxima.Value : null,
        DefaultSmoothing = options.Criterion == SelectionCriterion.HeldOut ? HeldOutSmoothing : 0,
    };

    private FitResult Fit(ITrainer trainer, IRowSource training, FitContext context)
    {
        FitResult fit = trainer.Fit(training, context);
        options.CancellationToken.ThrowIfCancellationRequested();
        return fit;
    }

    private HeldOutElbo HeldOut(
        SelectionCandidate candidate, ITrainer trainer, FitResult fit, TimeSpan? timeLeft, Stopwatch watch, List<TrainingRecord> folds)
    {
        HeldOutRows held = new();
        EvaluateOptions evaluate = new()
        {
            Threads = options.Threads,
            MissingValues = options.MissingValues,
            CancellationToken = options.CancellationToken,
        };
        if (_split is { } split)
        {
            held.Add(fit.Model, split.Test, evaluate, 0);
            return held.Total();
        }

        for (int fold = 0; fold < options.Folds; fold++)
        {
            TimeSpan? left = timeLeft is { } limit ? TimeSpan.FromTicks(Math.Max(1, (limit - watch.Elapsed).Ticks)) : null;
            (IRowSource training, IRowSource test) = RowSplit.Fold(rows, fold, options.Folds.Value, options.Seed);
            LatentModel model = Fit(trainer, training, Context(candidate, left)).Model;
            folds.Add(model.Training);
            held.Add(model, test, evaluate, model.Scaling.LogVolume - fit.Model.Scaling.LogVolume);
        }

        return held.Total();
    }

    private SelectionTrial Trial(SelectionCandidate candidate, int index, FitResult fit, HeldOutElbo? heldOut)
    {
        TrainingRecord training = fit.Model.Training;
        Evaluation report = training.Report!;
        double score = options.Criterion switch
        {
            SelectionCriterion.Bic => report.Bic,
            SelectionCriterion.Aic => report.Aic,
            _ => heldOut!.Elbo,
        };
        bool usable = double.IsFinite(score);
        return new SelectionTrial
        {
            Candidate = candidate,
            Index = index,
            Score = usable ? score : null,
            Latents = fit.Model.LatentDimension,
            Columns = fit.Model.ObservedDimension,
            LikelihoodKind = LikelihoodKinds.Words(fit.Model.Probabilities),
            Report = report,
            Training = training,
            HeldOut = heldOut,
            RowsPerSecond = fit.RowsPerSecond,
            LogVolume = fit.Model.Scaling.LogVolume,
            Failure = usable ? null : "The criterion is not a finite number; the model has no finite likelihood on these rows.",
        };
    }
}
