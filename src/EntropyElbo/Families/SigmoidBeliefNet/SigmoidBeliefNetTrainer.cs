using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>
/// Fits a shallow or deep sigmoid belief net by EM with exact or truncated posteriors and exact M-steps. The result does not
/// depend on threads. Memory: the rows as bits (N D / 8 bytes), for truncated posteriors <c>8 N S (words + 1)</c> bytes with a word
/// per 64 latents of each layer and two numbers a row, and per thread about <c>300 H^2</c> bytes with the widest H.
/// A cancelled fit returns the parameters of the last whole iteration.
/// </summary>
/// <param name="options">The options; checked by <see cref="Fit(IRowSource, FitContext?, CancellationToken)"/>.</param>
public sealed class SigmoidBeliefNetTrainer(SigmoidBeliefNetOptions options) : ITrainer, IColumnUse, IVariedTrainer, IModelStart
{
    /// <summary>The options.</summary>
    public SigmoidBeliefNetOptions Options { get; } = options;

    bool IVariedTrainer.HasStarts => Options.From is null;

    int IVariedTrainer.EpochLimit(long rows) => Options.Iterations;

    ITrainer IVariedTrainer.Varied(int start, int? epochs) => new SigmoidBeliefNetTrainer(
        Options with { Seed = unchecked(Options.Seed + (ulong)start), Iterations = epochs ?? Options.Iterations });

    ITrainer IModelStart.StartingFrom(LatentModel model) => new SigmoidBeliefNetTrainer(
        Options with { From = ModelStart.Of<SigmoidBeliefNetModel>(model, SigmoidBeliefNetFamily.NameOf(Options.Sizes.Length)) });

    bool IColumnUse.HasPlaces => Options.From is not null;

    bool[] IColumnUse.Probabilities(int columns) => [.. Enumerable.Repeat(true, columns)];

    /// <inheritdoc/>
    /// <exception cref="BadDataException">Fewer than two rows, or a value that is neither 0 nor 1.</exception>
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) =>
        Fit(rows, context, out _, cancellationToken);

    /// <summary>The same; <paramref name="judge"/> evaluates the training rows with the states that training kept.</summary>
    internal FitResult Fit(
        IRowSource rows, FitContext? context, out SigmoidBeliefNetModel judge, CancellationToken cancellationToken = default)
    {
        (rows, context) = FitRows.Keep(rows, context, cancellationToken, takesWeights: true);
        Options.Validate();
        ModelStart.RequireColumns(Options.From, rows);
        Stopwatch watch = Stopwatch.StartNew();
        CheckedRows source = new(SupportedRows.Of(rows, BinarySupport.Instance), context.MissingValues);
        Scaling scaling = Scaling.Fit(source, ScalingKind.None, context.CancellationToken);
        BitTable table = BitTable.Read(source, context.CancellationToken);
        FitReports.RequireRows(table.Count, 2);
        using SigmoidBeliefNetFit fit = new(Options, table, context.ThreadCount, context.Engine);
        IterationLoop loop = new(context, Options.Iterations, table.Count, Fingerprint(table));
        StopReason reason = loop.Run(fit);
        FitCourse course = new(reason, loop.History.Count, fit.Iterations, loop.History)
        {
            Elapsed = watch.Elapsed,
            RowsPerSecond = loop.History.Count == 0 ? 0 : loop.History[^1].RowsPerSecond,
            Warnings = [.. loop.Warnings],
            Facts = _ => fit.Measure(),
        };
        ModelHeader header = new(scaling, rows.ColumnNames, TrainingRecord.Unfinished(table.Count, source.SkippedRows ?? 0));
        SigmoidBeliefNetModel model = new(fit.Net, Options.IsExact, Options.States, header);
        judge = fit.Truncated is { } states ? model.WithStates(states.States, states.StatesPerRow) : model;
        return FitReports.Finish(model, course, rows, context, judge);
    }

    /// <summary>A fit may go on to a higher limit than before.</summary>
    private string Fingerprint(BitTable table) => FormattableString.Invariant(
        $"sbn {JsonSerializer.Serialize(Options with { Iterations = 1 }, SigmoidBeliefNetOptionsJson.Default.SigmoidBeliefNetOptions)} rows {table.Count} columns {table.Columns} bits {table.Fingerprint:X16}{ModelStart.Mark(Options.From)}");
}
