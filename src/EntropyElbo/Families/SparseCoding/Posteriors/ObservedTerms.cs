using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Gaussian columns of which a row shows some: a value that is not a number is a missing one, without slope and weight, so that the
/// terms are those of the marginal distribution of the others.
/// </summary>
internal sealed class ObservedTerms(double noiseVariance) : ColumnTerms
{
    private readonly double _normaliser = SpecialFunctions.LogTwoPi + Math.Log(noiseVariance);

    public override double Evaluate(
        ReadOnlySpan<double> row, ReadOnlySpan<double> means, ReadOnlySpan<double> variances, Span<double> slopes, Span<double> weights)
    {
        double value = 0;
        for (int d = 0; d < row.Length; d++)
        {
            if (double.IsNaN(row[d]))
            {
                (slopes[d], weights[d]) = (0, 0);
                continue;
            }

            double error = row[d] - means[d];
            (slopes[d], weights[d]) = (error / noiseVariance, 1 / noiseVariance);
            value -= 0.5 * (_normaliser + (((error * error) + variances[d]) / noiseVariance));
        }

        return value;
    }

    public override void Start(ReadOnlySpan<double> row, ReadOnlySpan<double> offsets, Span<double> weights)
    {
        for (int d = 0; d < row.Length; d++)
        {
            weights[d] = double.IsNaN(row[d]) ? 0 : 1 / noiseVariance;
        }
    }

    public override double Entropy(ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> weights) =>
        0.5 * Observed(weights) * (_normaliser + 1);

    public override double Residual(
        ReadOnlySpan<double> means, ReadOnlySpan<double> variances, ReadOnlySpan<double> slopes, ReadOnlySpan<double> weights) =>
        -0.5 * (Observed(weights) - (Error(variances, slopes, weights) / noiseVariance));

    /// <summary>Columns that are there.</summary>
    public static int Observed(ReadOnlySpan<double> weights) => weights.Length - weights.Count(0.0);

    /// <summary>Expected squared error of the columns that are there.</summary>
    public double Error(ReadOnlySpan<double> variances, ReadOnlySpan<double> slopes, ReadOnlySpan<double> weights)
    {
        double sum = 0;
        for (int d = 0; d < weights.Length; d++)
        {
            double error = slopes[d] * noiseVariance;
            sum += weights[d] == 0 ? 0 : (error * error) + variances[d];
        }

        return sum;
    }
}
