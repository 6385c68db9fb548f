using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>How models are selected.</summary>
public sealed record SelectionOptions
{
    /// <summary>Default of <see cref="HeldOutShare"/> where neither it nor <see cref="Folds"/> is given.</summary>
    public const double DefaultHeldOutShare = 0.2;

    /// <summary>Default of <see cref="HalvingFactor"/>.</summary>
    public const int DefaultHalvingFactor = 3;

    /// <summary>Default of <see cref="ImportanceSamples"/>.</summary>
    public const int DefaultImportanceSamples = 1000;

    /// <summary>What models are compared by.</summary>
    public SelectionCriterion Criterion { get; init; } = SelectionCriterion.Bic;

    /// <summary>In which order, and for how long, candidates are tried.</summary>
    public SelectionSearch Search { get; init; }

    /// <summary>
    /// The share that goes on to the next round of <see cref="SelectionSearch.Halving"/> is one over this, and the epochs grow by
    /// it; 2 to 10.
    /// </summary>
    public int HalvingFactor { get; init; } = DefaultHalvingFactor;

    /// <summary>
    /// Fits of a candidate from different seeds, 1 to 1000, where its family has local optima (mixtures, belief nets, sparse coding,
    /// VAEs): the one with the highest ELBO of its own rows counts. A mixture's own starting points come on top.
    /// </summary>
    public int Starts { get; init; } = 1;

    /// <summary>Samples a row of <see cref="SelectionCriterion.ImportanceWeighted"/>, where the log-likelihood is not exact.</summary>
    public int ImportanceSamples { get; init; } = DefaultImportanceSamples;

    /// <summary>
    /// Trials at a time, at most as many as <see cref="Threads"/>, which they share; null for as many as there are threads, as far
    /// as the memory holds their rows. The result does not depend on it.
    /// </summary>
    public int? ParallelTrials { get; init; }

    /// <summary>
    /// File that keeps the trials, one a line, or null. Where it exists, the trials in it are taken from there: a selection that was
    /// killed goes on, and ends with the same table. It speaks of the same rows and the same comparison, or is refused.
    /// </summary>
    public string? StudyPath { get; init; }

    /// <summary>
    /// Folds of cross-validation, 2 to 1000, for <see cref="SelectionCriterion.HeldOut"/> and
    /// <see cref="SelectionCriterion.ImportanceWeighted"/>; null for a held-out share.
    /// </summary>
    public int? Folds { get; init; }

    /// <summary>
    /// Share of the rows to hold out, above 0 and below 1, for <see cref="SelectionCriterion.HeldOut"/> and
    /// <see cref="SelectionCriterion.ImportanceWeighted"/>; null for folds, or the default.
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

    /// <summary>Receives each trial when it is done, one call at a time, from the thread that did it.</summary>
    public IProgress<SelectionProgress>? Progress { get; init; }

    /// <summary>
    /// Receives the progress of the fits under way after each of their epochs, one call at a time, from the threads that fit.
    /// </summary>
    public IProgress<FitProgress>? FitProgress { get; init; }

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        BadOptionException.ThrowUnless(
            Enum.IsDefined(Criterion), "criterion", $"The criterion {Criterion} is unknown; use one of {string.Join(", ", CriterionFacts.Names)}.");
        BadOptionException.ThrowUnless(
            Folds is null or (>= 2 and <= 1000), "folds", $"The number of folds is {Folds}; it must be between 2 and 1000.");
        BadOptionException.ThrowUnless(
            HeldOutShare is null or (> 0 and < 1),
            "held-out-share",
            $"The held-out share is {HeldOutShare}; it must be above 0 and below 1.");
        BadOptionException.ThrowUnless(
            Folds is null || HeldOutShare is null, "folds", "Folds and a held-out share exclude one another; give one of them.");
        BadOptionException.ThrowUnless(
            Criterion.IsHeldOut() || (Folds is null && HeldOutShare is null),
            "folds",
            "Folds and a held-out share are for the criteria held-out and importance-weighted; choose one, or leave them out.");
        BadOptionException.ThrowUnless(
            Enum.IsDefined(Search), "search", $"The search {Search} is unknown; use grid, random or halving.");
        BadOptionException.ThrowUnless(
            HalvingFactor is >= 2 and <= 10, "halving-factor", $"The halving factor is {HalvingFactor}; it must be between 2 and 10.");
        BadOptionException.ThrowUnless(
            Starts is >= 1 and <= 1000, "starts", $"The number of starts is {Starts}; it must be between 1 and 1000.");
        BadOptionException.ThrowUnless(
            ImportanceSamples is >= 1 and <= 1_000_000,
            "samples",
            $"The number of importance samples is {ImportanceSamples}; it must be between 1 and 1,000,000.");
        BadOptionException.ThrowUnless(
            ParallelTrials is null or (>= 1 and <= 1024),
            "parallel",
            $"The number of trials at a time is {ParallelTrials}; it must be between 1 and 1024.");
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
public sealed record SelectionProgress(int Done, int Trials, SelectionTrial Latest, SelectionTrial? Best)
{
    /// <summary>
    /// Time that the trials left will take if they take as long as those of this run; null while that is not known. In successive
    /// halving later rounds take longer.
    /// </summary>
    public TimeSpan? Remaining { get; init; }
}
