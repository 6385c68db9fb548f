using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>How models are selected.</summary>
public sealed record SelectionOptions
{
    /// <summary>Default of <see cref="HeldOutShare"/> where neither it nor <see cref="Folds"/> is given.</summary>
    public const double DefaultHeldOutShare = 0.2;

    /// <summary>What models are compared by.</summary>
    public SelectionCriterion Criterion { get; init; } = SelectionCriterion.Bic;

    /// <summary>Folds of cross-validation, 2 to 1000, for <see cref="SelectionCriterion.HeldOut"/>; null for a held-out share.</summary>
    public int? Folds { get; init; }

    /// <summary>
    /// Share of the rows to hold out, above 0 and below 1, for <see cref="SelectionCriterion.HeldOut"/>; null for folds, or the
    /// default.
    /// </summary>
    public double? HeldOutShare { get; init; }

    /// <summary>What to do where some candidates give densities and others probabilities.</summary>
    public MixedLikelihoods MixedLikelihoods { get; init; } = MixedLikelihoods.Refuse;

    /// <summary>Candidates to try at most; null for all.</summary>
    public int? MaxTrials { get; init; }

    /// <summary>
    /// Time for the trials; null for no limit. No trial begins after it, and one under way ends after its epoch (where
    /// the family is trained in minibatches). The best model's refit comes on top.
    /// </summary>
    public TimeSpan? TimeBudget { get; init; }

    /// <summary>Seed of the split into rows to train on and to hold out; the same for all candidates.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; 0 for one per core. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>What to do with rows that hold missing values.</summary>
    public MissingValues MissingValues { get; init; } = MissingValues.Reject;

    /// <summary>Where rows are kept while training.</summary>
    public RowCaching Caching { get; init; } = RowCaching.Memory;

    /// <summary>Stops the selection; the trials so far are returned.</summary>
    internal CancellationToken CancellationToken { get; init; }

    /// <summary>Receives each trial when it is done.</summary>
    public IProgress<SelectionProgress>? Progress { get; init; }

    /// <summary>Receives the progress of the fit under way after each of its epochs.</summary>
    public IProgress<FitProgress>? FitProgress { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        BadOptionException.ThrowUnless(
            Enum.IsDefined(Criterion), "criterion", $"The criterion {Criterion} is unknown; use bic, aic or held-out.");
        BadOptionException.ThrowUnless(
            Folds is null or (>= 2 and <= 1000), "folds", $"The number of folds is {Folds}; it must be between 2 and 1000.");
        BadOptionException.ThrowUnless(
            HeldOutShare is null or (> 0 and < 1),
            "held-out-share",
            $"The held-out share is {HeldOutShare}; it must be above 0 and below 1.");
        BadOptionException.ThrowUnless(
            Folds is null || HeldOutShare is null, "folds", "Folds and a held-out share exclude one another; give one of them.");
        BadOptionException.ThrowUnless(
            Criterion == SelectionCriterion.HeldOut || (Folds is null && HeldOutShare is null),
            "folds",
            "Folds and a held-out share are for the criterion held-out; choose it, or leave them out.");
        BadOptionException.ThrowUnless(
            Enum.IsDefined(MixedLikelihoods),
            "mixed-likelihoods",
            $"The rule for mixed likelihoods {MixedLikelihoods} is unknown; use Refuse, Apart or Together.");
        BadOptionException.ThrowUnless(
            MaxTrials is null or >= 1, "max-trials", $"The number of trials is {MaxTrials}; it must be at least 1.");
        BadOptionException.ThrowUnless(
            TimeBudget is not { } time || time > TimeSpan.Zero, "time", $"The time budget is {TimeBudget}; it must be above 0.");
    }
}

/// <summary>Where a selection stands after a trial.</summary>
/// <param name="Done">Trials done.</param>
/// <param name="Trials">Trials at most.</param>
/// <param name="Latest">The trial that was done last.</param>
/// <param name="Best">The best so far; null while all failed.</param>
public sealed record SelectionProgress(int Done, int Trials, SelectionTrial Latest, SelectionTrial? Best);
