using System.Globalization;
using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// The number of successes in n trials, n known:
/// <c>p(x) = C(n, x) p^x (1-p)^(n-x) = C(n, x) exp(eta x - n log(1 + e^eta))</c>, <c>eta = log(p / (1-p))</c>.
/// The base measure C(n, x) is not constant. The boundary p = 0 or 1 is allowed; its natural parameter is infinite.
/// </summary>
/// <remarks>Standard parameters: [p]. Natural parameters: [eta]. Sufficient statistics: [x].</remarks>
public sealed class Binomial : ExponentialFamily
{
    /// <summary>Creates the family for a number of trials.</summary>
    /// <param name="trials">n, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trials"/> is below 1.</exception>
    public Binomial(int trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        Trials = trials;
        Name = string.Create(CultureInfo.InvariantCulture, $"binomial:{trials}");
    }

    /// <summary>The number of trials n.</summary>
    public int Trials { get; }

    /// <inheritdoc/>
    public override string Name { get; }

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

    /// <summary>A = n log(1 + e^eta).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return Trials * SpecialFunctions.Softplus(natural[0]);
    }

    /// <summary>E x = n p.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        mean[0] = Trials * SpecialFunctions.Logistic(LogOdds(natural));
    }

    /// <summary>T = x.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        statistics[0] = x[0];
    }

    /// <summary>Pseudo entropy -n p log p - n (1-p) log(1-p); 0 at p = 0 and p = 1.</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return Trials * SpecialFunctions.BernoulliEntropy(LogOdds(natural));
    }

    /// <summary>log C(n, x).</summary>
    /// <inheritdoc/>
    public override double LogBaseMeasure(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        return SpecialFunctions.LogBinomial(Trials, x[0]);
    }

    /// <inheritdoc/>
    public override string? SupportViolation(ReadOnlySpan<double> x)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Length(x, 1, Name, "an observation");
        return ParameterCheck.WholeNumberViolation(x[0], Trials);
    }

    /// <summary>Inversion for few expected successes, transformed rejection otherwise.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        x[0] = RandomVariates.Binomial(random, Trials, LogOdds(natural));
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        return DiscreteProbability.LogBinomial(x[0], Trials, natural[0]);
    }

    private double LogOdds(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, 1, Name, "natural parameters");
        return ParameterCheck.Number(natural[0], Name, "natural parameter");
    }
}
