using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>One selection under way.</summary>
internal sealed class SelectionRun
{
    /// <summary>Share of the memory that rows of trials side by side may take, and bytes that a trial keeps of a value.</summary>
    private const double MemoryShare = 0.5, BytesOfValue = 16;

    private readonly IReadOnlyList<SelectionCandidate> _candidates;
    private readonly ITrainer?[] _trainers;
    private readonly SelectionOptions _options;
    private readonly IRowSource _rows;
    private readonly ComparedColumns _compared;
    private readonly LikelihoodKinds _kinds;
    private readonly TrialRanking _ranking;
    private readonly TrialRunner _runner;
    private readonly TrialPool _pool;
    private readonly List<string> _warnings = [];
    private readonly Dictionary<int, SelectionTrial> _trials = [];
    private readonly Dictionary<int, FitResult> _fits = [];
    private int _done, _planned, _fitted;
    private StudyFile? _study;

    /// <summary>Prepares a selection.</summary>
    public SelectionRun(IRowSource rows, IReadOnlyList<SelectionCandidate> candidates, SelectionOptions options)
    {
        _candidates = candidates;
        _options = options.FitProgress is { } progress ? options with { FitProgress = new OneAtATime<FitProgress>(progress) } : options;
        _rows = FitRows.Kept(rows, options.Caching);
        _trainers = [.. candidates.Select(Trainer)];
        _compared = ComparedColumns.Find(_rows, _trainers, options);
        _kinds = new LikelihoodKinds(options.MixedLikelihoods);
        _kinds.Compare(candidates, _trainers, _compared.Rows.Columns);
        _ranking = new TrialRanking(options.Criterion);
        int threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount;
        int workers = Math.Clamp(options.ParallelTrials ?? MostInMemory(_compared.Rows), 1, Math.Min(threads, candidates.Count));
        _runner = new TrialRunner(_compared.Rows, _options, threads / workers);
        _pool = new TrialPool(workers, options.TimeBudget, options.CancellationToken);
    }

    /// <summary>Tries the candidates.</summary>
    public SelectionResult Run()
    {
        FitResult? bestFit = null;
        SelectionStop stop;
        int rounds = Rounds;
        try
        {
            using (_study = OpenStudy())
            {
                stop = TryAll(rounds);
            }

            bestFit = _kinds.AreApart ? null : BestFit();
        }
        catch (OperationCanceledException) when (_trials.Count > 0 && _options.CancellationToken.IsCancellationRequested)
        {
            stop = SelectionStop.Cancelled;
            bestFit = _kinds.AreApart || Best is not { } best ? null : _fits.GetValueOrDefault(best.Index);
        }

        bool inDataUnits = !HaveOneVolume();
        string?[] warnings = [_compared.Warning, _kinds.Warning, _options.Criterion.Caution(_trials.Values)];
        return new SelectionResult
        {
            Criterion = _options.Criterion,
            Trials = _ranking.Ranked(_trials.Values, _kinds.AreApart, inDataUnits),
            BestFit = bestFit,
            Warnings = [.. warnings.OfType<string>(), .. _warnings],
            AreKindsApart = _kinds.AreApart,
            Stop = stop,
            IsInDataUnits = inDataUnits,
            Rounds = rounds,
        };
    }

    /// <summary>What the trials had in common.</summary>
    internal SharedWork Shared => _runner.Shared;

    private int Limit => Math.Min(_options.MaxTrials ?? int.MaxValue, _candidates.Count);

    private int Rounds => _options.Search == SelectionSearch.Halving ? HalvingRounds.Count(Limit, _options.HalvingFactor) : 1;

    private SelectionTrial? Best => _ranking.Best(_trials.Values);

    private StudyFile? OpenStudy() => _options.StudyPath is { } path
        ? StudyFile.Open(path, StudyFingerprint.Of(_compared.Rows, _options), _options.Criterion)
        : null;

    /// <summary>The best candidate's fit to all rows and columns.</summary>
    private FitResult? BestFit()
    {
        if (Best is not { } best)
        {
            return null;
        }

        bool isFitted = !_compared.IsPart && _runner.FitsAllRows && best.EpochLimit is null;
        return isFitted && _fits.TryGetValue(best.Index, out FitResult? fit) ? fit : Refit(best.Candidate);
    }

    /// <summary>The best on all rows and columns; on the compared columns where it cannot take the others.</summary>
    private FitResult Refit(SelectionCandidate candidate)
    {
        int threads = _options.Threads > 0 ? _options.Threads : Environment.ProcessorCount;
        try
        {
            return new TrialRunner(_rows, _options, threads).Refit(candidate);
        }
        catch (EntropyElboException error) when (_compared.IsPart)
        {
            _warnings.Add($"The best model cannot be fitted with the constant columns and knows the others only: {error.Message}");
            return _runner.Refit(candidate);
        }
    }

