using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// Independent Laplace variables of mean zero, the sparse prior of V:
/// <c>p(x) = prod_h exp(-|x_h| / lambda_h) / (2 lambda_h) = exp(eta' |x| - sum_h log(-2 / eta_h))</c>,
/// <c>eta_h = -1 / lambda_h</c>.
/// </summary>
/// <remarks>
/// Standard parameters: the d scales lambda. Natural parameters: d values eta, below 0. Sufficient statistics: the d values |x_h|.
/// </remarks>
public sealed class Laplace : ExponentialFamily
{
    /// <summary>Creates the family for a dimension.</summary>
    /// <param name="dimension">Length d of an observation, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dimension"/> is below 1.</exception>
    public Laplace(int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimension);
        Dimension = dimension;
    }

    /// <inheritdoc/>
    public override string Name => "laplace";

    /// <inheritdoc/>
    public override int Dimension { get; }

    /// <inheritdoc/>
    public override int NaturalDimension => Dimension;

    /// <inheritdoc/>
    public override int StandardDimension => Dimension;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, Dimension, Name, "standard parameters");
        for (int h = 0; h < Dimension; h++)
        {
            natural[h] = -1 / ParameterCheck.Positive(standard[h], Name, "scale");
        }
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Length(natural, Dimension, Name, "natural parameters");
        for (int h = 0; h < Dimension; h++)
        {
            standard[h] = Scale(natural[h]);
        }
    }

    /// <summary>d eta_h / d lambda_h = 1 / lambda_h^2, a diagonal matrix.</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian.Clear();
        for (int h = 0; h < Dimension; h++)
        {
            jacobian[(h * Dimension) + h] = 1 / (standard[h] * standard[h]);
        }
    }

    /// <summary>A = sum_h log(-2 / eta_h).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        double sum = 0;
        for (int h = 0; h < Dimension; h++)
        {
            sum += natural[h] >= 0 ? double.PositiveInfinity : -Math.Log(-0.5 * natural[h]);
        }

        return sum;
    }

    /// <summary>E |x_h| = lambda_h.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        ToStandard(natural, mean);
    }

    /// <summary>T_h = |x_h|.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        for (int h = 0; h < Dimension; h++)
        {
            statistics[h] = Math.Abs(x[h]);
        }
    }

    /// <summary>H = sum_h log(2 e lambda_h).</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(natural, Dimension, Name, "natural parameters");
        double sum = Dimension;
        for (int h = 0; h < Dimension; h++)
        {
            sum += Math.Log(2 * Scale(natural[h]));
        }

        return sum;
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

    /// <summary>By inversion, each half of the uniform interval one side.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        ParameterCheck.Length(natural, Dimension, Name, "natural parameters");
        for (int h = 0; h < Dimension; h++)
        {
            double uniform = random.NextUniform();
            double scale = Scale(natural[h]);
            x[h] = uniform < 0.5 ? scale * Math.Log(1 - (2 * uniform)) : -scale * Math.Log(2 - (2 * uniform));
        }
    }

    private double Scale(double eta) => ParameterCheck.Positive(-1 / eta, Name, "scale -1/eta");
}
