using EntropyElbo.Distributions;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>Beta columns. Features: log x and log(1 - x). Parameters of a column: a and b.</summary>
internal sealed class BetaFamily(ColumnRange range) : ScalarFamily(range, [], new Beta())
{
    /// <summary>Greatest a + b: values that do not differ have none.</summary>
    public const double MaximumConcentration = 1e8;

    private const int MaximumSteps = 200;
    private static readonly Beta Density = new();

    public override int FeaturesPerColumn => 2;

    public override int ParametersPerColumn => 2;

    public override void LoadRow(ReadOnlySpan<double> columns, Span<double> features)
    {
        for (int d = 0; d < Count; d++)
        {
            features[d] = Math.Log(columns[d]);
            features[Count + d] = SpecialFunctions.Log1P(-columns[d]);
        }
    }

    /// <summary>
    /// The parameters whose means of log x and log(1 - x) are the given ones: Newton's method on the concave
    /// log-likelihood, steps halved where they leave the range.
    /// </summary>
    /// <returns>The parameters, and whether they are within the bound.</returns>
    public static (double A, double B, bool IsWithin) Solve(double meanLog, double meanLogComplement)
    {
        double left = Math.Exp(meanLog);
        double right = Math.Exp(meanLogComplement);
        double gap = 1 - left - right;
        if (!(gap > 0.5 / MaximumConcentration))
        {
            return Bound(left, right);
        }

        // The start follows from psi(a) = log(a - 1/2), nearly.
        double a = 0.5 + (left / (2 * gap));
        double b = 0.5 + (right / (2 * gap));
        for (int step = 0; step < MaximumSteps; step++)
        {
            (double da, double db) = NewtonStep(a, b, meanLog, meanLogComplement);
            double scale = 1;
            while (a + (scale * da) <= 0 || b + (scale * db) <= 0)
            {
                scale /= 2;
            }

            a += scale * da;
            b += scale * db;
            if (Math.Abs(da) <= 4e-16 * a && Math.Abs(db) <= 4e-16 * b)
            {
                break;
            }
        }

        return a + b <= MaximumConcentration ? (a, b, true) : Bound(left, right);
    }

    protected override double DescribeColumn(int column, ReadOnlySpan<double> parameters, Span<double> coefficients, Span<double> means)
    {
        coefficients[0] = parameters[0] - 1;
        coefficients[1] = parameters[1] - 1;
        Density.MeanParameters(coefficients[..2], means[..2]);
        return -SpecialFunctions.LogBeta(parameters[0], parameters[1]);
    }

    protected override bool EstimateColumn(int column, double count, ReadOnlySpan<double> sums, Span<double> parameters)
    {
        (parameters[0], parameters[1], bool within) = Solve(sums[0] / count, sums[1] / count);
        return within;
    }

    protected override double ColumnMean(ReadOnlySpan<double> parameters) => parameters[0] / (parameters[0] + parameters[1]);

    private static (double A, double B, bool IsWithin) Bound(double left, double right) =>
        (MaximumConcentration * left / (left + right), MaximumConcentration * right / (left + right), false);

    /// <summary>Minus the inverse Hessian times the gradient; the Hessian is a diagonal matrix plus a constant.</summary>
    private static (double A, double B) NewtonStep(double a, double b, double meanLog, double meanLogComplement)
    {
        Span<double> means = stackalloc double[2];
        Density.MeanParameters([a - 1, b - 1], means);
        double ga = meanLog - means[0];
        double gb = meanLogComplement - means[1];
        double ha = SpecialFunctions.Trigamma(a);
        double hb = SpecialFunctions.Trigamma(b);
        double shared = SpecialFunctions.Trigamma(a + b);
        double determinant = (ha * hb) - (shared * (ha + hb));
        return ((((hb - shared) * ga) + (shared * gb)) / determinant, (((ha - shared) * gb) + (shared * ga)) / determinant);
    }
}
