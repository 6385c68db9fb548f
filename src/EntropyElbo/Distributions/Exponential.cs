using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Waiting times: <c>p(x) = rate e^(-rate x) = exp(eta x + log(-eta))</c>, <c>eta = -rate</c>, x >= 0.
/// </summary>
/// <remarks>Standard parameters: [rate]. Natural parameters: [eta], below 0. Sufficient statistics: [x].</remarks>
public sealed class Exponential : ExponentialFamily
{
    /// <inheritdoc/>
    public override string Name => "exponential";

    /// <inheritdoc/>
    public override int Dimension => 1;

    /// <inheritdoc/>
    public override int NaturalDimension => 1;

    /// <inheritdoc/>
    public override int StandardDimension => 1;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, 1, Name, "standard parameters");
        natural[0] = -ParameterCheck.Positive(standard[0], Name, "rate");
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        standard[0] = Rate(natural);
    }

    /// <summary>d eta / d rate = -1.</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian[0] = -1;
    }

    /// <summary>A = -log(-eta).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return natural[0] >= 0 ? double.PositiveInfinity : -Math.Log(-natural[0]);
    }

    /// <summary>E x = 1 / rate.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        mean[0] = 1 / Rate(natural);
    }

    /// <summary>T = x.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = x[0];
    }

    /// <summary>H = 1 - log rate.</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return 1 - Math.Log(Rate(natural));
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
        return !double.IsFinite(x[0]) ? "must be a finite number" : x[0] < 0 ? "must be 0 or above" : null;
    }

    /// <summary>By inversion: -log(U) / rate.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        x[0] = -Math.Log(RandomVariates.PositiveUniform(random)) / Rate(natural);
    }

    private double Rate(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 1, Name, "natural parameters");
        return ParameterCheck.Positive(-natural[0], Name, "rate -eta");
    }
}
