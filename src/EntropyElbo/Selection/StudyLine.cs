using System.Text.Json.Serialization;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Selection;

/// <summary>The first line of a study's file.</summary>
/// <param name="Study">Version of the form of the file.</param>
/// <param name="Fingerprint">Names the rows and the comparison: <see cref="StudyFingerprint"/>.</param>
internal sealed record StudyHead(int Study, string Fingerprint);

/// <summary>A trial in a study's file. Scores are not kept: they follow from the rest.</summary>
internal sealed record StudyLine
{
    /// <summary>What the trial is known by.</summary>
    public required string Key { get; init; }

    /// <summary>Time that it took.</summary>
    public required double Seconds { get; init; }

    /// <summary>Why it failed, or null.</summary>
    public string? Failure { get; init; }

    /// <summary>Number of latents.</summary>
    public int Latents { get; init; }

    /// <summary>Which columns have probabilities.</summary>
    public IReadOnlyList<bool> Probabilities { get; init => field = value ?? []; } = [];

    /// <summary>Whether latents are components or units.</summary>
    public bool HasDiscreteLatents { get; init; }

    /// <summary>What its fits said of themselves.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>Whether a floor was active.</summary>
    public bool IsAtFloor { get; init; }

    /// <summary>What takes log densities to units of the data.</summary>
    public double LogVolume { get; init; }

    /// <summary>Training rows processed per second.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>The held-out ELBO.</summary>
    public HeldOutElbo? HeldOut { get; init; }

    /// <summary>The held-out log-likelihood.</summary>
    public RowEstimate? HeldOutLogLikelihood { get; init; }

    /// <summary>How training went, with its report; null where it failed.</summary>
    public TrainingRecord? Training { get; init; }

    /// <summary>The line of a trial.</summary>
    public static StudyLine Of(TrialPlan plan, SelectionTrial trial) => new()
    {
        Key = plan.Key,
        Seconds = trial.Elapsed.TotalSeconds,
        Failure = trial.Failure,
        Latents = trial.Latents,
        Probabilities = trial.Probabilities ?? [],
        HasDiscreteLatents = trial.HasDiscreteLatents,
        Warnings = trial.Warnings,
        IsAtFloor = trial.IsAtFloor,
        LogVolume = trial.LogVolume,
        RowsPerSecond = trial.RowsPerSecond,
        HeldOut = trial.HeldOut,
        HeldOutLogLikelihood = trial.HeldOutLogLikelihood,
        Training = trial.Training,
    };

    /// <summary>The trial of a plan, as it was.</summary>
    public SelectionTrial ToTrial(TrialPlan plan, SelectionCriterion criterion)
    {
        SelectionTrial trial = new()
        {
            Candidate = plan.Candidate,
            Index = plan.Index,
            Round = plan.Round,
            EpochLimit = plan.Epochs,
            Elapsed = TimeSpan.FromSeconds(Seconds),
            IsFromStudy = true,
            Failure = Failure,
        };
        return Training is null ? trial : TrialRunner.Scored(criterion, trial with
        {
            Latents = Latents,
            Columns = Probabilities.Count,
            Probabilities = [.. Probabilities],
            HasDiscreteLatents = HasDiscreteLatents,
            LikelihoodKind = LikelihoodKinds.Words([.. Probabilities]),
            Report = Training.Report,
            Training = Training,
            HeldOut = HeldOut,
            HeldOutLogLikelihood = HeldOutLogLikelihood,
            Warnings = Warnings,
            IsAtFloor = IsAtFloor,
            RowsPerSecond = RowsPerSecond,
            LogVolume = LogVolume,
        });
    }

    /// <summary>What is wrong with a line that somebody else may have written, or null.</summary>
    public string? Fault(SelectionCriterion criterion)
    {
        if (Key.Length == 0 || !(Seconds is >= 0 and < 1e9))
        {
            return "a trial without a name or a time";
        }

        if (Training is null)
        {
            return Failure is null ? "a trial that neither failed nor has a model" : null;
        }

        bool hasRows = Training.Report is { Summary: not null, Summary.Rows: > 0, FreeParameters: >= 0 };
        bool hasScore = criterion switch
        {
            SelectionCriterion.HeldOut => HeldOut is { Rows: > 0 },
            SelectionCriterion.ImportanceWeighted => HeldOutLogLikelihood is { Rows: > 0 },
            _ => true,
        };
        bool isFinite = double.IsFinite(LogVolume) && RowsPerSecond >= 0 && double.IsFinite(RowsPerSecond);
        return hasRows && hasScore && isFinite && Latents >= 1 && Probabilities.Count >= 1 ? null : "a trial whose figures cannot be";
    }
}

/// <summary>How the lines are written.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(StudyHead))]
[JsonSerializable(typeof(StudyLine))]
internal sealed partial class StudyJson : JsonSerializerContext;
