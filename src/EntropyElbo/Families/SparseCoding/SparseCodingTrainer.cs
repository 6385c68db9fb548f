using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Fits sparse coding on its closed-form ELBO. Memory: on all rows 8 N D bytes for them, or none where they are streamed, and 16 N
/// H for their codes; on minibatches 4 N D, or a buffer where rows are streamed. The result does not depend on threads.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class SparseCodingTrainer(SparseCodingOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    private const string NotOnGpu =
        "The codes' E-steps were computed on the CPU, whatever the device: a row's bound is followed to 1e-9 nats, in double precision. "
            + "A network's codes are learned on the device (learning amortised).";

    /// <summary>The options.</summary>
    public SparseCodingOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => Options.From is null;

    int IVariedTrainer.EpochLimit(long rows) => Options.Limit;

    ITrainer IVariedTrainer.Varied(int start, int? epochs) =>
        new SparseCodingTrainer(
            Options with { Seed = unchecked(Options.Seed + (ulong)start), Iterations = epochs ?? Options.Iterations });

    ITrainer IModelStart.StartingFrom(LatentModel model) =>
        new SparseCodingTrainer(Options with { From = ModelStart.Of<SparseCodingModel>(model, SparseCodingFamily.Name) });

    bool IColumnUse.HasPlaces => Options.From is not null;

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesMissing: true, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        RequireWeights(rows.HasWeights);
        Stopwatch watch = Stopwatch.StartNew();
        CheckedRows source = new(rows, context.MissingValues) { OffersMarginal = true };
        if (context.MissingValues == MissingValues.Marginal)
        {
            return FitObserved(source, watch, rows, context);
        }

        SparseCodingColumns columns = SparseCodingColumns.Read(source, Options.Scaling, context.CancellationToken, Options.From);
        SparseCodingParameters start = SparseCodingStart.Of(Options, columns);
        if (Options.IsAmortised)
        {
            using TrainingRows batches = TrainingRows.Open(rows, columns.Scaling, Options.AmortisedBatch, Options.Seed, context);
            using AmortisedFit amortised = new(Options, columns, batches, start, context);
            return Run(amortised, columns, watch, rows, context, amortised.Certify);
        }

        if (Options.BatchSize is { } batch)
        {
            using TrainingRows batches = TrainingRows.Open(rows, columns.Scaling, batch, Options.Seed, context);
            using MinibatchFit minibatches = new(
                Options.From is null ? Options : Options with { ScaleStart = ScaleStart.Free }, columns, batches, start,
                context.ThreadCount);
            return Run(minibatches, columns, watch, rows, context, _ => Cold(minibatches));
        }

        SparseCodingTable table = new(source, columns, context.Caching == RowCaching.Stream, context.CancellationToken);
        if (Options.Optimizer == SparseCodingOptimizer.Joint)
        {
            double[] values = table.Values ?? throw new BadOptionException(
                "optimizer", "The optimizer joint needs the rows in memory; choose another, or keep them there.");
            ISparseCodingFit joint = RestartedFit.Of(
                Plan(columns, start, (p, _) => new JointFit(Options, columns, values, p, context.ThreadCount)));
            using (joint as IDisposable)
            {
                return Run(joint, columns, watch, rows, context, _ => Cold(joint));
            }
        }

        using SparseCodingPass pass = new(table, Options.Latents, Options.Shape, context.ThreadCount);
        ISparseCodingFit fit = RestartedFit.Of(Plan(columns, start, (p, isTrained) => Begin(columns, pass, p, isTrained)));
        SparseCodingCertificate certificate = new(Options, columns, pass, context.CancellationToken);
        return Run(fit, columns, watch, rows, context, _ => certificate.Measure(fit.Parameters));

        CertificateFacts Cold(ISparseCodingFit ended) => SparseCodingCertificate.Cold(Options, columns, source, ended.Parameters, context);
    }

    /// <summary>Stops where weights of rows would be passed over.</summary>
    private void RequireWeights(bool hasWeights)
    {
        string? what = !hasWeights ? null
            : Options.IsAmortised ? "Amortised learning"
            : Options.Optimizer == SparseCodingOptimizer.Joint ? "The optimizer joint" : null;
        if (what is not null)
        {
            throw RowWeights.Refused(what, "learn by e-steps, with l-bfgs or em, or leave the weights out");
        }
    }

    /// <summary>Rows with missing values, which are kept in memory.</summary>
    private FitResult FitObserved(CheckedRows source, Stopwatch watch, IRowSource rows, FitContext context)
    {
        ObservedFit.Require(Options);
        SparseCodingColumns columns = ObservedFit.Columns(source, context.CancellationToken);
        SparseCodingTable table = new(source, columns, isStream: false, context.CancellationToken);
        SparseCodingParameters first = SparseCodingStart.Of(Options, columns);
        using RowPass pass = new(table, Options.Latents, Options.IsDiagonal, context.ThreadCount);
        ObservedValues values = ObservedValues.Of(table, columns);
        RestartPlan plan = Plan(columns, first, (start, isTrained) => ObservedFit.Begin(
            Options, columns, pass, ObservedFit.WithoutUnseen(start, columns, table.Values),
            isTrained || Options.From is not null ? ScaleStart.Free : Options.ScaleStart));
        ISparseCodingFit fit = RestartedFit.Of(plan);
        RowCertificate certificate = new(
            pass, ProfileProblem.UnitsOf(Options, columns), p => new ObservedTerms(p.NoiseVariance), Options.InnerTolerance,
            context.CancellationToken)
        {
            Baseline = values.Baseline,
            Values = values.Count,
        };
        return Run(fit, columns, watch, rows, context, _ => certificate.Measure(fit.Parameters));
    }

    private RestartPlan Plan(
        SparseCodingColumns columns, SparseCodingParameters first, Func<SparseCodingParameters, bool, ISparseCodingFit> begin) => new(
            Options.Restarts,
            Options.Limit,
            n => n == 0 ? first : SparseCodingStart.Random(Options with { Seed = unchecked(Options.Seed + (ulong)n) }, columns),
            begin);

    private ISparseCodingFit Begin(SparseCodingColumns columns, SparseCodingPass pass, SparseCodingParameters start, bool isTrained)
    {
        pass.IsWarm = false;
        return Options.Optimizer == SparseCodingOptimizer.Em
            ? new EmFit(Options, columns, pass, start)
            : new ProfileFit(
                isTrained || Options.From is not null ? Options with { ScaleStart = ScaleStart.Free } : Options, columns, pass, start);
    }

    private FitResult Run(
        ISparseCodingFit fit, SparseCodingColumns columns, Stopwatch watch, IRowSource rows, FitContext context,
        Func<Evaluation, CertificateFacts> certificate)
    {
        IterationLoop loop = new(context, RestartPlan.TotalLimit(Options.Restarts, Options.Limit), columns.Rows, Fingerprint(columns));
        StopReason reason = loop.Run(fit);
        RowEncoder? encoder = (fit as AmortisedFit)?.Close(isWhole: reason != StopReason.Cancelled);
        SparseCodingParameters parameters = fit.Parameters.InOrder();
        SparseCodingFloors floors = SparseCodingFloors.Of(Options, columns);
        FitCourse course = new(reason, loop.History.Count, fit.Steps, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings =
            [
                .. floors.Warnings(parameters), .. RestartedFit.Notes(fit), .. (fit as AmortisedFit)?.Notes ?? [], .. loop.Warnings,
                .. context.Engine.IsCpu || Options.IsAmortised ? [] : (string[])[NotOnGpu],
            ],
            RiseHistory = RestartedFit.Kept(fit, loop.History),
            Facts = certificate,
            RiseWindow = Options.RiseWindow(columns.Rows),
            IsAtFloor = floors.HoldNoise(parameters) || floors.HoldScales(parameters).Length > 0,
        };
        ModelHeader header = new(columns.Scaling, rows.ColumnNames, Unfinished(columns, fit));
        SparseCodingModel model = new(parameters, Options.Shape, Options.EncodingTolerance, header)
        {
            Encoder = encoder,
            Encoding = encoder is null ? SparseCodingEncoding.EStep : Options.Encoding,
        };
        return FitReports.Finish(model, course, rows, context);
    }

    private static TrainingRecord Unfinished(SparseCodingColumns columns, ISparseCodingFit fit) =>
        TrainingRecord.Unfinished(columns.Rows, columns.Skipped) with { BatchEntropySum = fit.BatchEntropySum };

    /// <summary>A fit may go on to a higher limit than before, but not with restarts, whose turns go by it.</summary>
    private string Fingerprint(SparseCodingColumns columns) => CheckpointFile.Fingerprint(
        FormattableString.Invariant(
            $"{SparseCodingFamily.Name} {JsonSerializer.Serialize(Options.Restarts > 1 ? Options : Options with { Iterations = null }, SparseCodingOptionsJson.Default.SparseCodingOptions)} rows {columns.Rows} columns {columns.Count}{ModelStart.Mark(Options.From)}"),
        columns.Means,
        columns.Variances);
}
