using System.Diagnostics;
using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>
/// Fits probabilistic PCA in closed form. Reads the rows three times (scaling, moments, final report); memory is a few D x D
/// matrices whatever the number of rows, or, where there are fewer rows than columns, 16 N D bytes. A cancelled fit has no model so
/// far and ends with <see cref="OperationCanceledException"/>.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class ProbabilisticPcaTrainer(ProbabilisticPcaOptions options) : ITrainer, IColumnUse, IModelStart
{
    /// <summary>The options.</summary>
    public ProbabilisticPcaOptions Options { get; } = options;

    ITrainer IModelStart.StartingFrom(LatentModel model) => throw new BadOptionException(
        SettingNames.From, "Probabilistic PCA is fitted in closed form, and a start would change nothing; leave it out.");

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        Stopwatch watch = Stopwatch.StartNew();
        TrainingMoments training = TrainingMoments.Read(rows, Options.Scaling, Options.Latents, context);
        ProbabilisticPcaSolution solution = ProbabilisticPcaSolution.Solve(training.Spread, Options.Latents, Options.VarianceFloor);
        LinearGaussian parameters =
            LinearGaussian.WithPosterior(solution.Mean, solution.Loadings, solution.Variances());
        ModelHeader header = new(training.Scaling, rows.ColumnNames, TrainingRecord.Unfinished(training.Spread.Rows, training.SkippedRows));
        TimeSpan elapsed = watch.Elapsed;
        FitCourse course = new(StopReason.ClosedForm, 1, 1, [])
        {
            Elapsed = elapsed,
            RowsPerSecond = training.Spread.Rows / Math.Max(1e-9, elapsed.TotalSeconds),
            Warnings = solution.IsFloored ? [FloorWarning(solution.Variance)] : [],
            IsAtFloor = solution.IsFloored,
            Facts = _ => new CertificateFacts
            {
                Method = GainMethod.ClosedForm,
                ExpectedGain = 0,
                Baseline = training.Spread.IndependentElbo,
                IsNoiseHeld = solution.IsFloored,
            },
        };
        FitResult result = FitReports.Finish(new ProbabilisticPcaModel(parameters, header), course, rows, context);
        FitProgress progress = FitReports.ClosedFormProgress(result);
        context.Progress?.Report(progress);
        return result with { History = [progress] };
    }

    private static string FloorWarning(double variance) => FormattableString.Invariant(
        $"The rows do not vary outside the latents' directions, so the noise variance is held at its floor, {variance:G4}: the likelihood has no maximum. Use fewer latents.");
}
