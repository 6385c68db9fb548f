namespace EntropyElbo.Streaming;

/// <summary>
/// A two-sided cumulative-sum test (Page 1954) on standardised differences between what a model gave new rows and what it promised. Each
/// difference counts for at most four standard deviations: an outlier is no change.
/// </summary>
internal sealed class ChangeAlarm
{
    /// <summary>Drift that is no alarm, in standard deviations of a block: half of a shift by one.</summary>
    private const double Slack = 0.5;

    private const double Most = 4;
    private readonly double _threshold;
    private readonly long _quiet;

    /// <summary>Starts at rest.</summary>
    /// <param name="threshold">Sum that is an alarm.</param>
    /// <param name="quiet">Rows without another alarm after one: the model has to learn first.</param>
    public ChangeAlarm(double threshold, long quiet)
    {
        _threshold = threshold;
        _quiet = quiet;
    }

    /// <summary>The sum for rows that fit better than promised.</summary>
    public double Up { get; private set; }

    /// <summary>The sum for rows that fit worse.</summary>
    public double Down { get; private set; }

    /// <summary>Rows yet to come without an alarm.</summary>
    public long Quiet { get; private set; }

    /// <summary>Takes the next difference; true where it is an alarm.</summary>
    /// <param name="difference">In standard deviations; below 0 where rows fit worse.</param>
    /// <param name="rows">Rows it comes from.</param>
    public bool Add(double difference, long rows)
    {
        if (Quiet > 0)
        {
            Quiet -= Math.Min(Quiet, rows);
            return false;
        }

        double z = Math.Clamp(difference, -Most, Most);
        Up = Math.Max(0, Up + z - Slack);
        Down = Math.Max(0, Down - z - Slack);
        if (Math.Max(Up, Down) <= _threshold)
        {
            return false;
        }

        Restore(0, 0, _quiet);
        return true;
    }

    /// <summary>Takes the place where another instance stopped.</summary>
    public void Restore(double up, double down, long quiet) => (Up, Down, Quiet) = (up, down, quiet);
}
