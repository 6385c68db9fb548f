namespace EntropyElbo.Numerics;

internal static partial class SpecialFunctions
{
    /// <summary>From here on the asymptotic series reach full precision.</summary>
    private const double Asymptotic = 10;

    private const double OneMinusEuler = 0.4227843350984671393934879;
    private const double DigammaRootHigh = 1.4616321449683622;
    private const double DigammaRootLow = 9.5499954299656977e-17;

    /// <summary>
    /// (-1)^k (zeta(k) - 1), k = 2 .. 27 (Abramowitz and Stegun 6.1.33; printed by Reference/distributions.py constants).
    /// </summary>
    private static ReadOnlySpan<double> ZetaMinusOne =>
    [
        0.6449340668482264365, -0.2020569031595942854, 0.08232323371113819152, -0.03692775514336992633,
        0.01734306198444913971, -0.00834927738192282684, 0.004077356197944339379, -0.002008392826082214418,
        0.0009945751278180853371, -0.0004941886041194645587, 0.0002460865533080482986, -0.0001227133475784891468,
        6.124813505870482926e-5, -3.058823630702049355e-5, 1.528225940865187173e-5, -7.637197637899762274e-6,
        3.817293264999839856e-6, -1.908212716553938926e-6, 9.539620338727961132e-7, -4.769329867878064631e-7,
        2.3845050272773299e-7, -1.192199259653110731e-7, 5.960818905125947961e-8, -2.980350351465228019e-8,
        1.490155482836504123e-8, -7.450711789835429492e-9,
    ];

    /// <summary>psi^(k)(r) / k! at the positive root r of digamma, k = 1 .. 22 (printed by the same script).</summary>
    private static ReadOnlySpan<double> DigammaAtRoot =>
    [
        0.9676722454476211704, -0.4427631689835921061, 0.2584997609556510106, -0.1639427054424065275,
        0.1078240506912623658, -0.07219956125645471093, 0.04880428816414310723, -0.03316112647484735929,
        0.02259764823221810466, -0.01542476590494895914, 0.01053879161661217539, -0.007204534386356868241,
        0.004926781395729853446, -0.003369801655439328083, 0.002305126326734927837, -0.001576936771430197259,
        0.001078825201916296581, -0.0007380709389960051296, 0.0005049532658346020352, -0.0003454680251063076996,
        0.0002363560156402705279, -0.0001617062209197480345,
    ];

    /// <summary>Bernoulli numbers B_2, B_4, .. B_18.</summary>
    private static ReadOnlySpan<double> Bernoulli =>
        [1.0 / 6, -1.0 / 30, 1.0 / 42, -1.0 / 30, 5.0 / 66, -691.0 / 2730, 7.0 / 6, -3617.0 / 510, 43867.0 / 798];

    /// <summary>log Gamma(x) for x > 0, relatively accurate next to its zeros 1 and 2.</summary>
    public static double LogGamma(double x)
    {
        if (x >= Asymptotic)
        {
            return double.IsPositiveInfinity(x)
                ? x
                : ((x - 0.5) * (Math.Log(x) - 1)) + ((LogTwoPi - 1) / 2) + StirlingRemainder(x);
        }

        if (x < 0.5)
        {
            return LogGammaNearTwo(x) - Log1P(x) - Math.Log(x);
        }

        if (x < 1.5)
        {
            return LogGammaNearTwo(x - 1) - Log1P(x - 1);
        }

        double product = 1;
        for (; x >= 2.5; x--)
        {
            product *= x - 1;
        }

        return Math.Log(product) + LogGammaNearTwo(x - 2);
    }

    /// <summary>
    /// log Gamma(x) - ((x - 1/2) log x - x + 1/2 log 2 pi) for x > 0; the relative error grows to 1e-13 below 10, where
    /// the term is always added to one of order 1.
    /// </summary>
    public static double StirlingRemainder(double x)
    {
        if (x < Asymptotic)
        {
            return LogGamma(x) - (((x - 0.5) * Math.Log(x)) - x + (LogTwoPi / 2));
        }

        double sum = 0;
        double inverseSquare = 1 / (x * x);
        for (int k = Bernoulli.Length; k >= 1; k--)
        {
            sum = (sum * inverseSquare) + (Bernoulli[k - 1] / (2.0 * k * ((2 * k) - 1)));
        }

        return sum / x;
    }

