namespace EntropyElbo.Reports;

/// <summary>Mean and spread of one value a row: Welford's sums, merged as Chan, Golub and LeVeque 1983 do.</summary>
internal sealed class SpreadSums : IRowSums<SpreadSums>
{
    private double _weight;
    private double _mean;
    private double _squares;
    private bool _hasInfinite;

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>What their weights sum to.</summary>
    public double Weight => _weight;

    /// <summary>Sum of squared deviations from the mean.</summary>
    public double Squares => _squares;

    /// <summary>Adds the values of rows.</summary>
    /// <param name="values">A value a row.</param>
    /// <param name="weights">Their weights, or none where all count as one.</param>
    public void Add(ReadOnlySpan<double> values, ReadOnlySpan<double> weights = default)
    {
        Rows += values.Length;
        for (int i = 0; i < values.Length; i++)
        {
            double value = values[i], weight = weights.IsEmpty ? 1 : weights[i];

            // An impossible row: the mean is minus infinity, its spread has no bound.
            _hasInfinite |= double.IsInfinity(value);
            double deviation = value - _mean;
            _weight += weight;
            _mean += deviation * weight / _weight;
            _squares += weight * deviation * (value - _mean);
        }
    }

    public void Merge(SpreadSums other)
    {
        double total = _weight + other._weight;
        if (total > 0)
        {
            double share = other._weight / total, difference = other._mean - _mean;
            _mean += difference * share;
            _squares += other._squares + (difference * difference * share * _weight);
        }

        Rows += other.Rows;
        _weight = total;
        _hasInfinite |= other._hasInfinite;
    }

    public void Clear() => (Rows, _weight, _mean, _squares, _hasInfinite) = (0, 0, 0, 0, false);

    /// <summary>Mean and standard error of two rows or more, by weights that sum to more than 1: a row of weight w is w rows.</summary>
    public RowEstimate Estimate(int samples) => _hasInfinite
        ? new(double.NegativeInfinity, double.PositiveInfinity, Rows, samples) { RowWeight = RowWeightOrNull }
        : new(_mean, Math.Sqrt(_squares / (_weight - 1) / _weight), Rows, samples) { RowWeight = RowWeightOrNull };

    private double? RowWeightOrNull => _weight == Rows ? null : _weight;
}
