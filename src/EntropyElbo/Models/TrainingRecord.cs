using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Reports;

namespace EntropyElbo.Models;

/// <summary>How a model came about. Kept in the model file, so it holds no timings: equal training gives equal bytes.</summary>
public sealed record TrainingRecord
{
    // Generated JSON code sets a member that a file does not have to null, so the lists' setters know no null.

    /// <summary>
    /// Whether the fit has converged: what <see cref="Certificate"/> says, or, where there is none, whether training ended as
    /// stationary by its own measure or in closed form.
    /// </summary>
    public required bool Converged { get; init; }

    /// <summary>Why training ended.</summary>
    public required StopReason StopReason { get; init; }

    /// <summary>Passes over the training rows, or iterations of a full-data optimiser.</summary>
    public required int Epochs { get; init; }

    /// <summary>Parameter updates.</summary>
    public required long Steps { get; init; }

    /// <summary>Training rows used.</summary>
    public required long Rows { get; init; }

    /// <summary>What their weights sum to, the number of rows that they count as; null where they have none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RowWeight { get; init; }

    /// <summary>The number of rows that sums over rows go by.</summary>
    [JsonIgnore]
    internal double CountedRows => RowWeight ?? Rows;

    /// <summary>Training rows left out because of missing values.</summary>
    public long SkippedRows { get; init; }

    /// <summary>Names of constant columns: their variance is 0 in the training rows.</summary>
    public IReadOnlyList<string> ConstantColumns { get; init => field = value ?? []; } = [];

    /// <summary>What the user should know: a floor that was active, a bound that was reached, a warning.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Whether a floor on a variance, or another bound on a parameter, was active at the end: the likelihood then depends on the
    /// bound, and so does every comparison by it. False in the files of older versions.
    /// </summary>
    public bool IsAtFloor { get; init; }

    /// <summary>
    /// ELBO of the best affine decoder with the same latents, likelihood and KL weight, in closed form (S eq. 14, expanded at the
    /// column means), nats per row; what it is to that ELBO says <see cref="AffineReferenceKind"/>. Null where it was not made.
    /// </summary>
    public double? AffineReference { get; init; }

    /// <summary>
    /// Whether <see cref="AffineReference"/> is exact, a bound or an approximation; null in the files of older versions, where it
    /// is exact for Gaussian columns and a lower bound for others.
    /// </summary>
    public ReferenceKind? AffineReferenceKind { get; init; }

    /// <summary>
    /// Latents that the same closed form expects to stay active (S eq. 21); null where it was not made, and in the files of older
    /// versions.
    /// </summary>
    public int? PredictedActiveLatents { get; init; }

    /// <summary>
    /// Of a fit on minibatches whose scales have optima in closed form: the mean over the batches of the last epoch of the entropy
    /// sum with the scales at their optima for each batch alone (V eq. 15), nats per row. Biased upward, for it is a maximum over
    /// every batch's own scales; the report's figures are those of all rows with one set of scales. Null for other fits.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? BatchEntropySum { get; init; }

    /// <summary>
    /// The final report over the training rows; null while it is being made, and for a model of a stream, which keeps no rows.
    /// </summary>
    public Evaluation? Report { get; init; }

    /// <summary>
    /// How far the fit is from converged; null where none was asked for, for a model of a stream, and in files of older versions.
    /// </summary>
    public ConvergenceCertificate? Certificate { get; init; }

    /// <summary>
    /// The residuals before variances and scales were set in closed form; null for a model of a stream and in files of older
    /// versions.
    /// </summary>
    public UnclosedResiduals? Unclosed { get; init; }

    /// <summary>The record of a fit that is under way.</summary>
    /// <param name="rows">Training rows used.</param>
    /// <param name="skipped">Training rows left out because of missing values.</param>
    internal static TrainingRecord Unfinished(long rows, long skipped) => new()
    {
        Converged = false,
        StopReason = StopReason.EpochLimit,
        Epochs = 0,
        Steps = 0,
        Rows = rows,
        SkippedRows = skipped,
    };

    /// <summary>The final report over the test rows, when there were any.</summary>
    public Evaluation? TestReport { get; init; }
}

/// <summary>What a value in closed form is to the value that it stands for.</summary>
public enum ReferenceKind
{
    /// <summary>That value.</summary>
    Exact,

    /// <summary>A lower bound on it.</summary>
    LowerBound,

    /// <summary>Near it, above or below.</summary>
    Approximation,
}

/// <summary>What every model carries beside its parameters.</summary>
/// <param name="Scaling">The scaling that takes rows to the model's units; part of the model, so new rows are scaled alike.</param>
/// <param name="ColumnNames">Names of the D columns it was trained on.</param>
/// <param name="Training">How it came about.</param>
internal sealed record ModelHeader(Scaling Scaling, IReadOnlyList<string> ColumnNames, TrainingRecord Training)
{
    /// <summary>How columns of text became some of its columns; none as a rule.</summary>
    public IReadOnlyList<CategoricalColumn> Encodings { get; init; } = [];
}
