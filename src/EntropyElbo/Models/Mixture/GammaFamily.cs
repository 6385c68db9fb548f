using EntropyElbo.Distributions;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.Mixture;

/// <summary>
/// Gamma columns. With y = x / unit the features are log y and y - 1, small where a column's values are close together,
/// so that large shapes do not cancel. Parameters of a column: shape and rate (of x). Reference: the units.
/// </summary>
internal sealed class GammaFamily(ColumnRange range, double[] reference) : ScalarFamily(range, reference, new Gamma())
{
    /// <summary>Greatest shape: values that do not differ have none.</summary>
    public const double MaximumShape = 1e8;

    private const double LargeShape = 10;
    private const int MaximumSteps = 100;

    public override int FeaturesPerColumn => 2;

    public override int ParametersPerColumn => 2;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features)
    {
        Span<double> logs = features[..Count];
        Span<double> excess = features.Slice(Count, Count);
        for (int d = 0; d < Count; d++)
        {
            double unit = Reference[d];
            logs[d] = Math.Log(columns[d] / unit);
            excess[d] = (columns[d] - unit) / unit;
        }
    }

    /// <summary>The shape whose log less digamma is the given number: Newton's method on its reciprocal (Minka 2002).</summary>
    /// <param name="difference">log of the mean less mean of the logs, above 0.</param>
    /// <returns>The shape, at most <see cref="MaximumShape"/>.</returns>
    public static double Shape(double difference)
    {
        if (!(difference > 0.5 / MaximumShape))
        {
            return MaximumShape;
        }

        // log a - psi(a) is near 1 / (2 a) for large a and 1 / a for small.
        double root = Math.Sqrt(((difference - 3) * (difference - 3)) + (24 * difference));
        double shape = (3 - difference + root) / (12 * difference);
        for (int step = 0; step < MaximumSteps; step++)
        {
            double value = LogLessDigamma(shape) - difference;
            double slope = shape * (1 - (shape * SpecialFunctions.Trigamma(shape)));
            double next = 1 / ((1 / shape) + (value / slope));
            next = next > 0 ? next : shape / 2;
            double change = Math.Abs(next - shape);
            shape = next;
            if (change <= 4e-16 * shape)
            {
                break;
            }
        }

        return Math.Min(shape, MaximumShape);
    }

    protected override double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        double shape = parameters[0];
        double unit = Reference[column];
        double rate = parameters[1] * unit;
        coefficients[0] = shape - 1;
        coefficients[1] = -rate;
        means[0] = Math.Log(shape / rate) - LogLessDigamma(shape);
        means[1] = (shape - rate) / rate;
        double normaliser = shape < LargeShape
            ? (shape * Math.Log(rate)) - rate - SpecialFunctions.LogGamma(shape)
            : ((Math.Log(shape) - SpecialFunctions.LogTwoPi) / 2) - SpecialFunctions.StirlingRemainder(shape)
                - SpecialFunctions.HalfDeviance(shape, rate);
        return normaliser - Math.Log(unit);
    }

    protected override bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters)
    {
        double excess = sums[1] / count;
        double shape = Shape(SpecialFunctions.Log1P(excess) - (sums[0] / count));
        parameters[0] = shape;
        parameters[1] = shape / (Reference[column] * (1 + excess));
        return shape < MaximumShape;
    }

    protected override double ColumnMean(ReadOnlySpan<double> parameters) => parameters[0] / parameters[1];

    private static double LogLessDigamma(double shape) => shape < LargeShape
        ? Math.Log(shape) - SpecialFunctions.Digamma(shape)
        : SpecialFunctions.DigammaRemainder(shape);
}
