namespace EntropyElbo.Selection;

/// <summary>Which of some trials is the best: the same whatever the order in which they were done.</summary>
/// <param name="criterion">What they are compared by.</param>
internal sealed class TrialRanking(SelectionCriterion criterion)
{
    /// <summary>
    /// Nats per row, and share of its standard error, below which held-out values are a tie: the model with fewer parameters is the
    /// better one.
    /// </summary>
    private const double TieNats = 0.01, TieShare = 0.1;

    /// <summary>Higher is better, in units of the data.</summary>
    public double Merit(SelectionTrial trial) => criterion.IsHeldOut() ? InDataUnits(trial) : -InDataUnits(trial);

    /// <summary>The score in units of the data.</summary>
    public double InDataUnits(SelectionTrial trial) => criterion.IsHeldOut()
        ? trial.Score!.Value + trial.LogVolume
        : trial.Score!.Value - (2.0 * trial.Report!.Summary.CountedRows * trial.LogVolume);

    /// <summary>
    /// The best of the last round that has any: the highest merit, or nearly that with fewer parameters. Null where all failed.
    /// </summary>
    public SelectionTrial? Best(IEnumerable<SelectionTrial> trials)
    {
        SelectionTrial[] last = LastRound(trials);
        if (last.Length == 0)
        {
            return null;
        }

        double least = last.Max(Merit) - Tie(last.MaxBy(Merit)!);
        return last.Where(t => Merit(t) >= least)
            .OrderBy(t => t.Report!.FreeParameters)
            .ThenByDescending(Merit)
            .ThenBy(t => t.Index)
            .First();
    }

    /// <summary>Trials that no further ones can make the best.</summary>
    public IEnumerable<SelectionTrial> Beaten(IReadOnlyCollection<SelectionTrial> trials)
    {
        SelectionTrial[] last = LastRound(trials);
        double least = last.Length == 0 ? double.NegativeInfinity : last.Max(Merit) - (criterion.IsHeldOut() ? TieNats : 0);
        return trials.Where(t => !t.Succeeded || t.Round < last[0].Round || Merit(t) < least);
    }

    /// <summary>Best first, each with its rank; those that failed last.</summary>
    /// <param name="trials">The trials.</param>
    /// <param name="areKindsApart">Whether each kind of likelihood has ranks of its own.</param>
    /// <param name="inDataUnits">Whether scores are given in units of the data.</param>
    public IReadOnlyList<SelectionTrial> Ranked(IReadOnlyCollection<SelectionTrial> trials, bool areKindsApart, bool inDataUnits)
    {
        IEnumerable<SelectionTrial> good = trials
            .Where(t => t.Succeeded)
            .OrderBy(t => t.Index)
            .GroupBy(t => areKindsApart ? t.LikelihoodKind : "")
            .SelectMany(OneKind)
            .Select(t => inDataUnits ? t with { Score = InDataUnits(t) } : t);
        return [.. good, .. trials.Where(t => !t.Succeeded).OrderBy(t => t.Index)];
    }

    /// <summary>Those that go on to the next round: the better ones, of each kind where kinds are apart.</summary>
    public IReadOnlyList<SelectionTrial> Survivors(IReadOnlyCollection<SelectionTrial> trials, bool areKindsApart, int factor) =>
        [.. trials.OrderBy(t => t.Index)
            .GroupBy(t => areKindsApart && t.Succeeded ? t.LikelihoodKind : "")
            .SelectMany(kind => kind.Where(t => t.Succeeded).OrderByDescending(Merit).Take((kind.Count() + factor - 1) / factor))
            .OrderBy(t => t.Index)];

    private IEnumerable<SelectionTrial> OneKind(IEnumerable<SelectionTrial> kind)
    {
        SelectionTrial best = Best(kind)!;
        return kind
            .OrderByDescending(t => ReferenceEquals(t, best))
            .ThenByDescending(t => t.Round)
            .ThenByDescending(Merit)
            .ThenBy(t => t.Index)
            .Select((t, i) => t with { Rank = i + 1 });
    }

    private double Tie(SelectionTrial top) => criterion.ScoreError(top) is > 0 and double error ? Math.Min(TieNats, TieShare * error) : 0;

    private static SelectionTrial[] LastRound(IEnumerable<SelectionTrial> trials)
    {
        SelectionTrial[] good = [.. trials.Where(t => t.Succeeded)];
        int last = good.Select(t => t.Round).DefaultIfEmpty().Max();
        return [.. good.Where(t => t.Round == last)];
    }
}
