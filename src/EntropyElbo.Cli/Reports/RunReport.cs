using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>What a run found, for every form of output alike.</summary>
internal sealed record RunReport
{
    private const string EntropySumRemark =
        "Entropy sums and residuals describe the rows a model was trained on (these differ from them); on other rows the ELBO, "
        + "reconstruction and KL speak for the data.";

    /// <summary>The model.</summary>
    public required LatentModel Model { get; init; }

    /// <summary>The report over the rows of the run.</summary>
    public required Evaluation Evaluation { get; init; }

    /// <summary>The report over test rows, or null.</summary>
    public Evaluation? Test { get; init; }

    /// <summary>Rows left out because of missing values.</summary>
    public required long SkippedRows { get; init; }

    /// <summary>Time of training, or of evaluation.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Rows processed per second.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Progress after each epoch of a fit; null for an evaluation.</summary>
    public IReadOnlyList<FitProgress>? History { get; init; }

    /// <summary>Whether the run trained the model, rather than evaluated one.</summary>
    public required bool Trained { get; init; }

    /// <summary>What image a row is, for pictures of a linear model's fields; null where that is not known.</summary>
    public ImageShape? Image { get; init; }

    /// <summary>What a page says beside the figures; null where there is none.</summary>
    public PageFacts? Page { get; init; }

    /// <summary>What the user should know.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>How to read the figures, or null.</summary>
    public required string? Remark { get; init; }

    public TrainingRecord Training => Model.Training;

    public StopReason StopReason => Training.StopReason;

    public ElboReport Summary => Evaluation.Summary;

    /// <summary>Which columns a report speaks of.</summary>
    public ScalingKind Scaling => Model.Scaling.Kind;

    /// <summary>The report of a fit; what there is to say of how the rows were read goes before the fit's own warnings.</summary>
    public static RunReport Of(FitResult result, IReadOnlyList<string> notes)
    {
        TrainingRecord training = result.Model.Training;
        Evaluation evaluation = training.Report ?? throw new InvalidOperationException("A fit ended without its report.");
        return new RunReport
        {
            Model = result.Model,
            Evaluation = evaluation,
            Test = training.TestReport,
            SkippedRows = training.SkippedRows,
            Elapsed = result.Elapsed,
            RowsPerSecond = result.RowsPerSecond,
            History = result.History,
            Trained = true,
            Warnings = [.. notes, .. training.Warnings],
            Remark = evaluation.Summary.Remark,
        };
    }

    /// <summary>The report of an evaluation.</summary>
    public static RunReport Of(LatentModel model, Evaluation evaluation, long skippedRows, TimeSpan elapsed, IReadOnlyList<string> notes)
    {
        string?[] remarks = [evaluation.Summary.Remark, IsOfTrainingRows(model, evaluation) ? null : EntropySumRemark];
        string remark = string.Join(' ', remarks.Where(r => r is not null));
        return new RunReport
        {
            Model = model,
            Evaluation = evaluation,
            SkippedRows = skippedRows,
            Elapsed = elapsed,
            RowsPerSecond = evaluation.Summary.Rows / Math.Max(1e-9, elapsed.TotalSeconds),
            Trained = false,
            Warnings = notes,
            Remark = remark.Length > 0 ? remark : null,
        };
    }

    /// <summary>
    /// The figures of the training rows are in the model, and evaluating the same rows again gives the same bits of all
    /// that is not sampled.
    /// </summary>
    private static bool IsOfTrainingRows(LatentModel model, Evaluation evaluation) =>
        model.Training.Report?.Summary is { } training
        && training.Rows == evaluation.Summary.Rows
        && training.Kl.Equals(evaluation.Summary.Kl)
        && training.EncoderEntropy.Equals(evaluation.Summary.EncoderEntropy);
}
