namespace EntropyElbo.Reports;

/// <summary>
/// A mean over rows as an estimate of the mean over all rows that could have been drawn. The standard error is the spread of the
/// rows' own values over the root of their number; where values are sampled it holds the sampling's spread too.
/// </summary>
/// <param name="Value">The estimate, nats per row in the model's units.</param>
/// <param name="StandardError">
/// Its standard error, for rows drawn independently; infinite where a row is impossible under the model, 0 where the value is the
/// same for every row.
/// </param>
/// <param name="Rows">Rows it is made of.</param>
/// <param name="Samples">Monte-Carlo samples per row; 0 where every expectation is in closed form.</param>
public sealed record RowEstimate(double Value, double StandardError, long Rows, int Samples)
{
    /// <summary>What the weights of the rows sum to; null where that is their number.</summary>
    public double? RowWeight { get; init; }

    /// <summary>The number of rows that it counts as.</summary>
    internal double Weight => RowWeight ?? Rows;
}
