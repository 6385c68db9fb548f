using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Files;
using EntropyElbo.Models.LinearGaussians;
using EntropyElbo.Training;

namespace EntropyElbo.Models.FactorAnalysis;

/// <summary>
/// Fits factor analysis by maximum likelihood. The rows are read three times (scaling, statistics, final report), and
/// memory is a few D x D matrices whatever their number; an iteration works on these alone. The result does not depend on
/// threads, and nothing in it is random.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class FactorAnalysisTrainer(FactorAnalysisOptions options) : ITrainer
{
    /// <summary>The options.</summary>
    public FactorAnalysisOptions Options { get; } = options;

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        context ??= new FitContext();
        Options.Validate();
        Stopwatch watch = Stopwatch.StartNew();
        TrainingMoments training = TrainingMoments.Read(rows, Options.Scaling, Options.Latents, context);
        FactorAnalysisFit fit = new(Options, new FactorAnalysisProfile(training.Moments, Options));
        IterationLoop loop = new(context, Options.Iterations, training.Moments.Rows, Fingerprint(training));
        StopReason reason = loop.Run(fit);
        FitCourse course = new(reason, loop.History.Count, loop.History.Count, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = FloorWarnings(fit, rows.ColumnNames),
        };
        ModelFrame frame = new(training.Scaling, rows.ColumnNames, training.Unfinished());
        return FitReports.Finish(new FactorAnalysisModel(fit.Parameters(), fit.FlooredColumns, frame), course, rows, context);
    }

    private static string[] FloorWarnings(FactorAnalysisFit fit, IReadOnlyList<string> names)
    {
        int[] floored = fit.FlooredColumns;
        return floored.Length == 0 ? [] :
        [
            $"The noise variance of {floored.Length} column{(floored.Length == 1 ? "" : "s")} is held at its floor: {string.Join(", ", floored.Take(8).Select(d => names[d]))}{(floored.Length > 8 ? ", ..." : "")}. Such columns are constant, or the latents explain them wholly (a Heywood case: fewer latents may fit better).",
        ];
    }

    /// <summary>Training may go on to a higher limit than before.</summary>
    private string Fingerprint(TrainingMoments training)
    {
        RowMoments moments = training.Moments;
        double total = 0;
        for (int d = 0; d < moments.Columns; d++)
        {
            total += moments.Covariance(d, d);
        }

        return training.Fingerprint(FormattableString.Invariant(
            $"{FactorAnalysisFile.Name} {JsonSerializer.Serialize(Options with { Iterations = FactorAnalysisOptions.DefaultIterations }, FingerprintJson.Default.FactorAnalysisOptions)} rows {moments.Rows} columns {moments.Columns} variance {total:R}"));
    }
}
