namespace EntropyElbo.Tests;

/// <summary>Double-exponential quadrature (Takahasi and Mori, 1974): error about 1e-12 for the integrands of the tests.</summary>
internal static class Quadrature
{
    private const double Step = 1.0 / 32;

    /// <summary>Over (0, 1), end points may be singular.</summary>
    public static double Unit(Func<double, double> f) => Sum(3.6, t =>
    {
        double u = Math.PI * Math.Sinh(t);
        double x = 1 / (1 + Math.Exp(-u));
        double weight = Math.PI * Math.Cosh(t) * x / (1 + Math.Exp(u));
        return x is > 0 and < 1 ? weight * f(x) : 0;
    });

    /// <summary>Over (0, infinity); the integrand should live around <paramref name="scale"/>.</summary>
    public static double HalfLine(Func<double, double> f, double scale) => Sum(5, t =>
    {
        double x = scale * Math.Exp(Math.PI / 2 * Math.Sinh(t));
        return x is > 0 and < double.PositiveInfinity ? Math.PI / 2 * Math.Cosh(t) * x * f(x) : 0;
    });

    /// <summary>Over the line, in two halves that meet at <paramref name="centre"/>.</summary>
    public static double Line(Func<double, double> f, double centre, double scale) =>
        HalfLine(x => f(centre + x), scale) + HalfLine(x => f(centre - x), scale);

    private static double Sum(double range, Func<double, double> f)
    {
        double sum = 0;
        int count = (int)(range / Step);
        for (int i = -count; i <= count; i++)
        {
            double value = f(i * Step);
            sum += double.IsFinite(value) ? value : throw new ArithmeticException($"The integrand is {value} at node {i}.");
        }

        return sum * Step;
    }
}