    /// <summary>psi(x), the derivative of log Gamma, for x > 0, relatively accurate next to its root 1.46; not a number below 0.</summary>
    public static double Digamma(double x)
    {
        if (!(x >= 0))
        {
            return double.NaN; // Adding 1 to a number far below 0 would never end.
        }

        double offset = (x - DigammaRootHigh) - DigammaRootLow;
        if (Math.Abs(offset) < 0.2)
        {
            double series = 0;
            for (int k = DigammaAtRoot.Length - 1; k >= 0; k--)
            {
                series = (series + DigammaAtRoot[k]) * offset;
            }

            return series;
        }

        double shift = 0;
        for (; x < Asymptotic; x++)
        {
            shift += 1 / x;
        }

        return Math.Log(x) - DigammaRemainder(x) - shift;
    }

    /// <summary>log x - psi(x) for x >= 10, relatively accurate however large x is.</summary>
    public static double DigammaRemainder(double x)
    {
        double sum = 0;
        double inverseSquare = 1 / (x * x);
        for (int k = Bernoulli.Length; k >= 1; k--)
        {
            sum = (sum + (Bernoulli[k - 1] / (2.0 * k))) * inverseSquare;
        }

        return sum + (0.5 / x);
    }

    /// <summary>psi'(x), the second derivative of log Gamma, for x > 0; not a number below 0.</summary>
    public static double Trigamma(double x)
    {
        if (!(x >= 0))
        {
            return double.NaN;
        }

        double shift = 0;
        for (; x < Asymptotic; x++)
        {
            shift += 1 / (x * x);
        }

        double sum = 0;
        double inverseSquare = 1 / (x * x);
        for (int k = Bernoulli.Length; k >= 1; k--)
        {
            sum = (sum + Bernoulli[k - 1]) * inverseSquare;
        }

        return ((1 + (0.5 / x) + sum) / x) + shift;
    }

    /// <summary>
    /// log B(a, b) for a, b > 0: through Stirling remainders where an argument is large, so that huge arguments do not
    /// cancel. Next to a zero (a or b near 1) the error is 1e-15 absolute.
    /// </summary>
    public static double LogBeta(double a, double b)
    {
        (double small, double large) = a <= b ? (a, b) : (b, a);
        double sum = small + large;
        if (large < Asymptotic)
        {
            return LogGamma(small) + LogGamma(large) - LogGamma(sum);
        }

        double remainders = StirlingRemainder(large) - StirlingRemainder(sum);
        if (small < Asymptotic)
        {
            return LogGamma(small) + remainders + small
                - ((large - 0.5) * Log1P(small / large)) - (small * Math.Log(sum));
        }

        return ((LogTwoPi - Math.Log(large)) / 2) + remainders + StirlingRemainder(small)
            - ((small - 0.5) * Log1P(large / small)) - (large * Log1P(small / large));
    }

    /// <summary>log of n choose k, for whole 0 &lt;= k &lt;= n.</summary>
    public static double LogBinomial(double n, double k) => k == 0 || k == n
        ? 0
        : k == 1 || k == n - 1 ? Math.Log(n) : -LogBeta(k + 1, n - k + 1) - Math.Log(n + 1);

    /// <summary>log Gamma(2 + u) for |u| &lt;= 1/2: its Taylor series, zero at u = 0.</summary>
    private static double LogGammaNearTwo(double u)
    {
        double sum = 0;
        for (int i = ZetaMinusOne.Length - 1; i >= 0; i--)
        {
            sum = (sum * u) + (ZetaMinusOne[i] / (i + 2));
        }

        return ((sum * u) + OneMinusEuler) * u;
    }
}
