using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.Training;

/// <summary>From the end of training to a model with its final reports.</summary>
internal static class FitReports
{
    /// <summary>Largest relative gap with which a stationary fit still counts as converged.</summary>
    private const double ConvergedGap = 0.01;

    /// <summary>The training record while training is under way.</summary>
    public static TrainingRecord Unfinished(TrainingRows rows) => new()
    {
        Converged = false,
        StopReason = StopReason.EpochLimit,
        Epochs = 0,
        Steps = 0,
        Rows = rows.Count,
        SkippedRows = rows.Skipped,
    };

    /// <summary>Throws when there are fewer rows than training needs.</summary>
    /// <exception cref="BadDataException">The message gives both numbers.</exception>
    public static void RequireRows(long rows, long least)
    {
        if (rows < least)
        {
            throw new BadDataException($"Training needs at least {least} rows; there {(rows == 1 ? "is 1" : $"are {rows}")}.");
        }
    }

    /// <summary>ELBO of the test rows as a function of the parameters, or null without test rows.</summary>
    public static Func<ReadOnlySpan<float>, double>? TestElbo(FitContext context, Func<int, LatentModel> model)
    {
        if (context.TestRows is not { } test)
        {
            return null;
        }

        EvaluateOptions options = Options(context) with { Samples = 2 };
        return _ => model(0).Evaluate(test, options).Elbo.Elbo;
    }

    /// <summary>Evaluates the model on training and test rows and attaches the record.</summary>
    public static FitResult Finish(
        LatentModel model, TrainingState state, StopReason reason, IRowSource rows, FitContext context, TimeSpan elapsed)
    {
        Evaluation report = model.Evaluate(rows, Options(context));
        bool stationary = reason == StopReason.Stationary;
        List<string> warnings = [.. Warnings(model.Frame)];
        TrainingRecord record = model.Frame.Training with
        {
            Converged = stationary && (report.Elbo.Remark is not null || report.Elbo.RelativeGap < ConvergedGap),
            StopReason = reason,
            Epochs = state.Epoch,
            Steps = state.Adam.Steps,
            ConstantColumns = ConstantColumns(model.Frame),
            Warnings = warnings,
            Report = report,
            TestReport = context.TestRows is { } test ? model.Evaluate(test, Options(context)) : null,
        };
        double rate = state.Epoch == 0 ? 0 : state.History[^1].RowsPerSecond;
        return new FitResult(model.WithFrame(model.Frame with { Training = record }), elapsed, rate, state.History);
    }

    /// <summary>How final reports are made.</summary>
    public static EvaluateOptions Options(FitContext context) =>
        new() { Threads = context.Threads, MissingValues = context.MissingValues };

    public static IReadOnlyList<string> ConstantColumns(ModelFrame frame) =>
        [.. frame.Scaling.ConstantColumns.Select(c => frame.ColumnNames[c])];

    public static IEnumerable<string> Warnings(ModelFrame frame)
    {
        int constant = frame.Scaling.ConstantColumns.Count;
        if (constant > 0)
        {
            yield return $"{constant} column{(constant == 1 ? " is" : "s are")} constant: {string.Join(", ", ConstantColumns(frame).Take(8))}{(constant > 8 ? ", ..." : "")}.";
        }
    }
}
