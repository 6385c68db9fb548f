using System.Diagnostics;
using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>Selects a model: tries candidates, ranks them by a criterion, and fits the best to all rows.</summary>
public static class ModelSelection
{
    /// <summary>Tries the candidates one after another.</summary>
    /// <param name="rows">
    /// The rows; read again for every trial. Text and compressed files are parsed once where a quarter of the memory holds their
    /// rows.
    /// </param>
    /// <param name="candidates">What to try, in this order.</param>
    /// <param name="options">How; null for defaults.</param>
    /// <param name="cancellationToken">Stops the selection; the trials so far are returned.</param>
    /// <returns>Ranked trials, also those that failed, with the reason, and the best model.</returns>
    /// <exception cref="BadOptionException">
    /// An option of the selection itself is out of range, there is no candidate, or some give densities and others
    /// probabilities and <see cref="SelectionOptions.MixedLikelihoods"/> refuses that.
    /// </exception>
    /// <exception cref="BadDataException">The rows cannot be read or split.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before any trial was done.</exception>
    public static SelectionResult Run(
        IRowSource rows,
        IReadOnlyList<SelectionCandidate> candidates,
        SelectionOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(candidates);
        options ??= new SelectionOptions();
        options.Validate();
        options = cancellationToken.CanBeCanceled ? options with { CancellationToken = cancellationToken } : options;
        return candidates.Count > 0
            ? new Search(rows, candidates, options).Run()
            : throw new BadOptionException("candidates", "There are no candidates to select from; give at least one.");
    }

    /// <summary>One selection under way.</summary>
    private sealed class Search
    {
        /// <summary>
        /// Nats per row, and share of its standard error, below which held-out ELBOs are a tie: the model with fewer parameters is
        /// the better one.
        /// </summary>
        private const double TieNats = 0.01, TieShare = 0.1;

        private readonly IReadOnlyList<SelectionCandidate> _candidates;
        private readonly SelectionOptions _options;
        private readonly IRowSource _rows;
        private readonly ComparedColumns _compared;
        private readonly LikelihoodKinds _kinds;
        private readonly TrialRunner _runner;
        private readonly List<string> _warnings = [];
        private readonly List<SelectionTrial> _trials = [];
        private SelectionTrial? _best;
        private double _top = double.NegativeInfinity;
        private FitResult? _bestFit;

        public Search(IRowSource rows, IReadOnlyList<SelectionCandidate> candidates, SelectionOptions options)
        {
            _candidates = candidates;
            _options = options;
            rows = options.Caching == RowCaching.Memory ? KeptRows.Of(rows) : rows;
            _rows = rows;
            ITrainer?[] trainers = [.. candidates.Select(Trainer)];
            _compared = ComparedColumns.Find(rows, trainers, options);
            _kinds = new LikelihoodKinds(options.MixedLikelihoods);
            _kinds.Compare(candidates, trainers, _compared.Rows.Columns);
            _runner = new TrialRunner(_compared.Rows, options);
        }

        public SelectionResult Run()
        {
            SelectionStop stop;
            try
            {
                stop = TryAll();
                if (_kinds.AreApart)
                {
                    _bestFit = null;
                }
                else if (_best is not null && (_compared.IsPart || !_runner.FitsAllRows))
                {
                    _bestFit = Refit(_best.Candidate);
                }
            }
            catch (OperationCanceledException) when (_trials.Count > 0 && _options.CancellationToken.IsCancellationRequested)
            {
                stop = SelectionStop.Cancelled;
            }

            bool inDataUnits = !HaveOneVolume();
            return new SelectionResult
            {
                Criterion = _options.Criterion,
                Trials = Ranked(inDataUnits),
                BestFit = _bestFit,
                Warnings = [.. new[] { _compared.Warning, _kinds.Warning }.OfType<string>(), .. _warnings],
                AreKindsApart = _kinds.AreApart,
                Stop = stop,
                IsInDataUnits = inDataUnits,
            };
        }

