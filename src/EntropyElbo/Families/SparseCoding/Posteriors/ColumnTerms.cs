namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// What the observable distribution adds to the bound of a row where a column sees the latents through <c>eta_d = b_d + w_d'z</c>
/// alone, which is normal under q with mean m and variance v: <c>F = sum_d E log p(x_d | eta_d)</c>, concave in <c>(m, sqrt v)</c>.
/// </summary>
internal abstract class ColumnTerms
{
    /// <summary>F, with its derivatives by m, the slopes, and minus twice those by v, the weights, which are at least 0.</summary>
    public abstract double Evaluate(
        ReadOnlySpan<double> row, ReadOnlySpan<double> means, ReadOnlySpan<double> variances, Span<double> slopes, Span<double> weights);

    /// <summary>Whether a weight's derivative by m is the weight, and by v half of it; else both are 0.</summary>
    public virtual bool WeightsFollowMeans => false;

    /// <summary>Weights where nothing is known of the row's code.</summary>
    public abstract void Start(ReadOnlySpan<double> row, ReadOnlySpan<double> offsets, Span<double> weights);

    /// <summary>The expected entropy, or pseudo entropy, of the row's distribution, by what went into and out of its evaluation.</summary>
    public abstract double Entropy(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> weights);

    /// <summary>The row's share of the noise residual.</summary>
    public abstract double Residual(
        ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> slopes, ReadOnlySpan<double> weights);
}

/// <summary>
/// Counts of log-rate eta, whose expected rate is <c>E = exp(m + v / 2)</c>: <c>F = sum_d x m - E</c> without the base measure
/// <c>-log x!</c>, the slope is <c>x - E</c> and the weight E.
/// </summary>
internal sealed class PoissonTerms : ColumnTerms
{
    public override bool WeightsFollowMeans => true;

    public override double Evaluate(
        ReadOnlySpan<double> row, ReadOnlySpan<double> means, ReadOnlySpan<double> variances, Span<double> slopes, Span<double> weights)
    {
        Rates(means, variances, weights);
        double value = 0;
        for (int d = 0; d < row.Length; d++)
        {
            slopes[d] = row[d] - weights[d];
            value += (row[d] * means[d]) - weights[d];
        }

        return value;
    }

    /// <summary>Expected rates.</summary>
    public static void Rates(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, Span<double> rates)
    {
        for (int d = 0; d < rates.Length; d++)
        {
            rates[d] = means[d] + (0.5 * variances[d]);
        }

        Numerics.VectorFunctions.Exp(rates, rates);
    }

    /// <summary>The larger of count and rate: a first step of Newton's method is then no leap.</summary>
    public override void Start(ReadOnlySpan<double> row, ReadOnlySpan<double> offsets, Span<double> weights)
    {
        Numerics.VectorFunctions.Exp(offsets, weights);
        for (int d = 0; d < row.Length; d++)
        {
            weights[d] = Math.Max(row[d], weights[d]);
        }
    }

    /// <summary>The pseudo entropy <c>A - eta A' = e^eta (1 - eta)</c>, whose expectation is <c>E (1 - m - v)</c>.</summary>
    public override double Entropy(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int d = 0; d < means.Length; d++)
        {
            sum += weights[d] * (1 - means[d] - variances[d]);
        }

        return sum;
    }

    /// <summary><c>E eta (e^eta - x) = E v - (x - E) m</c>: the slope along the scale of a column's weights and offset together.</summary>
    public override double Residual(
        ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> slopes, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int d = 0; d < means.Length; d++)
        {
            sum += (weights[d] * variances[d]) - (slopes[d] * means[d]);
        }

        return sum;
    }
}
