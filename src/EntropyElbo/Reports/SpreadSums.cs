namespace EntropyElbo.Reports;

/// <summary>Mean and spread of one value a row: Welford's sums, merged as Chan, Golub and LeVeque 1983 do.</summary>
internal sealed class SpreadSums : IRowSums<SpreadSums>
{
    private double _mean;
    private double _squares;
    private bool _hasInfinite;

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Adds the values of rows.</summary>
    public void Add(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            // An impossible row: the mean is minus infinity, its spread has no bound.
            _hasInfinite |= double.IsInfinity(value);
            double deviation = value - _mean;
            _mean += deviation / ++Rows;
            _squares += deviation * (value - _mean);
        }
    }

    public void Merge(SpreadSums other)
    {
        long rows = Rows + other.Rows;
        if (rows > 0)
        {
            double share = (double)other.Rows / rows, difference = other._mean - _mean;
            _mean += difference * share;
            _squares += other._squares + (difference * difference * share * Rows);
        }

        Rows = rows;
        _hasInfinite |= other._hasInfinite;
    }

    public void Clear() => (Rows, _mean, _squares, _hasInfinite) = (0, 0, 0, false);

    /// <summary>Mean and standard error of two rows or more.</summary>
    public RowEstimate Estimate(int samples) => _hasInfinite
        ? new(double.NegativeInfinity, double.PositiveInfinity, Rows, samples)
        : new(_mean, Math.Sqrt(_squares / (Rows - 1) / Rows), Rows, samples);
}
