using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>
/// Fits factor analysis by maximum likelihood. The rows are read three times (scaling, statistics, final report), and
/// memory is a few D x D matrices whatever their number, or, where there are fewer rows than columns, 24 N D bytes; an
/// iteration works on these alone. The result does not depend on
/// threads, and nothing in it is random.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class FactorAnalysisTrainer(FactorAnalysisOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    /// <summary>The options.</summary>
    public FactorAnalysisOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => false;

    int IVariedTrainer.EpochLimit(long rows) => Options.Iterations;

    ITrainer IVariedTrainer.Varied(int start, int? epochs) =>
        new FactorAnalysisTrainer(Options with { Iterations = epochs ?? Options.Iterations });

    ITrainer IModelStart.StartingFrom(LatentModel model) =>
        new FactorAnalysisTrainer(Options with { From = ModelStart.Of<FactorAnalysisModel>(model, FactorAnalysisFamily.Name) });

    bool IColumnUse.HasPlaces => Options.From is not null;

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        Stopwatch watch = Stopwatch.StartNew();
        TrainingMoments training = TrainingMoments.Read(rows, Options.Scaling, Options.Latents, context, Options.From);
        FactorAnalysisFit fit = new(Options, new FactorAnalysisProfile(training.Spread, Options));
        IterationLoop loop = new(context, Options.Iterations, training.Spread.Rows, Fingerprint(training));
        StopReason reason = loop.Run(fit);
        FitCourse course = new(reason, loop.History.Count, loop.History.Count, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = [.. FactorAnalysisWarnings.Of(fit, training.Scaling.ConstantColumns, rows.ColumnNames), .. loop.Warnings],
            IsAtFloor = fit.FlooredColumns.Length > 0,
            Facts = report => Facts(fit, training.Spread, context),
        };
        ModelHeader header = new(training.Scaling, rows.ColumnNames, TrainingRecord.Unfinished(training.Spread.Rows, training.SkippedRows));
        return FitReports.Finish(new FactorAnalysisModel(fit.Parameters(), fit.FlooredColumns, header), course, rows, context);
    }

    /// <summary>What more iterations gain; the model is made by then, so the fit may go on.</summary>
    private CertificateFacts Facts(FactorAnalysisFit fit, RowSpread spread, FitContext context)
    {
        // Steps of Newton do not shrink by a ratio: what is left after the next one is of second order.
        double[] gains = new double[Options.Optimizer == FactorAnalysisOptimizer.Em ? CertificateFacts.Steps : 1];
        for (int step = 0; step < gains.Length; step++)
        {
            double before = fit.Current.Elbo;
            fit.Iterate(context.CancellationToken);
            gains[step] = fit.Current.Elbo - before;
        }

        return CertificateFacts.OfSteps(gains) with { Baseline = new FactorAnalysisProfile(spread, Options).IndependentElbo };
    }

    /// <summary>Training may go on to a higher limit than before.</summary>
    private string Fingerprint(TrainingMoments training) => training.Fingerprint(FormattableString.Invariant(
        $"{FactorAnalysisFamily.Name} {JsonSerializer.Serialize(Options with { Iterations = FactorAnalysisOptions.DefaultIterations }, FactorAnalysisOptionsJson.Default.FactorAnalysisOptions)} rows {training.Spread.Rows} columns {training.Spread.Columns} variance {training.Spread.TotalVariance:R}{ModelStart.Mark(Options.From)}"));
}
