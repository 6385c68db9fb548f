using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Numbers between 0 and 1: <c>p(x) = x^(a-1) (1-x)^(b-1) / B(a, b) = exp(eta_1 log x + eta_2 log(1-x) - log B(a, b))</c>,
/// <c>eta = (a - 1, b - 1)</c>, constant base measure 1.
/// </summary>
/// <remarks>
/// Standard parameters: [a, b]. Natural parameters: both above -1; a parameter below 1 keeps an absolute precision of
/// 1e-16 in them. Sufficient statistics: [log x, log(1-x)].
/// </remarks>
public sealed class Beta : ExponentialFamily
{
    /// <summary>From here on the forms that do not cancel are used.</summary>
    private const double Large = 10;

    /// <inheritdoc/>
    public override string Name => "beta";

    /// <inheritdoc/>
    public override int Dimension => 1;

    /// <inheritdoc/>
    public override int NaturalDimension => 2;

    /// <inheritdoc/>
    public override int StandardDimension => 2;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, 2, Name, "standard parameters");
        natural[0] = ParameterCheck.Positive(standard[0], Name, "parameter a") - 1;
        natural[1] = ParameterCheck.Positive(standard[1], Name, "parameter b") - 1;
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        (standard[0], standard[1]) = Standard(natural);
    }

    /// <summary>d eta / d (a, b) = the identity.</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian.Clear();
        jacobian[0] = 1;
        jacobian[3] = 1;
    }

    /// <summary>A = log B(a, b).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return natural[0] <= -1 || natural[1] <= -1
        ? double.PositiveInfinity
        : SpecialFunctions.LogBeta(natural[0] + 1, natural[1] + 1);
    }

    /// <summary>E (log x, log(1-x)) = (psi(a) - psi(a+b), psi(b) - psi(a+b)).</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        (double a, double b) = Standard(natural);
        mean[0] = DigammaDifference(a, b);
        mean[1] = DigammaDifference(b, a);
    }

    /// <summary>T = (log x, log(1-x)).</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = Math.Log(x[0]);
        statistics[1] = SpecialFunctions.Log1P(-x[0]);
    }

    /// <summary>H = log B(a, b) - (a-1) psi(a) - (b-1) psi(b) + (a+b-2) psi(a+b).</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        (double a, double b) = Standard(natural);
        (double small, double large) = a <= b ? (a, b) : (b, a);
        double sum = a + b;
        if (large < Large)
        {
            return SpecialFunctions.LogBeta(a, b) - ((a - 1) * DigammaDifference(a, b)) - ((b - 1) * DigammaDifference(b, a));
        }

        // The Stirling forms of log B and psi put in: the terms that grow with a and b cancel on paper.
        double tail = SpecialFunctions.StirlingRemainder(large) - SpecialFunctions.StirlingRemainder(sum)
            + ((large - 1) * (SpecialFunctions.DigammaRemainder(large) - SpecialFunctions.DigammaRemainder(sum)))
            - (SpecialFunctions.Log1P(small / large) / 2);
        return small < Large
            ? tail + SpecialFunctions.LogGamma(small) + small - ((small - 1) * SpecialFunctions.Digamma(small))
                - Math.Log(sum) - ((small - 1) * SpecialFunctions.DigammaRemainder(sum))
            : tail + SpecialFunctions.StirlingRemainder(small) + ((SpecialFunctions.LogTwoPi + Math.Log(small)) / 2) - Math.Log(sum)
                + ((small - 1) * (SpecialFunctions.DigammaRemainder(small) - SpecialFunctions.DigammaRemainder(sum)));
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
        return x[0] is > 0 and < 1 ? null : "must be above 0 and below 1";
    }

    /// <summary>From two gamma variables, in logarithms; kept inside the open interval where rounding would leave it.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        (double a, double b) = Standard(natural);
        double logOdds = RandomVariates.LogGamma(random, a) - RandomVariates.LogGamma(random, b);
        x[0] = Math.Clamp(SpecialFunctions.Logistic(logOdds), double.Epsilon, Math.BitDecrement(1.0));
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        (double a, double b) = Standard(natural);
        if (Math.Min(a, b) < Large)
        {
            return base.LogDensity(x, natural);
        }

        double sum = a + b;
        double remainders = SpecialFunctions.StirlingRemainder(a) + SpecialFunctions.StirlingRemainder(b)
            - SpecialFunctions.StirlingRemainder(sum);
        return ((Math.Log(a) + Math.Log(b / sum) - SpecialFunctions.LogTwoPi) / 2) - remainders
            - SpecialFunctions.HalfDeviance(a, sum * x[0]) - SpecialFunctions.HalfDeviance(b, sum * (1 - x[0]))
            - Math.Log(x[0]) - SpecialFunctions.Log1P(-x[0]);
    }

    /// <summary>psi(a) - psi(a + b).</summary>
    private static double DigammaDifference(double a, double b) => a >= Large
        ? -SpecialFunctions.Log1P(b / a) - SpecialFunctions.DigammaRemainder(a) + SpecialFunctions.DigammaRemainder(a + b)
        : SpecialFunctions.Digamma(a) - SpecialFunctions.Digamma(a + b);

    private (double A, double B) Standard(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 2, Name, "natural parameters");
        return (ParameterCheck.Positive(natural[0] + 1, Name, "parameter a = 1 + eta_1"),
            ParameterCheck.Positive(natural[1] + 1, Name, "parameter b = 1 + eta_2"));
    }
}
