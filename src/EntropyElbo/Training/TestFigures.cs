using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>
/// The report on test rows at the end of a fit. The model is trained by then, so rows that have no figures are a warning and do not
/// take it with them.
/// </summary>
/// <param name="Report">The report, or null where there are no test rows or no figures.</param>
/// <param name="Warnings">Why there are no figures, or why they are infinite; names the row where there is one to blame.</param>
internal sealed record TestFigures(Evaluation? Report, IReadOnlyList<string> Warnings)
{
    /// <summary>Evaluates a model on the test rows of a fit.</summary>
    public static TestFigures Of(LatentModel model, IRowSource? rows, EvaluateOptions options)
    {
        if (rows is null)
        {
            return new TestFigures(null, []);
        }

        try
        {
            Evaluation report = model.Evaluate(rows, options);
            return report.IsFinite ? new TestFigures(report, []) : new TestFigures(report, [InvariantRow(
                FirstWithoutElbo(
                    model,
                    rows,
                    options), "The model gives some of the test rows no probability, so their mean ELBO is no finite number")]);
        }
        catch (BadDataException error)
        {
            long? row = error.Row is null ? FirstWithoutElbo(model, rows, options) : null;
            return new TestFigures(null, [InvariantRow(row, $"The test rows have no figures: {error.Message.TrimEnd('.')}")]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new TestFigures(null, [$"The test rows could not be read: {error.Message}"]);
        }
    }

    private static string InvariantRow(long? row, string what) => row is { } index
        ? FormattableString.Invariant($"{what}. The first such row is test row {index + 1}.")
        : $"{what}.";

    /// <summary>The first row whose ELBO is no finite number, or null where each alone has one.</summary>
    private static long? FirstWithoutElbo(LatentModel model, IRowSource rows, EvaluateOptions options)
    {
        double[] block = new double[model.RowsPerBlock * rows.Columns];
        double[] elbos = new double[model.RowsPerBlock];
        long first = 0;
        try
        {
            using IRowCursor cursor = new CheckedRows(rows, options.MissingValues).Open();
            for (int count; (count = cursor.Read(block)) > 0; first += count)
            {
                model.RowElbo(block.AsSpan(0, count * rows.Columns), elbos.AsSpan(0, count), options.Samples, options.Seed);
                int at = Array.FindIndex(elbos, 0, count, elbo => !double.IsFinite(elbo));
                if (at >= 0)
                {
                    return first + at;
                }
            }
        }
        catch (BadDataException error)
        {
            return first + error.Row; // Of its block.
        }

        return null;
    }
}
