using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>From the end of training to a model with its final reports.</summary>
internal static class FitReports
{
    private const long ReportDraws = 200_000;
    private const long ReportValues = 100_000_000;
    private const int MaxReportSamples = 100;

    /// <summary>With less the standard error is not known.</summary>
    private const int LeastReportSamples = 2;

    /// <summary>Throws when there are fewer rows than training needs.</summary>
    /// <exception cref="BadDataException">The message gives both numbers.</exception>
    public static void RequireRows(long rows, long least)
    {
        if (rows < least)
        {
            throw new BadDataException($"Training needs at least {least} rows; there {(rows == 1 ? "is 1" : $"are {rows}")}.");
        }
    }

    /// <summary>ELBO of the test rows by the model as it stands, or null without test rows.</summary>
    public static Func<double>? TestElbo(FitContext context, Func<LatentModel> model)
    {
        if (context.TestRows is not { } test)
        {
            return null;
        }

        // As the figures are: rows without finite ones may have them after the next epoch.
        EvaluateOptions options = Options(context, 0, 1) with { Samples = LeastReportSamples };
        return () => model().Figures(test, options, out bool _).Summary.Elbo;
    }

    /// <summary>How a fit by minibatches went.</summary>
    public static FitCourse Course(TrainingState state, StopReason reason, TimeSpan elapsed) =>
        new(reason, state.Epoch, state.Adam.Steps, state.History)
        {
            Elapsed = elapsed,
            RowsPerSecond = state.Epoch == 0 ? 0 : state.History[^1].RowsPerSecond,
        };

    /// <summary>Evaluates the model on training and test rows and attaches the record.</summary>
    /// <param name="model">The model.</param>
    /// <param name="course">How the fit went.</param>
    /// <param name="rows">Training rows.</param>
    /// <param name="context">Surroundings of the fit.</param>
    /// <param name="judge">
    /// Reports on the training rows in the model's place: the same model with what only training knows of its rows, their weights
    /// or states. Or null.
    /// </param>
    public static FitResult Finish(
        LatentModel model, FitCourse course, IRowSource rows, FitContext context, LatentModel? judge = null)
    {
        if (context.ThrowsWhenCancelled)
        {
            context.CancellationToken.ThrowIfCancellationRequested();
        }

        Evaluation report = (judge ?? model).Figures(rows, Options(context, model.Training.Rows, model.ObservedDimension), out _);
        RequireFinite(report);
        TestFigures test = TestFigures.Of(model, context.TestRows, Options(context, model.Training.Rows, model.ObservedDimension));

        CertificateFacts? facts = Facts(course, report, context);
        ConvergenceCertificate? certificate = facts is null ? null : Certificates.Of(facts, course, report);
        TrainingRecord record = model.Training with
        {
            RowWeight = report.Summary.RowWeight,
            Converged = certificate?.IsMet ?? course.Reason is StopReason.ClosedForm or StopReason.Stationary,
            Certificate = certificate,
            Unclosed = course.Unclosed ?? UnclosedResiduals.Of(report),
            StopReason = course.Reason,
            Epochs = course.Epochs,
            Steps = course.Steps,
            ConstantColumns = ConstantColumns(model.Header),
            Warnings = [.. Warnings(model.Header), .. course.Warnings, .. test.Warnings],
            IsAtFloor = course.IsAtFloor,
            Report = report,
            TestReport = test.Report,
        };
        LatentModel finished = model.WithHeader(model.Header with { Training = record });
        return new FitResult(finished, course.Elapsed, course.RowsPerSecond, course.History);
    }

