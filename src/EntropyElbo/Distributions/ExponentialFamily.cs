using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// A distribution of the form <c>p(x) = h(x) exp(eta' T(x) - A(eta))</c> (LW eq. 42). One instance stands for the family
/// with its known constants (a dimension, a number of trials); parameters are passed in, so an instance is immutable and
/// safe to share. Where <c>h</c> is constant it is folded into <c>A</c>, and <see cref="LogBaseMeasure"/> is 0.
/// </summary>
/// <remarks>
/// Standard parameters outside their range, and natural parameters outside the natural parameter space, are answered with
/// an <see cref="ArgumentException"/> that names the parameter, except by <see cref="LogPartition"/> (+infinity there, as
/// convention has it). Parameters that are not numbers are never taken for numbers. Spans must have exactly the documented
/// length.
/// </remarks>
public abstract class ExponentialFamily
{
    /// <summary>The tool's name of the family, for example <c>gamma</c> or <c>binomial:8</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Length of an observation x.</summary>
    public abstract int Dimension { get; }

    /// <summary>Length of the natural parameters eta and of the sufficient statistics T(x).</summary>
    public abstract int NaturalDimension { get; }

    /// <summary>Length of the standard parameters, for example (mean, variance); each file documents their order.</summary>
    public abstract int StandardDimension { get; }

    /// <summary>
    /// Whether h(x) is constant; if not, <see cref="Entropy"/> is a pseudo entropy and <see cref="LogBaseMeasure"/> counts.
    /// </summary>
    public abstract bool HasConstantBaseMeasure { get; }

    /// <summary>Natural from standard parameters.</summary>
    /// <exception cref="ArgumentException">A parameter lies outside its range; the message names it.</exception>
    public abstract void ToNatural(ReadOnlySpan<double> standard, Span<double> natural);

    /// <summary>Standard from natural parameters.</summary>
    /// <exception cref="ArgumentException">A parameter lies outside the natural parameter space; the message names it.</exception>
    public abstract void ToStandard(ReadOnlySpan<double> natural, Span<double> standard);

    /// <summary>The Jacobian d eta / d standard, row-major [NaturalDimension, StandardDimension].</summary>
    public abstract void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian);

    /// <summary>A(eta), in nats; +infinity outside the natural parameter space.</summary>
    public abstract double LogPartition(ReadOnlySpan<double> natural);

    /// <summary>A'(eta) = E T(x).</summary>
    public abstract void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean);

    /// <summary>T(x).</summary>
    public abstract void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics);

    /// <summary>
    /// <c>A(eta) - eta' A'(eta)</c> in nats: the entropy for a constant base measure, the pseudo entropy otherwise
    /// (LW newer version). Each family computes it in a form that does not cancel.
    /// </summary>
    public abstract double Entropy(ReadOnlySpan<double> natural);

    /// <summary>log h(x) where h is not constant, else 0.</summary>
    public abstract double LogBaseMeasure(ReadOnlySpan<double> x);

    /// <summary>Why x lies outside the support, in words that end a sentence ("must be ..."), or null when it does not.</summary>
    public abstract string? SupportViolation(ReadOnlySpan<double> x);

    /// <summary>Draws one observation.</summary>
    public abstract void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x);

    /// <summary>log p(x) in nats for x in the support; -infinity where the probability is 0.</summary>
    public virtual double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        Span<double> statistics = NaturalDimension <= 64 ? stackalloc double[NaturalDimension] : new double[NaturalDimension];
        SufficientStatistics(x, statistics);
        double exponent = LogBaseMeasure(x) - LogPartition(natural);
        for (int i = 0; i < statistics.Length; i++)
        {
            exponent += natural[i] * statistics[i];
        }

        return exponent;
    }
}
