using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Models.LinearGaussians;

/// <summary>What families that learn from mean and covariance need of the training rows: scaling and moments, checked.</summary>
/// <param name="Scaling">The scaling found in the first pass.</param>
/// <param name="Moments">Mean and scatter of the scaled rows, from the second pass.</param>
/// <param name="SkippedRows">Rows left out because of missing values.</param>
internal sealed record TrainingMoments(Scaling Scaling, RowMoments Moments, long SkippedRows)
{
    /// <summary>Reads the rows twice; once where they are not scaled.</summary>
    /// <exception cref="BadDataException">No rows, a single row, or fewer rows than latents plus one.</exception>
    /// <exception cref="BadOptionException">As many latents as columns, or more.</exception>
    public static TrainingMoments Read(IRowSource rows, ScalingKind kind, int latents, FitContext context)
    {
        RequireLatents(latents, rows.Columns);
        CheckedRows source = new(rows, context.MissingValues);
        Scaling scaling = kind == ScalingKind.None
            ? Scaling.Identity(rows.Columns)
            : Scaling.Fit(source, kind, context.CancellationToken);
        RowMoments moments = context.Moments?.Read(source, scaling, context.CancellationToken)
            ?? RowMoments.Read(source, scaling, context.ThreadCount, context.CancellationToken);
        if (kind == ScalingKind.None)
        {
            scaling = Unscaled(source, moments, context.CancellationToken);
        }

        if (moments.Rows < 2 || moments.Rows <= latents)
        {
            throw new BadDataException(
                $"There {(moments.Rows == 1 ? "is 1 row" : $"are {moments.Rows} rows")}; {latents} latents need at least {latents + 1}: use more rows or fewer latents.");
        }

        return new TrainingMoments(scaling, moments, source.SkippedRows ?? 0);
    }

    /// <summary>The identity with its constant columns; columns whose range overflows are named by a pass of their own.</summary>
    private static Scaling Unscaled(CheckedRows source, RowMoments moments, CancellationToken cancellationToken)
    {
        double[] variances = [.. Enumerable.Range(0, moments.Columns).Select(d => moments.Covariance(d, d))];
        if (!Array.TrueForAll(variances, double.IsFinite))
        {
            return Scaling.Fit(source, ScalingKind.None, cancellationToken);
        }

        Scaling identity = Scaling.Identity(moments.Columns);
        return new Scaling(
            ScalingKind.None, identity.Offset, identity.Factor, [.. Enumerable.Range(0, moments.Columns).Where(d => variances[d] == 0)]);
    }

    /// <summary>The training record while training is under way.</summary>
    public TrainingRecord Unfinished() => new()
    {
        Converged = false,
        StopReason = StopReason.EpochLimit,
        Epochs = 0,
        Steps = 0,
        Rows = Moments.Rows,
        SkippedRows = SkippedRows,
    };

    /// <summary>Names a fit in checkpoints: its options, and the rows by their scaling and moments.</summary>
    /// <param name="options">Options and number of rows, as text.</param>
    public string Fingerprint(string options) => CheckpointFile.Fingerprint(
        options,
        [.. Scaling.Offset, .. Moments.Mean],
        [.. Scaling.Factor, .. Enumerable.Range(0, Moments.Columns).Select(d => Moments.Covariance(d, d))]);

    /// <summary>A linear Gaussian model needs a direction for its noise.</summary>
    public static void RequireLatents(int latents, int columns)
    {
        if (latents >= columns)
        {
            throw new BadOptionException(
                "latents", $"There are {latents} latents for {columns} column{(columns == 1 ? "" : "s")}; there must be fewer latents than columns.");
        }
    }
}
