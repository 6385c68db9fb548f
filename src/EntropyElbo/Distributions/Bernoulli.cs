using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// One variable that is 0 or 1:
/// <c>p(x) = p^x (1-p)^(1-x) = exp(eta x - log(1 + e^eta))</c>, <c>eta = log(p / (1-p))</c>
/// (LW eq. 14 and 81 misprint the natural parameter as log(1 / (1-p))).
/// The boundary p = 0 or 1 is allowed; its natural parameter is infinite.
/// </summary>
/// <remarks>Standard parameters: [p]. Natural parameters: [eta]. Sufficient statistics: [x].</remarks>
public sealed class Bernoulli : ExponentialFamily
{
    /// <inheritdoc/>
    public override string Name => "bernoulli";

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
        natural[0] = SpecialFunctions.Logit(ParameterCheck.Probability(standard[0], Name, "probability"));
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        standard[0] = SpecialFunctions.Logistic(LogOdds(natural));
    }

    /// <summary>d eta / dp = 1 / (p (1-p)).</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian[0] = 1 / (standard[0] * (1 - standard[0]));
    }

    /// <summary>A = log(1 + e^eta).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return SpecialFunctions.Softplus(natural[0]);
    }

    /// <summary>E x = p.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        ToStandard(natural, mean);
    }

    /// <summary>T = x.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = x[0];
    }

    /// <summary>H = -p log p - (1-p) log(1-p); 0 at p = 0 and p = 1.</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return SpecialFunctions.BernoulliEntropy(LogOdds(natural));
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
        return x[0] is 0 or 1 ? null : "must be 0 or 1";
    }

    /// <summary>Whether a uniform number falls below p.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        x[0] = random.NextUniform() < SpecialFunctions.Logistic(LogOdds(natural)) ? 1 : 0;
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return -SpecialFunctions.Softplus(x[0] == 0 ? natural[0] : -natural[0]);
    }

    private double LogOdds(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 1, Name, "natural parameters");
        return ParameterCheck.Number(natural[0], Name, "natural parameter");
    }
}
