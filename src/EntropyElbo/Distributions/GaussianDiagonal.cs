using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Independent Gaussian variables:
/// <c>p(x) = prod_d exp(-(x_d - mu_d)^2 / (2 sigma_d^2)) / sqrt(2 pi sigma_d^2) = exp(eta_1' x + eta_2' x^2 - A)</c>,
/// <c>eta_1 = mu / sigma^2</c>, <c>eta_2 = -1 / (2 sigma^2)</c>; the constant base measure is folded into A.
/// </summary>
/// <remarks>
/// Standard parameters: the d means, then the d variances. Natural parameters: the d values eta_1, then the d values
/// eta_2, below 0. Sufficient statistics: the d values x, then the d values x^2.
/// </remarks>
public sealed class GaussianDiagonal : ExponentialFamily
{
    /// <summary>Creates the family for a dimension.</summary>
    /// <param name="dimension">Length d of an observation, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is below 1.</exception>
    public GaussianDiagonal(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        Dimension = dimension;
    }

    /// <inheritdoc/>
    public override string Name => "gaussian-diagonal";

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int NaturalDimension => 2 * Dimension;

    /// <inheritdoc/>
    public override int StandardDimension => 2 * Dimension;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, StandardDimension, Name, "standard parameters");
        for (int d = 0; d < Dimension; d++)
        {
            double variance = ParameterCheck.Positive(standard[Dimension + d], Name, "variance");
            natural[d] = ParameterCheck.Finite(standard[d], Name, "mean") / variance;
            natural[Dimension + d] = -0.5 / variance;
        }
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Length(natural, NaturalDimension, Name, "natural parameters");
        for (int d = 0; d < Dimension; d++)
        {
            (standard[d], standard[Dimension + d]) = Standard(natural, d);
        }
    }

    /// <summary>d eta_1 / d mu = 1 / sigma^2, d eta_1 / d sigma^2 = -mu / sigma^4, d eta_2 / d sigma^2 = 1 / (2 sigma^4).</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian.Clear();
        for (int d = 0; d < Dimension; d++)
        {
            double precision = 1 / standard[Dimension + d];
            jacobian[(d * StandardDimension) + d] = precision;
            jacobian[(d * StandardDimension) + Dimension + d] = -standard[d] * precision * precision;
            jacobian[((Dimension + d) * StandardDimension) + Dimension + d] = 0.5 * precision * precision;
        }
    }

    /// <summary>A = sum_d (mu_d^2 / (2 sigma_d^2) + 1/2 log(2 pi sigma_d^2)).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        double sum = 0;
        for (int d = 0; d < Dimension; d++)
        {
            double eta2 = natural[Dimension + d];
            sum += eta2 >= 0
                ? double.PositiveInfinity
                : (-0.25 * natural[d] * (natural[d] / eta2)) + ((SpecialFunctions.LogTwoPi - Math.Log(-2 * eta2)) / 2);
        }

        return sum;
    }

    /// <summary>E (x, x^2) = (mu, mu^2 + sigma^2).</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        ToStandard(natural, mean);
        for (int d = 0; d < Dimension; d++)
        {
            mean[Dimension + d] += mean[d] * mean[d];
        }
    }

    /// <summary>T = (x, x^2).</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        for (int d = 0; d < Dimension; d++)
        {
            statistics[d] = x[d];
            statistics[Dimension + d] = x[d] * x[d];
        }
    }

    /// <summary>H = 1/2 sum_d log(2 pi e sigma_d^2).</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(natural, NaturalDimension, Name, "natural parameters");
        double sum = Dimension * (SpecialFunctions.LogTwoPi + 1);
        for (int d = 0; d < Dimension; d++)
        {
            sum += Math.Log(Standard(natural, d).Variance);
        }

        return sum / 2;
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
        ParameterCheck.Length(x, Dimension, Name, "an observation");
        return ParameterCheck.FiniteViolation(x);
    }

    /// <summary>mu + sigma times a standard normal vector.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        ParameterCheck.Length(natural, NaturalDimension, Name, "natural parameters");
        for (int d = 0; d < Dimension; d++)
        {
            (double mean, double variance) = Standard(natural, d);
            x[d] = mean + (Math.Sqrt(variance) * random.NextGaussian());
        }
    }

    /// <summary>Through (x - mu)^2, so that means far larger than deviations do not cancel.</summary>
    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(natural, NaturalDimension, Name, "natural parameters");
        double sum = 0;
        for (int d = 0; d < Dimension; d++)
        {
            (double mean, double variance) = Standard(natural, d);
            double difference = x[d] - mean;
            sum += (difference * (difference / variance)) + SpecialFunctions.LogTwoPi + Math.Log(variance);
        }

        return -sum / 2;
    }

    private (double Mean, double Variance) Standard(ReadOnlySpan<double> natural, int d)
    {
        double variance = ParameterCheck.Positive(-0.5 / natural[Dimension + d], Name, "variance -1/(2 eta_2)");
        return (ParameterCheck.Finite(natural[d] * variance, Name, "mean"), variance);
    }
}
