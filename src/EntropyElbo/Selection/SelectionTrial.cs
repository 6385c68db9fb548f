using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>What came of one candidate. Values are nats per row where nothing else is said.</summary>
public sealed record SelectionTrial
{
    /// <summary>The candidate.</summary>
    public required SelectionCandidate Candidate { get; init; }

    /// <summary>Zero-based place in the order of trying.</summary>
    public required int Index { get; init; }

    /// <summary>1 for the best (of its kind, where kinds are apart); null where the trial failed.</summary>
    public int? Rank { get; init; }

    /// <summary>
    /// Value of the criterion; null where the trial failed. Models with different scalings are compared in units of the
    /// data (see <see cref="SelectionResult.IsInDataUnits"/>).
    /// </summary>
    public double? Score { get; init; }

    /// <summary>Number of latents (or components) of the model; 0 where the trial failed.</summary>
    public int Latents { get; init; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; init; }

    /// <summary>
    /// The report over the rows that the model was trained on: all rows, or with a held-out share the rest. Null where
    /// the trial failed.
    /// </summary>
    public Evaluation? Report { get; init; }

    /// <summary>How training went; null where the trial failed.</summary>
    public TrainingRecord? Training { get; init; }

    /// <summary>
    /// What the likelihood is made of: <c>densities</c>, <c>probabilities</c>, or which columns have which. Scores of one kind
    /// compare.
    /// </summary>
    public string LikelihoodKind { get; init; } = "";

    /// <summary>What the trial's fits say of themselves: floors that were active, folds that did not converge, and the like.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether a floor or bound was active in one of its fits, so that the score depends on it.</summary>
    public bool IsAtFloor { get; init; }

    /// <summary>
    /// The held-out ELBO in the units of <see cref="Report"/>, with its standard error over rows; null for other criteria.
    /// </summary>
    public HeldOutElbo? HeldOut { get; init; }

    /// <summary>
    /// The held-out log-likelihood in the units of <see cref="Report"/>, exact or importance-weighted; null for other criteria.
    /// </summary>
    public RowEstimate? HeldOutLogLikelihood { get; init; }

    /// <summary>The round of successive halving that the trial came to, from 1; 1 in other searches.</summary>
    public int Round { get; init; } = 1;

    /// <summary>The limit of epochs of a round that is not the last; null for the candidate's own.</summary>
    public int? EpochLimit { get; init; }

    /// <summary>Whether the trial was taken from the study's file, with the time that it took then.</summary>
    public bool IsFromStudy { get; init; }

    /// <summary>Time of the trial, all folds and starts counted.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Training rows processed per second.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>Why the trial failed, or null.</summary>
    public string? Failure { get; init; }

    /// <summary>Whether the trial gave a model with a score.</summary>
    public bool Succeeded => Failure is null;

    /// <summary>What is added to a log density of scaled rows for one in units of the data.</summary>
    internal double LogVolume { get; init; }

    /// <summary>Which columns have probabilities; null where the trial failed.</summary>
    internal bool[]? Probabilities { get; init; }

    /// <summary>Whether latents are components or units.</summary>
    internal bool HasDiscreteLatents { get; init; }

    /// <summary>Whether the time budget cut a fit short: such a trial is not kept in a study.</summary>
    internal bool IsCut { get; init; }
}

/// <summary>ELBO of rows that a model was not trained on.</summary>
/// <param name="Elbo">Mean over the rows, nats per row.</param>
/// <param name="StandardError">Standard error of the mean: deviation of the rows' ELBOs over the root of their number.</param>
/// <param name="Rows">Number of rows.</param>
public sealed record HeldOutElbo(double Elbo, double StandardError, long Rows);

/// <summary>What a selection returns.</summary>
public sealed record SelectionResult
{
    /// <summary>What models were compared by.</summary>
    public required SelectionCriterion Criterion { get; init; }

    /// <summary>The trials, best first; those that failed come last, in the order of trying.</summary>
    public required IReadOnlyList<SelectionTrial> Trials { get; init; }

    /// <summary>
    /// The best candidate's fit on all rows; null where there is no best. After a cancellation it is the fit of its
    /// trial, which with a held-out share did not see the rows held out.
    /// </summary>
    public required FitResult? BestFit { get; init; }

    /// <summary>What the user should know of the comparison as a whole.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Why the selection ended.</summary>
    public required SelectionStop Stop { get; init; }

    /// <summary>
    /// Whether scores are in units of the data, because the models' scalings differ; else they are in units of the scaled columns,
    /// as in the reports.
    /// </summary>
    public required bool IsInDataUnits { get; init; }

    /// <summary>Rounds of successive halving; 1 in other searches. The best is of the last round.</summary>
    public int Rounds { get; init; } = 1;

    /// <summary>Whether densities and probabilities were ranked each by themselves: then there is no best of all.</summary>
    public bool AreKindsApart { get; init; }

    /// <summary>The best trial; null where every trial failed, or kinds are apart.</summary>
    public SelectionTrial? Best => !AreKindsApart && Trials.Count > 0 && Trials[0].Succeeded ? Trials[0] : null;
}
