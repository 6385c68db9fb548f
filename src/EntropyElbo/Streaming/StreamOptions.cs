using EntropyElbo.Models;

namespace EntropyElbo.Streaming;

/// <summary>What learners of all kinds take: how long a stream is remembered, how often they speak, and when a change is one.</summary>
public abstract record StreamOptions
{
    /// <summary>Rows a stream's memory holds by default (chosen here).</summary>
    public const double DefaultMemory = 10_000;

    /// <summary>
    /// Sum of standardised differences that is a change by default: at rest, one false alarm in about 10^5 blocks of 256 rows.
    /// </summary>
    public const double DefaultAlarmThreshold = 10;

    private protected StreamOptions()
    {
    }

    /// <summary>
    /// Effective memory <c>N_eff = (2 - rho) / rho</c>, in rows: the rows that the exponential weights amount to, and the N of the
    /// criterion.
    /// </summary>
    public double Memory { get; init; } = DefaultMemory;

    /// <summary>Rows between two readings; 0 takes a tenth of the memory.</summary>
    public int ReadingRows { get; init; }

    /// <summary>
    /// Least noise variance as a share of the mean variance of the columns that vary, or of the column's own where each has one.
    /// </summary>
    public double VarianceFloor { get; init; } = VarianceFloors.DefaultShare;

    /// <summary>
    /// Threshold of the change alarm, in standard deviations of a block's ELBO. Lower is quicker, and wrong more often.
    /// </summary>
    public double AlarmThreshold { get; init; } = DefaultAlarmThreshold;

    /// <summary>
    /// Whether a change that was found cuts the memory off, so that what follows is learnt from the rows after it; else the rows
    /// before it fade as all rows do, and a direction that has gone may count for three or four memories.
    /// </summary>
    public bool ForgetsAtChange { get; init; } = true;

    internal virtual void Validate(int columns)
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
