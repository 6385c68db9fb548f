namespace EntropyElbo.Numerics;

/// <summary>
/// What the shape of a gamma distribution needs: log less digamma, its inverse, and the terms of density and entropy at mean 1.
/// </summary>
internal static class GammaShape
{
    private const double LargeShape = 10;
    private const double SeriesShape = 1e4;
    private const int MaximumSteps = 100;

    /// <summary>log a - psi(a), above 0 and falling.</summary>
    public static double LogLessDigamma(double shape) => shape < LargeShape
        ? Math.Log(shape) - SpecialFunctions.Digamma(shape)
        : SpecialFunctions.DigammaRemainder(shape);

    /// <summary>a log a - a - log Gamma(a): what the density at mean 1 has beside its deviance and -log x.</summary>
    public static double LogNormaliser(double shape) => shape < LargeShape
        ? (shape * (Math.Log(shape) - 1)) - SpecialFunctions.LogGamma(shape)
        : ((Math.Log(shape) - SpecialFunctions.LogTwoPi) / 2) - SpecialFunctions.StirlingRemainder(shape);

    /// <summary>Entropy at mean 1; the logarithm of another mean is added to it.</summary>
    public static double UnitEntropy(double shape) => shape < LargeShape
        ? shape - Math.Log(shape) + SpecialFunctions.LogGamma(shape) + ((1 - shape) * SpecialFunctions.Digamma(shape))
        : ((SpecialFunctions.LogTwoPi - Math.Log(shape)) / 2)
            + SpecialFunctions.StirlingRemainder(shape) + ((shape - 1) * SpecialFunctions.DigammaRemainder(shape));

    /// <summary>The shape whose log less digamma is the given number: Newton's method on its reciprocal (Minka 2002).</summary>
    /// <param name="difference">Log of the mean less mean of the logs, above 0.</param>
    /// <param name="greatest">Greatest shape.</param>
    /// <returns>The shape, at most <paramref name="greatest"/>.</returns>
    public static double Solve(double difference, double greatest)
    {
        if (!(difference > 0.5 / greatest))
        {
            return greatest;
        }

        // log a - psi(a) is near 1 / (2 a) for large a and 1 / a for small.
        double root = Math.Sqrt(((difference - 3) * (difference - 3)) + (24 * difference));
        double shape = (3 - difference + root) / (12 * difference);
        for (int step = 0; step < MaximumSteps; step++)
        {
            double value = LogLessDigamma(shape) - difference;

            // For large shapes the difference that trigamma leaves would be rounding.
            double slope = shape < SeriesShape ? shape * (1 - (shape * SpecialFunctions.Trigamma(shape))) : -0.5 - (1 / (6 * shape));
            double next = 1 / ((1 / shape) + (value / slope));
            next = next > 0 ? next : shape / 2;
            double change = Math.Abs(next - shape);
            shape = next;
            if (change <= 4e-16 * shape)
            {
                break;
            }
        }

        return Math.Min(shape, greatest);
    }
}
