using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// Trains a linear VAE on its closed-form ELBO. With L-BFGS the rows are read three times (scaling, statistics, final
/// report) and memory is a few D x D matrices whatever the number of rows, or, where there are fewer rows than columns, 16 N D
/// bytes; the result does not depend on threads. The encoder is at its optimum for the decoder throughout, so the ELBO is
/// climbed by decoder and noise alone.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class LinearVaeTrainer(LinearVaeOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    private const string FloorWarning = "The noise variance is held at its floor: the rows vary in no more directions than there are "
        + "latents, and the likelihood has no maximum. Use fewer latents.";

    /// <summary>The options.</summary>
    public LinearVaeOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => false;

    int IVariedTrainer.EpochLimit(long rows) => Options.Limit;

    ITrainer IVariedTrainer.Varied(int start, int? epochs) =>
        new LinearVaeTrainer(Options with { Seed = unchecked(Options.Seed + (ulong)start), Iterations = epochs ?? Options.Iterations });

    ITrainer IModelStart.StartingFrom(LatentModel model) =>
        new LinearVaeTrainer(Options with { From = ModelStart.Of<LinearVaeModel>(model, LinearVaeFamily.Name) });

    bool IColumnUse.HasPlaces => Options.From is not null;

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        if (rows.HasWeights && Options.Optimizer != LinearVaeOptimizer.LBfgs)
        {
            throw RowWeights.Refused("The optimizer adam of a linear VAE", "choose l-bfgs, or leave the weights out");
        }

        Stopwatch watch = Stopwatch.StartNew();
        TrainingMoments training = TrainingMoments.Read(rows, Options.Scaling, Options.Latents, context, Options.From);
        IterationLoop loop = new(context, Options.Limit, training.Spread.Rows, Fingerprint(training));
        ModelHeader header = new(training.Scaling, rows.ColumnNames, TrainingRecord.Unfinished(training.Spread.Rows, training.SkippedRows));
        if (Options.Optimizer == LinearVaeOptimizer.LBfgs)
        {
            using LinearVaeLBfgsFit fit = new(Options, training.Spread, context.Engine);
            return Run(fit, loop, header, watch, rows, context, Facts);
        }

        using TrainingRows batches = TrainingRows.Open(rows, training.Scaling, Options.BatchSize, Options.Seed, context);
        LinearVaeLearner learner = new(Options, training.Spread, context.Engine);
        using LinearVaeAdamFit batchFit = new(Options, learner, batches);
        return Run(batchFit, loop, header, watch, rows, context, Facts);

        CertificateFacts Facts(Evaluation report) => new()
        {
            Method = GainMethod.ClosedForm,
            ExpectedGain = LinearVaeProblem.Optimum(training.Spread, Options) - report.Summary.Elbo,
            Baseline = training.Spread.IndependentElbo,
        };
    }

    private static FitResult Run(
        ILinearVaeFit fit, IterationLoop loop, ModelHeader header, Stopwatch watch, IRowSource rows, FitContext context,
        Func<Evaluation, CertificateFacts> facts)
    {
        StopReason reason = loop.Run(fit);
        FitCourse course = new(reason, loop.History.Count, fit.Steps, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = [.. new[] { fit.IsFloored ? FloorWarning : null, fit.Shortfall }.OfType<string>(), .. loop.Warnings],
            IsAtFloor = fit.IsFloored,
            Facts = facts,
        };
        return FitReports.Finish(new LinearVaeModel(fit.Parameters(), header), course, rows, context);
    }

    /// <summary>L-BFGS may go on to a higher limit than before; Adam's rate depends on its limit.</summary>
    private string Fingerprint(TrainingMoments training)
    {
        LinearVaeOptions options = Options.Optimizer == LinearVaeOptimizer.LBfgs ? Options with { Iterations = null } : Options;
        return training.Fingerprint(FormattableString.Invariant(
            $"{LinearVaeFamily.Name} {JsonSerializer.Serialize(options, LinearVaeOptionsJson.Default.LinearVaeOptions)} decoder rows {training.Spread.Rows} columns {training.Spread.Columns} variance {training.Spread.TotalVariance:R}{ModelStart.Mark(options.From)}"));
    }
}
