using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>
/// Fits sparse coding of counts on its closed-form ELBO: L-BFGS on fields, scales and offsets, with every row's q at its optimum.
/// Memory: 8 N D bytes for rows and 8 N (D + 2 H) for their codes, or none of both where rows are streamed. The result does not
/// depend on threads.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class PoissonSparseCodingTrainer(PoissonSparseCodingOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    /// <summary>The options.</summary>
    public PoissonSparseCodingOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => Options.From is null;

    int IVariedTrainer.EpochLimit(long rows) => Options.Limit;

    ITrainer IVariedTrainer.Varied(int start, int? epochs) =>
        new PoissonSparseCodingTrainer(
            Options with { Seed = unchecked(Options.Seed + (ulong)start), Iterations = epochs ?? Options.Iterations });

    ITrainer IModelStart.StartingFrom(LatentModel model) => new PoissonSparseCodingTrainer(
        Options with { From = ModelStart.Of<PoissonSparseCodingModel>(model, PoissonSparseCodingFamily.Name) });

    bool IColumnUse.HasPlaces => Options.From is not null;

    bool[] IColumnUse.Probabilities(int columns) => [.. Enumerable.Repeat(true, columns)];

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        Stopwatch watch = Stopwatch.StartNew();
        CheckedRows source = new(SupportedRows.Of(rows, CountSupport.Instance), context.MissingValues);
        SparseCodingColumns columns = SparseCodingColumns.Read(source, ScalingKind.None, context.CancellationToken);
        SparseCodingTable table = new(source, columns, context.Caching == RowCaching.Stream, context.CancellationToken);
        using RowPass pass = new(table, Options.Latents, Options.IsDiagonal, context.ThreadCount);
        double baseMeasure = BaseMeasure(source, columns, context.CancellationToken);
        RestartPlan plan = Plan(columns, pass, baseMeasure);
        ISparseCodingFit fit = RestartedFit.Of(plan);
        IterationLoop loop = new(context, RestartPlan.TotalLimit(Options.Restarts, Options.Limit), columns.Rows, Fingerprint(columns));
        StopReason reason = loop.Run(fit);
        SparseCodingParameters parameters = fit.Parameters.InOrder();
        SparseCodingFloors floors = new(0, CountStart.LeastScale);
        FitCourse course = new(reason, loop.History.Count, fit.Steps, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = [.. floors.Warnings(parameters), .. RestartedFit.Notes(fit), .. loop.Warnings],
            RiseHistory = RestartedFit.Kept(fit, loop.History),
            IsAtFloor = floors.HoldScales(parameters).Length > 0,
            Facts = _ => Certificate(columns, pass, baseMeasure, context.CancellationToken).Measure(fit.Parameters),
        };
        ModelHeader header = new(columns.Scaling, rows.ColumnNames, TrainingRecord.Unfinished(columns.Rows, columns.Skipped));
        PoissonSparseCodingModel model = new(parameters, Options.IsDiagonal, Options.EncodingTolerance, header);
        return FitReports.Finish(model, course, rows, context);
    }

    private RestartPlan Plan(SparseCodingColumns columns, RowPass pass, double baseMeasure)
    {
        double[] logMeans = CountStart.LogMeans(columns);
        ProfileUnits units = Units(logMeans);
        PoissonTerms terms = new();
        ProfileSetup setup = new(
            pass,
            isShared => new RowProblem(Options.Latents, units, pass, _ => terms, baseMeasure, Options.InnerTolerance, isShared),
            elbo => Math.Max(1, Math.Abs(elbo)),
            Options.StationarityTolerance);
        return new RestartPlan(
            Options.Restarts,
            Options.Limit,
            start => First(start, columns, logMeans),
            (parameters, isTrained) =>
            {
                pass.Forget();
                return new ProfileFit(setup, parameters, isTrained || Options.From is not null ? ScaleStart.Free : Options.ScaleStart);
            });
    }

    private static ProfileUnits Units(double[] logMeans) =>
        new(logMeans, 1, new SparseCodingFloors(0, CountStart.LeastScale), Centre: true, HasNoise: false);

    /// <summary>Without latents every column has the Poisson distribution of its mean.</summary>
    private RowCertificate Certificate(SparseCodingColumns columns, RowPass pass, double baseMeasure, CancellationToken cancellation)
    {
        PoissonTerms terms = new();
        return new RowCertificate(pass, Units(CountStart.LogMeans(columns)), _ => terms, Options.InnerTolerance, cancellation)
        {
            Baseline = baseMeasure + columns.Means.Sum(m => SpecialFunctions.XLogX(m) - m),
            BaseMeasure = baseMeasure,
        };
    }

    private SparseCodingParameters First(int start, SparseCodingColumns columns, double[] logMeans)
    {
        SparseCodingParameters random = CountStart.Random(Options.Latents, unchecked(Options.Seed + (ulong)start), columns, logMeans);
        return Options.From?.Parameters is { } known ? SparseCodingStart.Extended(known, random, [.. known.Mean]) : random;
    }

    /// <summary>Mean of <c>-sum log x!</c>.</summary>
    private static double BaseMeasure(CheckedRows rows, SparseCodingColumns columns, CancellationToken cancellation)
    {
        using IRowCursor cursor = rows.Open();
        double[] block = RowBlock.Allocate(columns.Count), weights = RowBlock.AllocateWeights(rows);
        double sum = 0, total = 0;
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellation.ThrowIfCancellationRequested();
            for (int row = 0; row < read; row++)
            {
                double weight = rows.HasWeights ? weights[row] : 1;
                total += weight;
                foreach (double count in block.AsSpan(row * columns.Count, columns.Count))
                {
                    sum -= weight * SpecialFunctions.LogGamma(count + 1);
                }
            }
        }

        return sum / total;
    }

    /// <summary>A fit may go on to a higher limit than before, but not with restarts, whose turns go by it.</summary>
    private string Fingerprint(SparseCodingColumns columns) => CheckpointFile.Fingerprint(
        FormattableString.Invariant(
            $"{PoissonSparseCodingFamily.Name} {JsonSerializer.Serialize(Options.Restarts > 1 ? Options : Options with { Iterations = null }, PoissonSparseCodingOptionsJson.Default.PoissonSparseCodingOptions)} rows {columns.Rows} columns {columns.Count}{ModelStart.Mark(Options.From)}"),
        columns.Means,
        columns.Variances);
}
