using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Positive numbers: <c>p(x) = rate^shape x^(shape-1) e^(-rate x) / Gamma(shape)
/// = exp(eta_1 log x + eta_2 x - A)</c>, <c>eta = (shape - 1, -rate)</c> (LW eq. 121), constant base measure 1.
/// </summary>
/// <remarks>
/// Standard parameters: [shape, rate]. Natural parameters: eta_1 above -1, eta_2 below 0. Sufficient statistics:
/// [log x, x]. In eta_1 = shape - 1 a shape below 1 keeps an absolute precision of 1e-16: a shape of 1e-8 has 8 digits.
/// </remarks>
public sealed class Gamma : ExponentialFamily
{
    /// <summary>From this shape on the forms that do not cancel are used.</summary>
    private const double LargeShape = 10;

    /// <inheritdoc/>
    public override string Name => "gamma";

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
        natural[0] = ParameterCheck.Positive(standard[0], Name, "shape") - 1;
        natural[1] = -ParameterCheck.Positive(standard[1], Name, "rate");
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        (standard[0], standard[1]) = Standard(natural);
    }

    /// <summary>d eta / d (shape, rate) = diag(1, -1).</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian.Clear();
        jacobian[0] = 1;
        jacobian[3] = -1;
    }

    /// <summary>A = log Gamma(shape) - shape log rate.</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        double shape = natural[0] + 1;
        double rate = -natural[1];
        return shape <= 0 || rate <= 0
            ? double.PositiveInfinity
            : SpecialFunctions.LogGamma(shape) - (shape * Math.Log(rate));
    }

    /// <summary>E (log x, x) = (psi(shape) - log rate, shape / rate).</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        (double shape, double rate) = Standard(natural);
        mean[0] = SpecialFunctions.Digamma(shape) - Math.Log(rate);
        mean[1] = shape / rate;
    }

    /// <summary>T = (log x, x).</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = Math.Log(x[0]);
        statistics[1] = x[0];
    }

    /// <summary>H = shape - log rate + log Gamma(shape) + (1 - shape) psi(shape).</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        (double shape, double rate) = Standard(natural);
        if (shape < LargeShape)
        {
            return shape - Math.Log(rate) + SpecialFunctions.LogGamma(shape) + ((1 - shape) * SpecialFunctions.Digamma(shape));
        }

        // With Stirling's formula for log Gamma and its derivative for psi, all terms in shape log shape cancel on paper.
        return (Math.Log(shape) / 2) - Math.Log(rate) + (SpecialFunctions.LogTwoPi / 2)
            + SpecialFunctions.StirlingRemainder(shape) + ((shape - 1) * SpecialFunctions.DigammaRemainder(shape));
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
        return !double.IsFinite(x[0]) ? "must be a finite number" : x[0] <= 0 ? "must be above 0" : null;
    }

    /// <summary>Marsaglia and Tsang's rejection; a number below the smallest positive double is returned as that double.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        (double shape, double rate) = Standard(natural);
        double log = RandomVariates.LogGamma(random, shape) - Math.Log(rate);
        x[0] = Math.Clamp(Math.Exp(log), double.Epsilon, double.MaxValue);
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        (double shape, double rate) = Standard(natural);
        if (shape < LargeShape)
        {
            return base.LogDensity(x, natural);
        }

        return ((Math.Log(shape) - SpecialFunctions.LogTwoPi) / 2) - Math.Log(x[0])
            - SpecialFunctions.StirlingRemainder(shape) - SpecialFunctions.HalfDeviance(shape, rate * x[0]);
    }

    private (double Shape, double Rate) Standard(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 2, Name, "natural parameters");
        return (ParameterCheck.Positive(natural[0] + 1, Name, "shape 1 + eta_1"), ParameterCheck.Positive(-natural[1], Name, "rate -eta_2"));
    }
}
