using EntropyElbo.Numerics;

namespace EntropyElbo.Distributions;

/// <summary>
/// One of C categories, written as a single whole number 0 .. C-1:
/// <c>p(x) = pi_x = exp(sum_i eta_i [x = i] - log(1 + sum_i e^eta_i))</c>, <c>eta_i = log(pi_i / pi_C)</c>,
/// i = 1 .. C-1, relative to the last category (LW eq. 113). Zero probabilities are allowed in every category but the last.
/// </summary>
/// <remarks>
/// Standard parameters: [pi_1 .. pi_C]; only their ratios count, so they need not sum to one, and the way back from the
/// natural parameters returns them normalised. Natural parameters: C-1. Sufficient statistics: C-1 indicators.
/// </remarks>
public sealed class Categorical : ExponentialFamily
{
    /// <summary>Creates the family for a number of categories.</summary>
    /// <param name="categories">C, at least 2.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="categories"/> is below 2.</exception>
    public Categorical(int categories)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 2);
        Categories = categories;
    }

    /// <summary>The number of categories C.</summary>
    public int Categories { get; }

    /// <inheritdoc/>
    public override string Name => "categorical";

    /// <inheritdoc/>
    public override int Dimension => 1;

    /// <inheritdoc/>
    public override int NaturalDimension => Categories - 1;

    /// <inheritdoc/>
    public override int StandardDimension => Categories;

    /// <inheritdoc/>
    public override bool HasConstantBaseMeasure => true;

    /// <inheritdoc/>
    public override void ToNatural(ReadOnlySpan<double> standard, Span<double> natural)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Length(standard, Categories, Name, "standard parameters");
        double last = ParameterCheck.Positive(standard[^1], Name, "probability of the last category, which the others are relative to,");
        for (int i = 0; i < NaturalDimension; i++)
        {
            double pi = standard[i] == 0 ? 0 : ParameterCheck.Positive(standard[i], Name, "probability of a category");
            double difference = pi - last;
            natural[i] = Math.Abs(difference) < 0.5 * last
                ? SpecialFunctions.Log1P(difference / last)
                : Math.Log(pi) - Math.Log(last);
        }
    }

    /// <inheritdoc/>
    public override void ToStandard(ReadOnlySpan<double> natural, Span<double> standard)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        (double top, double others) = Scale(natural);
        for (int c = 0; c < Categories; c++)
        {
            standard[c] = Math.Exp(Weight(natural, c) - top) / (1 + others);
        }
    }

    /// <summary>d eta_i / d pi_j = [i = j] / pi_i, and -1 / pi_C in the last column.</summary>
    /// <inheritdoc/>
    public override void NaturalJacobian(ReadOnlySpan<double> standard, Span<double> jacobian)
    {
        ParameterCheck.Room(standard.Length, StandardDimension, Name, "standard");
        ParameterCheck.Room(jacobian.Length, NaturalDimension * StandardDimension, Name, "jacobian");
        jacobian.Clear();
        for (int i = 0; i < NaturalDimension; i++)
        {
            jacobian[(i * Categories) + i] = 1 / standard[i];
            jacobian[(i * Categories) + Categories - 1] = -1 / standard[^1];
        }
    }

    /// <summary>A = log(1 + sum_i e^eta_i).</summary>
    /// <inheritdoc/>
    public override double LogPartition(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        foreach (double eta in natural)
        {
            if (double.IsNaN(eta) || double.IsPositiveInfinity(eta))
            {
                return eta;
            }
        }

        (double top, double others) = Scale(natural);
        return top + SpecialFunctions.Log1P(others);
    }

    /// <summary>E [x = i] = pi_i, i = 1 .. C-1.</summary>
    /// <inheritdoc/>
    public override void MeanParameters(ReadOnlySpan<double> natural, Span<double> mean)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(mean.Length, NaturalDimension, Name, "mean");
        (double top, double others) = Scale(natural);
        for (int i = 0; i < natural.Length; i++)
        {
            mean[i] = Math.Exp(natural[i] - top) / (1 + others);
        }
    }

    /// <summary>T_i = [x = i], i = 1 .. C-1.</summary>
    /// <inheritdoc/>
    public override void SufficientStatistics(ReadOnlySpan<double> x, Span<double> statistics)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(statistics.Length, NaturalDimension, Name, "statistics");
        for (int i = 0; i < NaturalDimension; i++)
        {
            statistics[i] = x[0] == i ? 1 : 0;
        }
    }

    /// <summary>H = -sum_c pi_c log pi_c; empty categories add 0.</summary>
    /// <inheritdoc/>
    public override double Entropy(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        (double top, double others) = Scale(natural);
        double logTotal = SpecialFunctions.Log1P(others);
        double sum = 0;
        for (int c = 0; c < Categories; c++)
        {
            double below = Weight(natural, c) - top;
            double probability = Math.Exp(below) / (1 + others);
            sum += probability == 0 ? 0 : probability * (logTotal - below);
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
        ParameterCheck.Length(x, 1, Name, "an observation");
        return ParameterCheck.WholeNumberViolation(x[0], Categories - 1);
    }

    /// <summary>By inversion.</summary>
    /// <inheritdoc/>
    public override void Sample(ReadOnlySpan<double> natural, RandomStream random, Span<double> x)
    {
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ArgumentNullException.ThrowIfNull(random);
        (double top, double others) = Scale(natural);
        double left = random.NextUniform() * (1 + others);
        int c = 0;
        for (; c < natural.Length; c++)
        {
            left -= Math.Exp(natural[c] - top);
            if (left < 0)
            {
                break;
            }
        }

        x[0] = c;
    }

    /// <inheritdoc/>
    public override double LogDensity(ReadOnlySpan<double> x, ReadOnlySpan<double> natural)
    {
        ParameterCheck.Room(x.Length, Dimension, Name, "x");
        ParameterCheck.Room(natural.Length, NaturalDimension, Name, "natural");
        (double top, double others) = Scale(natural);
        return SupportViolation(x[..1]) is { } violation
            ? throw new ArgumentException($"{Name}: an observation {violation}.", nameof(x))
            : Weight(natural, (int)x[0]) - top - SpecialFunctions.Log1P(others);
    }

    private static double Weight(ReadOnlySpan<double> natural, int category) =>
        category == natural.Length ? 0 : natural[category];

    /// <summary>The largest log weight (the last category's is 0) and the sum of the other weights relative to it.</summary>
    private (double Top, double Others) Scale(ReadOnlySpan<double> natural)
    {
        ParameterCheck.Length(natural, NaturalDimension, Name, "natural parameters");
        int top = natural.Length;
        for (int i = 0; i < natural.Length; i++)
        {
            double weight = ParameterCheck.Number(natural[i], Name, "natural parameter");
            if (double.IsPositiveInfinity(weight))
            {
                throw new ArgumentException(
                    $"{Name}: a natural parameter is +infinity, so the last category is empty; make another category the last.");
            }

            top = weight > Weight(natural, top) ? i : top;
        }

        double rest = 0;
        for (int c = 0; c < Categories; c++)
        {
            rest += c == top ? 0 : Math.Exp(Weight(natural, c) - Weight(natural, top));
        }

        return (Weight(natural, top), rest);
    }
}
