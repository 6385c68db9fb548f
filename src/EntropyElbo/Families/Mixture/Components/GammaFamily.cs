using EntropyElbo.Distributions;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// Gamma columns. With y = x / unit the features are log y and y - 1, small where a column's values are close together,
/// so that large shapes do not cancel. Parameters of a column: shape and rate (of x). Reference: the units.
/// </summary>
/// <param name="range">The columns.</param>
/// <param name="reference">The units.</param>
/// <param name="greatest">Greatest shape of each column while training; null for <see cref="MaximumShape"/>.</param>
internal sealed class GammaFamily(
    ColumnRange range, double[] reference, double[]? greatest = null) : ScalarFamily(range, reference, new Gamma())
{
    /// <summary>Greatest shape of a column whose values do not differ: they have none.</summary>
    public const double MaximumShape = 1e8;

    /// <summary>Values with a greater shape differ by less than a double tells apart, with digits to spare for sums.</summary>
    private const double ResolvableShape = 1e20;

    private const double LargeShape = 10;

    public override int FeaturesPerColumn => 2;

    public override int ParametersPerColumn => 2;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features)
    {
        Span<double> logs = features[..Count];
        Span<double> excess = features.Slice(Count, Count);
        for (int d = 0; d < Count; d++)
        {
            double unit = Reference[d];
            excess[d] = (columns[d] - unit) / unit;
            logs[d] = LogOfOneAnd(excess[d], columns[d] / unit);
        }
    }

    /// <summary>
    /// The greatest shape that a component of a column may have: a component's relative variance is not below the floor's
    /// share of the column's, as for Gaussian columns.
    /// </summary>
    /// <param name="mean">Mean of the column.</param>
    /// <param name="variance">Its variance.</param>
    /// <param name="floor">Least variance as a share of the column's.</param>
    public static double GreatestShape(double mean, double variance, double floor) =>
        variance > 0 ? Math.Clamp(mean / variance * mean / floor, MaximumShape, ResolvableShape) : MaximumShape;

    /// <summary>The shape whose log less digamma is the given number.</summary>
    /// <param name="difference">log of the mean less mean of the logs, above 0.</param>
    /// <param name="greatest">Greatest shape.</param>
    /// <returns>The shape, at most <paramref name="greatest"/>.</returns>
    public static double Shape(double difference, double greatest = MaximumShape) => GammaShape.Solve(difference, greatest);

    protected override double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        double shape = parameters[0];
        double unit = Reference[column];
        double rate = parameters[1] * unit;
        coefficients[0] = shape - 1;
        coefficients[1] = -rate;
        means[1] = (shape - rate) / rate;
        means[0] = LogOfOneAnd(means[1], shape / rate) - GammaShape.LogLessDigamma(shape);
        double normaliser = shape < LargeShape
            ? (shape * Math.Log(rate)) - rate - SpecialFunctions.LogGamma(shape)
            : ((Math.Log(shape) - SpecialFunctions.LogTwoPi) / 2) - SpecialFunctions.StirlingRemainder(shape)
                - SpecialFunctions.HalfDeviance(shape, rate);
        return normaliser - Math.Log(unit);
    }

    protected override bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters)
    {
        double excess = sums[1] / count;
        double bound = greatest?[column] ?? MaximumShape;
        double shape = Shape(SpecialFunctions.Log1P(excess) - (sums[0] / count), bound);
        parameters[0] = shape;
        parameters[1] = shape / (Reference[column] * (1 + excess));
        return shape < bound;
    }

    protected override double ColumnMean(ReadOnlySpan<double> parameters) => parameters[0] / parameters[1];

    /// <summary>log of a number that is 1 and an excess, whichever of them has the digits.</summary>
    private static double LogOfOneAnd(double excess, double value) =>
        Math.Abs(excess) < 0.1 ? SpecialFunctions.Log1P(excess) : Math.Log(value);
}