    private SelectionStop TryAll(int rounds)
    {
        List<TrialPlan> plans = [.. Order().Take(Limit).Select(i => Plan(i, 1, rounds))];
        for (int round = 1; ; round++)
        {
            _planned += plans.Count;
            TrialPlan[] left = [.. plans.Where(p => !IsInStudy(p))];
            if (!_pool.Run(left, _runner.Run, Record))
            {
                return SelectionStop.TimeLimit;
            }

            if (round == rounds)
            {
                return Limit < _candidates.Count ? SelectionStop.TrialLimit : SelectionStop.Completed;
            }

            plans = Next(plans, round + 1, rounds);
        }
    }

    /// <summary>The order of the candidates: theirs, or in a random search a permutation.</summary>
    private int[] Order()
    {
        int[] order = [.. Enumerable.Range(0, _candidates.Count)];
        if (_options.Search == SelectionSearch.Random)
        {
            Numerics.RandomStream random = new(_options.Seed, Numerics.RandomPurpose.Search, 0, 1);
            for (int i = order.Length - 1; i > 0; i--)
            {
                int other = (int)(random.NextUniform() * (i + 1));
                (order[i], order[other]) = (order[other], order[i]);
            }
        }

        return order;
    }

    private TrialPlan Plan(int index, int round, int rounds) => new(
        _candidates[index],
        index,
        round,
        HalvingRounds.Epochs(_trainers[index], _compared.Rows.RowCount ?? 0, round, rounds, _options.HalvingFactor))
    {
        Place = _study is null ? "" : Place(_candidates[index]),
    };

    /// <summary>Where a candidate is computed, if not on the CPU; a candidate that has no place fails, and its trial says why.</summary>
    private static string Place(SelectionCandidate candidate)
    {
        try
        {
            ComputeEngine engine = candidate.Engine();
            return engine.IsCpu ? "" : engine.Description;
        }
        catch (EntropyElboException)
        {
            return "";
        }
    }

    /// <summary>The better ones of a round with more epochs; those that had all they need go on as they are.</summary>
    private List<TrialPlan> Next(List<TrialPlan> plans, int round, int rounds)
    {
        List<TrialPlan> next = [];
        SelectionTrial[] done = [.. plans.Select(p => _trials[p.Index]), .. _trials.Values.Where(t => t.Round == round - 1)];
        foreach (SelectionTrial trial in _ranking.Survivors([.. done.DistinctBy(t => t.Index)], _kinds.AreApart, _options.HalvingFactor))
        {
            if (trial.EpochLimit is null)
            {
                _trials[trial.Index] = trial with { Round = round };
            }
            else
            {
                next.Add(Plan(trial.Index, round, rounds));
            }
        }

        return next;
    }

    private bool IsInStudy(TrialPlan plan)
    {
        if (_study?.Find(plan) is not { } trial)
        {
            return false;
        }

        Take(new TrialOutcome(plan, trial, null));
        return true;
    }

    private void Record(TrialOutcome outcome)
    {
        _fitted++;
        _study?.Add(outcome.Plan, outcome.Trial);
        Take(outcome);
    }

    private void Take(TrialOutcome outcome)
    {
        SelectionTrial trial = outcome.Trial;
        _trials[trial.Index] = trial;
        if (trial.Probabilities is { } probabilities)
        {
            _kinds.Compare(trial.Candidate.Family, probabilities);
        }

        if (outcome.Fit is { } fit)
        {
            _fits[trial.Index] = fit;
        }

        foreach (SelectionTrial beaten in _ranking.Beaten(_trials.Values))
        {
            _fits.Remove(beaten.Index);
        }

        _done++;
        TimeSpan? remaining = _fitted > 0 ? _pool.Elapsed / _fitted * (_planned - _done) : null;
        _options.Progress?.Report(new SelectionProgress(_done, _planned, trial, Best) { Remaining = remaining });
    }

    private bool HaveOneVolume()
    {
        double[] volumes = [.. _trials.Values.Where(t => t.Succeeded).Select(t => t.LogVolume)];
        return volumes.Length == 0 || volumes.Max() - volumes.Min() <= 1e-9 * (1 + Math.Abs(volumes[0]));
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

    /// <summary>Trials whose rows the memory holds side by side.</summary>
    private static int MostInMemory(IRowSource rows)
    {
        double bytes = BytesOfValue * (rows.RowCount ?? 0) * rows.Columns;
        double trials = MemoryShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Math.Max(1, bytes);
        return (int)Math.Clamp(trials, 1, int.MaxValue / 2);
    }

    /// <summary>Reports from several threads, one at a time.</summary>
    private sealed class OneAtATime<T>(IProgress<T> inner) : IProgress<T>
    {
        private readonly Lock _gate = new();

        public void Report(T value)
        {
            lock (_gate)
            {
                inner.Report(value);
            }
        }
    }
}
