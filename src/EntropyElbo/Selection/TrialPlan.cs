using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>One trial to be done.</summary>
/// <param name="Candidate">The candidate.</param>
/// <param name="Index">Its place in the order of the candidates.</param>
/// <param name="Round">Round of successive halving, from 1.</param>
/// <param name="Epochs">Epochs at most in this round; null for the candidate's own.</param>
internal sealed record TrialPlan(SelectionCandidate Candidate, int Index, int Round, int? Epochs)
{
    /// <summary>What computes it where that is not the CPU, whose bits are others; else empty.</summary>
    public string Place { get; init; } = "";

    /// <summary>What a study knows the trial by.</summary>
    public string Key => FormattableString.Invariant($"{Candidate}; seed {Candidate.Seed}")
        + (Place.Length > 0 ? $"; on {Place}" : "")
        + (Epochs is { } epochs ? FormattableString.Invariant($"; round of {epochs} epochs") : "");
}

/// <summary>What came of a plan.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Trial">The trial.</param>
/// <param name="Fit">Its fit; null where it failed, or where a study had it.</param>
internal sealed record TrialOutcome(TrialPlan Plan, SelectionTrial Trial, FitResult? Fit);
