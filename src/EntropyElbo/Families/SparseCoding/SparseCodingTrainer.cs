using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Fits sparse coding on its closed-form ELBO. Memory: on all rows 8 N D bytes for them, or none where they are streamed, and 16 N
/// H for their codes; on minibatches 4 N D, or a buffer where rows are streamed. The result does not depend on threads.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class SparseCodingTrainer(SparseCodingOptions options) : ITrainer, IColumnUse
{
    /// <summary>The options.</summary>
    public SparseCodingOptions Options { get; } = options;

    /// <summary>
    /// A model of the same columns whose parameters are the first, or null for random fields; with more or fewer latents if you
    /// like. L-BFGS goes on with a scale for each latent.
    /// </summary>
    public SparseCodingModel? From { get; init; }

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken);
        Options.Validate();
        Stopwatch watch = Stopwatch.StartNew();
        CheckedRows source = new(rows, context.MissingValues);
        SparseCodingColumns columns = SparseCodingColumns.Read(source, Options.Scaling, context.CancellationToken);
        SparseCodingParameters start = From is null
            ? SparseCodingStart.Random(Options, columns)
            : SparseCodingStart.Of(From, Options, columns);
        if (Options.BatchSize is { } batch)
        {
            using TrainingRows batches = TrainingRows.Open(rows, columns.Scaling, batch, Options.Seed, context);
            using MinibatchFit minibatches = new(
                From is null ? Options : Options with { ScaleStart = ScaleStart.Free }, columns, batches, start, context.ThreadCount);
            return Run(minibatches, columns, watch, rows, context);
        }

        SparseCodingTable table = new(source, columns, context.Caching == RowCaching.Stream, context.CancellationToken);
        if (Options.Optimizer == SparseCodingOptimizer.Joint)
        {
            double[] values = table.Values ?? throw new BadOptionException(
                "optimizer", "The optimizer joint needs the rows in memory; choose another, or keep them there.");
            using JointFit joint = new(Options, columns, values, start, context.ThreadCount);
            return Run(joint, columns, watch, rows, context);
        }

        using SparseCodingPass pass = new(table, Options.Latents, Options.IsDiagonal, context.ThreadCount);
        ISparseCodingFit fit = Options.Optimizer == SparseCodingOptimizer.Em
            ? new EmFit(Options, columns, pass, start)
            : new ProfileFit(From is null ? Options : Options with { ScaleStart = ScaleStart.Free }, columns, pass, start);
        SparseCodingCertificate certificate = new(Options, columns, pass, context.CancellationToken);
        return Run(fit, columns, watch, rows, context, () => certificate.Measure(fit.Parameters));
    }

    /// <summary>Batches and V's joint problem leave no codes that a certificate could start from.</summary>
    private FitResult Run(
        ISparseCodingFit fit, SparseCodingColumns columns, Stopwatch watch, IRowSource rows, FitContext context,
        Func<CertificateFacts>? certificate = null)
    {
        IterationLoop loop = new(context, Options.Limit, columns.Rows, Fingerprint(columns));
        StopReason reason = loop.Run(fit);
        SparseCodingParameters parameters = fit.Parameters.InOrder();
        SparseCodingFloors floors = SparseCodingFloors.Of(Options, columns);
        FitCourse course = new(reason, loop.History.Count, fit.Steps, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = [.. floors.Warnings(parameters), .. loop.Warnings],
            Facts = certificate is null ? null : _ => certificate(),
            IsAtFloor = floors.HoldNoise(parameters) || floors.HoldScales(parameters).Length > 0,
        };
        ModelHeader header = new(columns.Scaling, rows.ColumnNames, Unfinished(columns, fit));
        SparseCodingModel model = new(parameters, Options.IsDiagonal, Options.EncodingTolerance, header);
        return FitReports.Finish(model, course, rows, context);
    }

    private static TrainingRecord Unfinished(SparseCodingColumns columns, ISparseCodingFit fit) =>
        TrainingRecord.Unfinished(columns.Rows, columns.Skipped) with { BatchEntropySum = fit.BatchEntropySum };

    /// <summary>A fit may go on to a higher limit than before.</summary>
    private string Fingerprint(SparseCodingColumns columns) => CheckpointFile.Fingerprint(
        FormattableString.Invariant(
            $"{SparseCodingFamily.Name} {JsonSerializer.Serialize(Options with { Iterations = null }, SparseCodingOptionsJson.Default.SparseCodingOptions)} rows {columns.Rows} columns {columns.Count}"),
        From is null ? columns.Means : [.. columns.Means, .. From.Fields, .. From.Scales, .. From.Mean, From.NoiseVariance],
        columns.Variances);
}
