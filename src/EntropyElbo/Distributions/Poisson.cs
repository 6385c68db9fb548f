using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Counts: <c>p(x) = lambda^x e^-lambda / x! = (1 / x!) exp(eta x - e^eta)</c>, <c>eta = log lambda</c>.
/// The base measure 1 / x! is not constant. The boundary lambda = 0 is allowed; its natural parameter is -infinity.
/// </summary>
/// <remarks>Standard parameters: [lambda]. Natural parameters: [eta]. Sufficient statistics: [x].</remarks>
public sealed class Poisson : ExponentialFamily
{
    /// <inheritdoc/>
    public override string Name => "poisson";

    /// <inheritdoc/>
    public override int Dimension => 1;

    /// <inheritdoc/>
    public override int NaturalDimension => 1;

    /// <inheritdoc/>
    public override int StandardDimension => 1;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => false;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, 1, Name, "standard parameters");
        natural[0] = standard[0] == 0
            ? double.NegativeInfinity
            : Math.Log(ParameterCheck.Positive(standard[0], Name, "rate"));
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        standard[0] = Rate(natural);
    }

    /// <summary>d eta / d lambda = 1 / lambda.</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian[0] = 1 / standard[0];
    }

    /// <summary>A = e^eta = lambda.</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return Math.Exp(natural[0]);
    }

    /// <summary>E x = lambda.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        mean[0] = Rate(natural);
    }

    /// <summary>T = x.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = x[0];
    }

    /// <summary>Pseudo entropy lambda - lambda log lambda; 0 at lambda = 0.</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        double rate = Rate(natural);
        return rate == 0 ? 0 : rate * (1 - natural[0]);
    }

    /// <summary>-log x!.</summary>
    /// <inheritdoc/>
    public override double LogBaseMeasure(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        return -SpecialFunctions.LogGamma(x[0] + 1);
    }

    /// <inheritdoc/>
    public override string? SupportViolation(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Length(x, 1, Name, "an observation");
        return double.IsFinite(x[0])
            ? ParameterCheck.WholeNumberViolation(x[0], double.PositiveInfinity)
            : "must be a finite number";
    }

    /// <summary>Inversion for rates below 10, transformed rejection otherwise.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        Rate(natural);
        x[0] = RandomVariates.Poisson(random, natural[0]);
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return DiscreteProbability.LogPoisson(x[0], natural[0]);
    }

    private double Rate(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 1, Name, "natural parameters");
        return ParameterCheck.Finite(Math.Exp(natural[0]), Name, "rate exp(eta)");
    }
}
