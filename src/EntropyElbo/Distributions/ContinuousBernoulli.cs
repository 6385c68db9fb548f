using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Numbers in [0, 1]: <c>p(x) = exp(eta x - A)</c>, <c>A = log((e^eta - 1) / eta)</c>, <c>eta = log(lambda / (1 - lambda))</c>
/// (Loaiza-Ganem and Cunningham 2019), uniform at eta = 0, constant base measure 1. Beside eta = 0 every function is its power
/// series, which has no difference of like terms.
/// </summary>
/// <remarks>
/// Standard parameters: [lambda], above 0 and below 1; the mean is another number, see <see cref="NaturalOfMean"/>. Natural
/// parameters: [eta], finite. Sufficient statistics: [x].
/// </remarks>
public sealed class ContinuousBernoulli : ExponentialFamily
{
    /// <summary>Up to this size of eta the series are used; their terms fall by a factor of 39 at least.</summary>
    internal const double SeriesReach = 1;

    private const int MaximumSteps = 100;

    /// <inheritdoc/>
    public override string Name => "continuous-bernoulli";

    /// <inheritdoc/>
    public override int Dimension => 1;

    /// <inheritdoc/>
    public override int NaturalDimension => 1;

    /// <inheritdoc/>
    public override int StandardDimension => 1;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <summary>
    /// Coefficients of y^2, y^4, .. in <c>log(sinh(y/2) / (y/2)) = A - eta / 2</c>: Bernoulli numbers over <c>2 k (2 k)!</c>
    /// (Reference/distributions.py constants).
    /// </summary>
    internal static ReadOnlySpan<double> Series =>
    [
        0.041666666666666666667, -0.00034722222222222222222, 5.5114638447971781305e-6, -1.0333994708994708995e-7, 2.0876756987868098979e-9,
        -4.403491782239577654e-11,
        9.5589546647746705949e-13,
        -2.1185501852016142918e-14,
        4.7700344757099136467e-16,
        -1.0874343492790309365e-17,
    ];

    /// <summary>The natural parameter of a mean: Newton's method between bounds, from the tail's form.</summary>
    /// <param name="mean">The mean, above 0 and below 1.</param>
    /// <exception cref="ArgumentException"><paramref name="mean"/> is out of range.</exception>
    public static double NaturalOfMean(double mean)
    {
        if (!(mean is > 0 and < 1))
        {
            throw new ArgumentException(
                FormattableString.Invariant($"continuous-bernoulli: the mean must be above 0 and below 1, but is {mean}."), nameof(mean));
        }

        // Means below 1/2 are about 1 / |eta| far out; the other half is the mirror image.
        double below = Math.Min(mean, 1 - mean), least = -1 / below, greatest = 0;
        double natural = Math.Max(least, 12 * (below - 0.5));
        for (int step = 0; step < MaximumSteps; step++)
        {
            double error = MeanOf(natural) - below;
            (least, greatest) = error > 0 ? (least, natural) : (natural, greatest);
            double next = natural - (error / VarianceOf(natural));
            next = next >= least && next <= greatest ? next : 0.5 * (least + greatest);
            double change = Math.Abs(next - natural);
            natural = next;
            if (error == 0 || change <= 1e-16 * Math.Abs(natural))
            {
                break;
            }
        }

        return mean < 0.5 ? natural : -natural;
    }

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, 1, Name, "standard parameters");
        double lambda = ParameterCheck.Probability(standard[0], Name, "parameter lambda");
        natural[0] = ParameterCheck.Finite(SpecialFunctions.Logit(lambda), Name, "natural parameter");
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        standard[0] = SpecialFunctions.Logistic(Natural(natural));
    }

    /// <summary>d eta / d lambda = 1 / (lambda (1 - lambda)).</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian[0] = 1 / (standard[0] * (1 - standard[0]));
    }

    /// <summary>A = log((e^eta - 1) / eta).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return double.IsInfinity(natural[0]) ? double.PositiveInfinity : LogPartitionOf(natural[0]);
    }

    /// <summary>E x = 1 / (1 - e^-eta) - 1 / eta.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        mean[0] = MeanOf(Natural(natural));
    }

    /// <summary>T = x.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = x[0];
    }

    /// <summary>H = A - eta A', at most 0; the same for eta and -eta.</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        double y = Math.Abs(Natural(natural));
        if (y < SeriesReach)
        {
            (double even, double slope, _) = NearZero(y);
            return even - (y * slope);
        }

        double tail = Math.Exp(-y);
        return 1 - Math.Log(y) + SpecialFunctions.Log1P(-tail) - (y * tail / (1 - tail));
    }

    /// <inheritdoc/>
    public override double LogBaseMeasure(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        return 0;
    }

    /// <inheritdoc/>
    public override string? SupportViolation(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Length(x, 1, Name, "an observation");
        return x[0] is >= 0 and <= 1 ? null : "must be between 0 and 1";
    }

    /// <summary>By inversion, from the side where the density falls.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        double eta = Natural(natural), y = Math.Abs(eta), uniform = random.NextUniform();

        // e^-y - 1 without the loss of a difference.
        double span = -2 * Math.Sinh(Math.Min(y, 1400) / 2) * Math.Exp(-Math.Min(y, 1400) / 2);
        double distance = y == 0 ? uniform : Math.Clamp(-SpecialFunctions.Log1P(uniform * span) / y, 0, 1);
        x[0] = eta > 0 ? 1 - distance : distance;
    }

    /// <summary>A.</summary>
    internal static double LogPartitionOf(double eta)
    {
        double y = Math.Abs(eta);
        return y < SeriesReach
            ? (eta / 2) + NearZero(eta).Even
            : Math.Max(eta, 0) + SpecialFunctions.Log1P(-Math.Exp(-y)) - Math.Log(y);
    }

    /// <summary>A'.</summary>
    internal static double MeanOf(double eta)
    {
        double y = Math.Abs(eta);
        if (y < SeriesReach)
        {
            return 0.5 + NearZero(eta).Slope;
        }

        double tail = Math.Exp(-y), below = (1 / y) - (tail / (1 - tail));
        return eta > 0 ? 1 - below : below;
    }

    /// <summary>A'', at most 1/12.</summary>
    internal static double VarianceOf(double eta)
    {
        double y = Math.Abs(eta);
        if (y < SeriesReach)
        {
            return NearZero(eta).Curvature;
        }

        double tail = Math.Exp(-y), rest = 1 - tail;
        return (1 / (y * y)) - (tail / (rest * rest));
    }

    /// <summary><c>A - eta / 2</c> and its first two derivatives.</summary>
    private static (double Even, double Slope, double Curvature) NearZero(double eta)
    {
        ReadOnlySpan<double> series = Series;
        double square = eta * eta, even = 0, slope = 0, curvature = 0;
        for (int k = series.Length; k > 0; k--)
        {
            even = (even * square) + series[k - 1];
            slope = (slope * square) + (2 * k * series[k - 1]);
            curvature = (curvature * square) + (2 * k * ((2 * k) - 1) * series[k - 1]);
        }

        return (even * square, slope * eta, curvature);
    }

    private double Natural(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 1, Name, "natural parameters");
        return ParameterCheck.Finite(natural[0], Name, "natural parameter");
    }
}
