namespace EntropyElbo.Streaming;

/// <summary>How a stream is learnt.</summary>
public sealed record StreamingPcaOptions
{
    /// <summary>Rows a stream's memory holds by default (chosen here).</summary>
    public const double DefaultMemory = 10_000;

    /// <summary>
    /// Sum of standardised differences that is a change by default: at rest, one false alarm in about 10^5 blocks of 256 rows.
    /// </summary>
    public const double DefaultAlarmThreshold = 10;

    /// <summary>
    /// Effective memory <c>N_eff = (2 - rho) / rho</c>, in rows: the rows that the exponential weights amount to, and the N of the
    /// criterion.
    /// </summary>
    public double Memory { get; init; } = DefaultMemory;

    /// <summary>Rows between two readings; 0 takes a tenth of the memory. Readings come at whole blocks of 256 rows.</summary>
    public int ReadingRows { get; init; }

    /// <summary>The most latents that are compared; 0 takes D - 1, at most 64.</summary>
    public int MaxLatents { get; init; }

    /// <summary>Least noise variance as a share of the mean variance of the columns that vary.</summary>
    public double VarianceFloor { get; init; } = Models.VarianceFloors.DefaultShare;

    /// <summary>
    /// Threshold of the change alarm, in standard deviations of a block's ELBO. Lower is quicker, and wrong more often.
    /// </summary>
    public double AlarmThreshold { get; init; } = DefaultAlarmThreshold;

    /// <summary>
    /// Counts <c>H D + 1</c> parameters as D App. A does, where the library counts all that are free:
    /// <c>D + D H - H (H - 1) / 2 + 1</c>.
    /// </summary>
    public bool CountAsPaper { get; init; }

    internal void Validate(int columns)
    {
        if (!(Memory >= 2 && Memory <= 1e12))
        {
            throw new BadOptionException(nameof(Memory), $"The memory is {Memory} rows; it must be 2 to 1e12.");
        }

        if (ReadingRows < 0)
        {
            throw new BadOptionException(
                nameof(ReadingRows), $"A reading every {ReadingRows} rows; it must be at least 1, or 0 for a tenth of the memory.");
        }

        if (MaxLatents < 0 || MaxLatents >= columns)
        {
            throw new BadOptionException(
                nameof(MaxLatents),
                $"At most {MaxLatents} latents of {columns} columns; it must be below the columns, or 0 for as many as possible.");
        }

        if (!(VarianceFloor > 0 && VarianceFloor < 1))
        {
            throw new BadOptionException(nameof(VarianceFloor), $"The variance floor is {VarianceFloor}; it must lie between 0 and 1.");
        }

        if (!(AlarmThreshold > 0 && double.IsFinite(AlarmThreshold)))
        {
            throw new BadOptionException(nameof(AlarmThreshold), $"The alarm's threshold is {AlarmThreshold}; it must be above 0.");
        }
    }
}
