using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Families.Mixture.Rows;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture;

/// <summary>
/// Fits a mixture by EM (LW Prop. 5): E-steps over blocks of rows on all threads, exact M-steps from their summed
/// statistics. The result does not depend on threads. Rows are kept in memory (8 N D bytes) unless the context asks to
/// stream them.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit"/>.</param>
public sealed class MixtureTrainer(MixtureOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    /// <summary>The options.</summary>
    public MixtureOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => Options.From is null;

    int IVariedTrainer.EpochLimit(long rows) => Options.Iterations;

    ITrainer IVariedTrainer.Varied(int start, int? epochs) =>
        new MixtureTrainer(Options with { Seed = unchecked(Options.Seed + (ulong)start), Iterations = epochs ?? Options.Iterations });

    bool IColumnUse.HasPlaces => MixtureSpecification.Parse(Options.Family).HasPlaces || Options.From is not null;

    ITrainer IModelStart.StartingFrom(LatentModel model) => new MixtureTrainer(
        Options with { From = ModelStart.Of<MixtureModel>(model, MixtureSpecification.Parse(Options.Family).Name) });

    bool[] IColumnUse.Probabilities(int columns) =>
        MixtureSpecification.Probabilities(MixtureSpecification.Parse(Options.Family).Resolve(columns));

    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        MixtureSpecification specification = MixtureSpecification.Parse(Options.Family);
        ColumnRange[] ranges = specification.Resolve(rows.Columns);
        ScalingKind kind = ScalingOf(specification);

        Stopwatch watch = Stopwatch.StartNew();
        CheckedRows source = new(SupportedRows.Of(rows, new MixtureSupport(ranges)), context.MissingValues);
        Scaling scaling = ModelStart.Scaling(Options.From, kind, k => Scaling.Fit(source, k, context.CancellationToken));
        MixtureRows training = MixtureRows.Read(source, scaling, context.Caching, context.CancellationToken);
        RequireRows(training.Count);
        double[]? rowWeights = RowWeights(training);
        ModelHeader header = new(scaling, rows.ColumnNames, TrainingRecord.Unfinished(training.Count, training.Skipped) with
        {
            RowWeight = training.Weights is null ? null : training.Weight,
        });
        double smoothing = Options.Smoothing ?? context.DefaultSmoothing;
        MixtureProblem problem = Pose(ranges, training, rowWeights, smoothing, context);
        using MixtureAccumulator accumulator = problem.Accumulator;
        using IMixturePass pass = context.Engine.Start(new MixturePassTask(problem));
        problem = problem with { Pass = pass };
        MixtureFit fit = new(problem);
        string fingerprint = CheckpointFile.Fingerprint(
            Fingerprint(training, problem), [.. scaling.Offset, .. problem.Facts.Mean], [.. scaling.Factor, .. problem.Facts.Variance]);
        IterationLoop loop = new(context, Options.Iterations, training.Count, fingerprint);
        StopReason reason = loop.Run(fit);
        MixtureFit.Candidate best = fit.Best() ?? throw new OperationCanceledException(context.CancellationToken);
        FitCourse course = new(reason, loop.History.Count, fit.Steps, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = [.. Warnings(best, training.Weight), .. loop.Warnings],
            IsAtFloor = best.Notes.Floored.Count + best.Notes.Bounded.Count > 0,
            Facts = _ => MixtureCertificate.Measure(problem, best, context.CancellationToken),
        };
        double? residual = problem.IsSmoothed ? -best.Parameters.Ranges.Sum(r => r.PseudoResidual()) / training.Weight : null;
        MixtureModel model = new(specification, best.Parameters, problem.Kept, header, problem.IsSmoothed ? smoothing : 0);
        return FitReports.Finish(model, course, rows, context, model.WithTrainingWeights(
            training.Weights is null ? rowWeights : null, residual)); // Weights of the source come with the rows.
    }

    private MixtureProblem Pose(ColumnRange[] ranges, MixtureRows training, double[]? rowWeights, double smoothing, FitContext context)
    {
        bool NeedsLog(int column) => ranges.Any(r => r.Family == "gamma" && column >= r.Start && column < r.Start + r.Count);
        ColumnFacts facts = ColumnFacts.Read(training, NeedsLog, context.CancellationToken);
        if (ranges.Any(r => r.Family == "categorical") && context.ColumnMaxima is { } maxima)
        {
            facts.RaiseMaxima(maxima());
        }

        MixtureFirst.RequireCategories(Options.From, facts, training.Columns);
        ColumnFamily[] families = Array.ConvertAll(ranges, r => MixtureSpecification.Create(r, facts, Options.VarianceFloor, smoothing));
        StatisticsLayout layout = new(families, Options.Components);
        double baseMeasure = MeanBaseMeasure(families, training, rowWeights, context.CancellationToken);
        return new MixtureProblem(
            Options, training, rowWeights, families, facts, new MixtureAccumulator(families, layout, context.ThreadCount))
        {
            BaseMeasure = baseMeasure,
            IsSmoothed = smoothing > 0 && families.Any(f => f.MayBeUnseen),
        };
    }

    /// <summary>Constant while training, so it is found once.</summary>
    private static double MeanBaseMeasure(
        ColumnFamily[] families, MixtureRows rows, double[]? rowWeights, CancellationToken cancellationToken)
    {
        ColumnFamily[] varying = [.. families.Where(f => !f.HasConstantBaseMeasure)];
        if (varying.Length == 0)
        {
            return 0;
        }

        double sum = 0;
        using MixtureRows.Pass pass = rows.Open();
        for (ReadOnlySpan<double> segment = pass.Next(out long row); !segment.IsEmpty; segment = pass.Next(out row))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int start = 0; start < segment.Length; start += rows.Columns, row++)
            {
                double weight = rowWeights?[(int)row] ?? 1;
                foreach (ColumnFamily family in varying)
                {
                    sum += weight * family.LogBaseMeasure(segment.Slice(start + family.Range.Start, family.Count));
                }
            }
        }

        return sum / rows.Weight;
    }

    private ScalingKind ScalingOf(MixtureSpecification specification)
    {
        ScalingKind kind = Options.Scaling ?? (specification.IsGaussian ? ScalingKind.MinMax : ScalingKind.None);
        return kind == ScalingKind.None || specification.IsGaussian ? kind : throw new BadOptionException(
            "scale", $"The model {specification.Name} takes columns as they are (counts, positive numbers, categories); leave the scaling "
                + $"{kind} out.");
    }

    private void RequireRows(long rows)
    {
        FitReports.RequireRows(rows, 2);
        if (rows < Options.Components)
        {
            throw new BadDataException($"There are {rows} rows for {Options.Components} components; use more rows or fewer components.");
        }
    }

    private double[]? RowWeights(MixtureRows rows)
    {
        if (Options.RowWeights is not { } given)
        {
            return rows.Weights;
        }

        if (rows.Weights is not null)
        {
            throw new BadOptionException(
                nameof(MixtureOptions.RowWeights), "The rows have weights of their own; leave the option RowWeights out.");
        }

        if (given.Count != rows.Count)
        {
            throw new BadDataException(
                $"There are {given.Count} row weights for {rows.Count} "
                    + $"rows{(rows.Skipped > 0 ? $" ({rows.Skipped} more were skipped)" : "")}; give one per row that is used.");
        }

        for (int i = 0; i < given.Count; i++)
        {
            if (!(given[i] >= 0 && double.IsFinite(given[i])))
            {
                throw new BadDataException(
                    $"The weight of row {i + 1} (the first is 1) is {given[i]}; weights must be finite and at least 0.", i);
            }
        }

        double sum = given.Sum();
        return sum > 0 && double.IsFinite(sum)
            ? [.. given.Select(w => w * (given.Count / sum))]
            : throw new BadDataException("The row weights sum to 0 or to no finite number; give at least one row a weight.");
    }

    private static IEnumerable<string> Warnings(MixtureFit.Candidate best, double rows)
    {
        if (best.Notes.Floored.Count > 0)
        {
            yield return $"The variance floor holds in {Components(best.Notes.Floored)}: in some direction the rows there vary by less "
                + $"than it allows, and a lower floor would raise the likelihood, perhaps without end. Use fewer components, a simpler "
                + $"covariance, fewer columns, or another floor.";
        }

        if (best.Notes.Bounded.Count > 0)
        {
            yield return $"A bound on the parameters holds in {Components(best.Notes.Bounded)}: the values there differ by less than it "
                + $"allows, and a wider bound would raise the likelihood, perhaps without end. Use fewer components, or another family "
                + $"for such columns.";
        }

        int[] dead = [.. Enumerable.Range(0, best.Parameters.Components).Where(k => best.Parameters.Weights[k] * rows < 0.5)];
        if (dead.Length > 0)
        {
            yield return $"Less than half a row's weight is left in {Components(dead)}: dead. Use fewer components, or more restarts.";
        }
    }

    private static string Components(IReadOnlyCollection<int> indices) =>
        $"{(indices.Count == 1 ? "component" : "components")} "
            + $"{string.Join(", ", indices.Take(8).Select(k => k + 1))}{(indices.Count > 8 ? ", ..." : "")}";

    /// <summary>A fit may go on to a higher limit than before.</summary>
    private string Fingerprint(MixtureRows rows, MixtureProblem problem)
    {
        MixtureOptions options = Options with { Iterations = 1 };
        double Checksum(IEnumerable<double> values) => values.Select((v, i) => v * ((i % 1021) + 1)).Sum();
        return FormattableString.Invariant(
            $"mixture {JsonSerializer.Serialize(options, MixtureOptionsJson.Default.MixtureOptions)} rows {rows.Count} columns {rows.Columns} facts {Checksum(problem.Facts.Mean.Concat(problem.Facts.Variance)):R} weights {Checksum(problem.RowWeights ?? []):R} start 0{ModelStart.Mark(Options.From)}");
    }
}
