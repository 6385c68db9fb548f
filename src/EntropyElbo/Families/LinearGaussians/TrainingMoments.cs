using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearGaussians;

/// <summary>What families that learn from mean and covariance need of the training rows: scaling and spread, checked.</summary>
/// <param name="Scaling">The scaling found in the first pass.</param>
/// <param name="Spread">How the scaled rows spread, from the second pass.</param>
/// <param name="SkippedRows">Rows left out because of missing values.</param>
internal sealed record TrainingMoments(Scaling Scaling, RowSpread Spread, long SkippedRows)
{
    /// <summary>Least and greatest variance of an unscaled column: their inverses, and products with a floor, are numbers too.</summary>
    private const double LeastVariance = 1e-290;

    private const double MostVariance = 1e304;

    /// <summary>Reads the rows twice; once where they are not scaled.</summary>
    /// <exception cref="BadDataException">No rows, a single row, or fewer rows than latents plus one.</exception>
    /// <param name="rows">The rows.</param>
    /// <param name="kind">How they are scaled, where no model says it.</param>
    /// <param name="latents">Latents, H.</param>
    /// <param name="context">Surroundings of the fit.</param>
    /// <param name="from">The model whose scaling is kept, or null.</param>
    /// <exception cref="BadOptionException">As many latents as columns, or more.</exception>
    public static TrainingMoments Read(IRowSource rows, ScalingKind kind, int latents, FitContext context, LatentModel? from = null)
    {
        RequireLatents(latents, rows.Columns);
        (Scaling scaling, RowSpread? spread, long skipped) = context.Once(
            (typeof(TrainingMoments), rows, kind, from?.Scaling, context.Engine), () => ReadAll(rows, kind, from, context));
        long count = spread?.Rows ?? 0;
        if (spread is null || count < 2 || count <= latents)
        {
            throw new BadDataException(
                $"There {(count == 1 ? "is 1 row" : $"are {count} rows")}; {latents} latents need at least {latents + 1}: use more rows "
                    + $"or fewer latents.");
        }

        return new TrainingMoments(scaling, spread, skipped);
    }

    /// <summary>What does not depend on the number of latents: no spread without rows.</summary>
    private static Tuple<Scaling, RowSpread?, long> ReadAll(IRowSource rows, ScalingKind kind, LatentModel? from, FitContext context)
    {
        CheckedRows source = new(rows, context.MissingValues);
        Scaling scaling = ModelStart.Scaling(from, kind, k => k == ScalingKind.None
            ? Scaling.Identity(rows.Columns)
            : Scaling.Fit(source, k, context.CancellationToken));
        RowSpread? spread = ReadSpread(source, scaling, context);
        if (scaling.Kind == ScalingKind.None && spread is not null)
        {
            scaling = Unscaled(source, spread.Variances, context.CancellationToken);
        }

        return Tuple.Create(scaling, spread, source.SkippedRows ?? 0);
    }

    /// <summary>The rows themselves where they are fewer than columns, else their covariance; null without rows.</summary>
    private static RowSpread? ReadSpread(CheckedRows source, Scaling scaling, FitContext context)
    {
        int few = Math.Min(source.Columns - 1, CentredRows.MaxRows);
        using PeekedRows rows = new(source, few, context.CancellationToken);
        if (rows.AreAll)
        {
            return rows.Kept == 0 ? null : CentredRows.Read(rows, scaling, context.ThreadCount);
        }

        if (source.Columns > RowMoments.MaxColumns)
        {
            throw new BadDataException(
                $"There are {source.Columns} columns and more than {few} rows: a covariance matrix is kept for at most "
                    + $"{RowMoments.MaxColumns} columns, products of at most {CentredRows.MaxRows} rows. Choose fewer columns or rows, or "
                    + $"a family without a covariance.");
        }

        IMomentsReader reader = context.Engine.Start(new MomentsTask(context.ThreadCount));
        return new CovarianceSpread(reader.Read(rows, scaling, context.CancellationToken));
    }

    /// <summary>The identity with its constant columns; columns whose range overflows are named by a pass of their own.</summary>
    private static Scaling Unscaled(CheckedRows source, double[] variances, CancellationToken cancellationToken)
    {
        return Array.TrueForAll(variances, v => v is >= LeastVariance and <= MostVariance)
            ? Scaling.Identity(source.Columns)
            : NamedScaling(source, variances, cancellationToken);
    }

    /// <summary>
    /// By a pass of its own: which columns are constant, and which vary too little or too much for variances in double precision.
    /// </summary>
    private static Scaling NamedScaling(CheckedRows source, double[] variances, CancellationToken cancellationToken)
    {
        Scaling scaling = Scaling.Fit(source, ScalingKind.None, cancellationToken);
        int bad = Enumerable.Range(0, variances.Length)
            .Except(scaling.ConstantColumns)
            .FirstOrDefault(d => !(variances[d] is >= LeastVariance and <= MostVariance), -1);
        return bad < 0 ? scaling : throw new BadDataException(
            FormattableString.Invariant($"column '{source.ColumnNames[bad]}' varies so {(variances[bad] < 1 ? "little" : "much")} that its variance, {variances[bad]:G3}, cannot be computed with in double precision; ")
            + "change its unit, or scale the columns (minmax).",
            column: source.ColumnNames[bad]);
    }

    /// <summary>Names a fit in checkpoints: its options, and the rows by their scaling and moments.</summary>
    /// <param name="options">Options and number of rows, as text.</param>
    public string Fingerprint(string options) => CheckpointFile.Fingerprint(
        options,
        [.. Scaling.Offset, .. Spread.Mean],
        [.. Scaling.Factor, .. Spread.Variances]);

    /// <summary>A linear Gaussian model needs a direction for its noise.</summary>
    public static void RequireLatents(int latents, int columns)
    {
        if (latents >= columns)
        {
            throw new BadOptionException(
                "latents", $"There are {latents} latents for {columns} column{(columns == 1 ? "" : "s")}; there must be fewer latents "
                    + $"than columns.");
        }
    }
}

/// <summary>Mean and scatter matrix of all rows.</summary>
internal sealed class MomentsTask(int threads) : EngineTask<IMomentsReader>, IMomentsReader
{
    /// <inheritdoc/>
    public override IMomentsReader OnCpu() => this;

    /// <inheritdoc/>
    public RowMoments Read(IRowSource rows, Scaling scaling, CancellationToken cancellationToken) =>
        RowMoments.Read(rows, scaling, threads, cancellationToken);
}