        /// <summary>A candidate's trainer, or null where its options are refused: its trial says why.</summary>
        private static ITrainer? Trainer(SelectionCandidate candidate)
        {
            try
            {
                return candidate.CreateTrainer();
            }
            catch (EntropyElboException)
            {
                return null;
            }
        }

        /// <summary>The best on all rows and columns; on the compared columns where it cannot take the others.</summary>
        private FitResult Refit(SelectionCandidate candidate)
        {
            try
            {
                return new TrialRunner(_rows, _options).Refit(candidate);
            }
            catch (EntropyElboException error) when (_compared.IsPart)
            {
                _warnings.Add($"The best model cannot be fitted with the constant columns and knows the others only: {error.Message}");
                return _runner.Refit(candidate);
            }
        }

        private SelectionStop TryAll()
        {
            Stopwatch watch = Stopwatch.StartNew();
            int limit = Math.Min(_options.MaxTrials ?? int.MaxValue, _candidates.Count);
            for (int i = 0; i < limit; i++)
            {
                _options.CancellationToken.ThrowIfCancellationRequested();
                TimeSpan? left = _options.TimeBudget - watch.Elapsed;
                if (left <= TimeSpan.Zero)
                {
                    return SelectionStop.TimeLimit;
                }

                (SelectionTrial trial, FitResult? fit) = _runner.Run(_candidates[i], i, left);
                _trials.Add(trial);
                if (fit is not null)
                {
                    _kinds.Compare(trial.Candidate.Family, fit.Model.Probabilities);
                }

                if (trial.Succeeded && IsBetter(trial))
                {
                    (_best, _bestFit) = (trial, fit);
                }

                _options.Progress?.Report(new SelectionProgress(i + 1, limit, trial, _best));
            }

            return limit < _candidates.Count ? SelectionStop.TrialLimit : SelectionStop.Completed;
        }

        /// <summary>Whether a trial takes the first place: the highest merit, or nearly that with fewer parameters.</summary>
        private bool IsBetter(SelectionTrial trial)
        {
            double merit = Merit(trial);
            _top = Math.Max(_top, merit);
            double tie = trial.HeldOut is { StandardError: > 0 } held ? Math.Min(TieNats, TieShare * held.StandardError) : 0;
            if (_best is null || merit < _top - tie)
            {
                return _best is null;
            }

            int more = trial.Report!.FreeParameters - _best.Report!.FreeParameters;
            return Merit(_best) < _top - tie || more < 0 || (more == 0 && merit > Merit(_best));
        }

        /// <summary>Higher is better, in units of the data.</summary>
        private double Merit(SelectionTrial trial) =>
            _options.Criterion == SelectionCriterion.HeldOut ? InDataUnits(trial) : -InDataUnits(trial);

        private double InDataUnits(SelectionTrial trial) => _options.Criterion == SelectionCriterion.HeldOut
            ? trial.Score!.Value + trial.LogVolume
            : trial.Score!.Value - (2.0 * trial.Report!.Summary.Rows * trial.LogVolume);

        private bool HaveOneVolume()
        {
            double[] volumes = [.. _trials.Where(t => t.Succeeded).Select(t => t.LogVolume)];
            return volumes.Length == 0 || volumes.Max() - volumes.Min() <= 1e-9 * (1 + Math.Abs(volumes[0]));
        }

        private IReadOnlyList<SelectionTrial> Ranked(bool inDataUnits)
        {
            IEnumerable<SelectionTrial> good = _trials
                .Where(t => t.Succeeded)
                .GroupBy(t => _kinds.AreApart ? t.LikelihoodKind : "")
                .SelectMany(kind => kind
                    .OrderByDescending(t => ReferenceEquals(t, _best))
                    .ThenByDescending(Merit)
                    .ThenBy(t => t.Index)
                    .Select((t, i) => t with { Rank = i + 1 }))
                .Select(t => t with { Score = inDataUnits ? InDataUnits(t) : t.Score });
            return [.. good, .. _trials.Where(t => !t.Succeeded)];
        }
    }
}