    /// <summary>The one progress entry of a closed-form fit, from its final report.</summary>
    public static FitProgress ClosedFormProgress(FitResult result)
    {
        Evaluation report = result.Model.Report;
        FitProgress progress = new()
        {
            Epoch = 1,
            Epochs = 1,
            Elbo = report.Summary.Elbo,
            EntropySum = report.Summary.EntropySum,
            PriorResidual = report.Summary.PriorResidual,
            NoiseResidual = report.Summary.NoiseResidual,
            Collapsed = report.Collapsed.Entropy,
            TestElbo = result.Model.Training.TestReport?.Summary.Elbo,
            Elapsed = result.Elapsed,
            RowsPerSecond = result.RowsPerSecond,
        };
        return progress.With(ElboParts.Of(report.Summary));
    }

    /// <summary>
    /// How final reports are made: with about as many draws in all whatever the number of rows, fewer for very wide ones, so that
    /// noise neither hides the gap of a few nor does the report of many take longer than it must.
    /// </summary>
    public static EvaluateOptions Options(FitContext context, long rows, int columns) => new()
    {
        Samples = (int)Math.Clamp(Math.Min(ReportDraws, ReportValues / columns) / Math.Max(1, rows), LeastReportSamples, MaxReportSamples),
        Threads = context.Threads,
        MissingValues = context.MissingValues,
        CancellationToken = context.ThrowsWhenCancelled ? context.CancellationToken : default,
    };

    /// <summary>Whoever cancels waits for no further passes, and loses nothing but the certificate.</summary>
    private static CertificateFacts? Facts(FitCourse course, Evaluation report, FitContext context)
    {
        try
        {
            return context.Certificate && course.Reason != StopReason.Cancelled ? course.Facts?.Invoke(report) : null;
        }
        catch (OperationCanceledException) when (!context.ThrowsWhenCancelled && context.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>No fit ends without its figures, whatever it says of itself.</summary>
    private static void RequireFinite(Evaluation report)
    {
        if (!report.IsFinite)
        {
            throw new TrainingException(FormattableString.Invariant(
                $"The figures of the training rows are not all finite numbers (ELBO {report.Summary.Elbo}, entropy sum {report.Summary.EntropySum}): values are too large or too small for double precision. Scale the columns (minmax or standard), or change their unit."));
        }
    }

    public static IReadOnlyList<string> ConstantColumns(ModelHeader header) =>
        [.. header.Scaling.ConstantColumns.Select(c => header.ColumnNames[c])];

    public static IEnumerable<string> Warnings(ModelHeader header)
    {
        int constant = header.Scaling.ConstantColumns.Count;
        if (constant > 0)
        {
            yield return $"{constant} column{(constant == 1 ? " is" : "s are")} constant: "
                + $"{string.Join(", ", ConstantColumns(header).Take(8))}{(constant > 8 ? ", ..." : "")}.";
        }
    }
}

/// <summary>How a fit went, for its final report.</summary>
/// <param name="Reason">Why training ended.</param>
/// <param name="Epochs">Epochs or iterations done.</param>
/// <param name="Steps">Parameter updates.</param>
/// <param name="History">Progress after each epoch.</param>
internal sealed record FitCourse(StopReason Reason, int Epochs, long Steps, IReadOnlyList<FitProgress> History)
{
    /// <summary>Wall-clock time of training.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Training rows processed per second.</summary>
    public double RowsPerSecond { get; init; }

    /// <summary>Finds out what the certificate needs, given the final report: one pass over the rows, or four E-steps of EM.</summary>
    public Func<Evaluation, CertificateFacts>? Facts { get; init; }

    /// <summary>The residuals before scales were set in closed form; null where none were.</summary>
    public UnclosedResiduals? Unclosed { get; init; }

    /// <summary>Epochs over which the certificate judges the rise; 1 where training has no noise.</summary>
    public int RiseWindow { get; init; } = 1;

    /// <summary>The epochs until the parameters that were kept; null for all.</summary>
    public IReadOnlyList<FitProgress>? RiseHistory { get; init; }

    /// <summary>What the user should know.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether a floor or bound on a parameter was active at the end.</summary>
    public bool IsAtFloor { get; init; }
}
