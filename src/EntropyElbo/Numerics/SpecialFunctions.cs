using MathNetFunctions = MathNet.Numerics.SpecialFunctions;

namespace EntropyElbo.Numerics;

/// <summary>
/// Functions that MathNet.Numerics lacks, or gives to fewer digits than an entropy needs: its log-gamma loses digits
/// next to 1 and 2 and its digamma next to its root. Logarithms are natural; unless a member says otherwise the relative
/// error is below 1e-13.
/// </summary>
internal static partial class SpecialFunctions
{
    /// <summary>log(2 pi).</summary>
    public const double LogTwoPi = 1.8378770664093454835606594728112;

    /// <summary>Entropy of a standard normal variable, 1/2 log(2 pi e), nats.</summary>
    public const double StandardNormalEntropy = 1.4189385332046727417803297364056;

    /// <summary>log(1 + x) without cancellation (double.LogP1 of the runtime is log(x + 1) as written).</summary>
    public static double Log1P(double x) => double.IsPositiveInfinity(x) ? x : MathNetFunctions.Log1p(x);

    /// <summary>x log x, with 0 log 0 = 0.</summary>
    public static double XLogX(double x) => x == 0 ? 0 : x * Math.Log(x);

    /// <summary>log(1 + e^x), for any x.</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + Log1P(Math.Exp(-Math.Abs(x)));

    /// <summary>1 / (1 + e^-x), for any x, relatively accurate in both tails.</summary>
    public static double Logistic(double x)
    {
        double tail = Math.Exp(-Math.Abs(x));
        return (x >= 0 ? 1 : tail) / (1 + tail);
    }

    /// <summary>log(p / (1 - p)): -infinity at 0, +infinity at 1, relatively accurate next to 1/2.</summary>
    public static double Logit(double p) => p is > 0.25 and < 0.75
        ? Log1P(((2 * p) - 1) / (1 - p))
        : Math.Log(p) - Log1P(-p);

    /// <summary>Entropy in nats of a Bernoulli variable with the given logit; 0 at either infinity.</summary>
    public static double BernoulliEntropy(double logit)
    {
        double size = Math.Abs(logit);
        double tail = Math.Exp(-size);
        return tail == 0 ? 0 : Log1P(tail) + (size * tail / (1 + tail));
    }

    /// <summary>
    /// log sum_i exp(x_i), the largest term taken out and the rest under log1p; -infinity for no terms.
    /// </summary>
    public static double LogSumExp(ReadOnlySpan<double> x)
    {
        int top = IndexOfLargest(x);
        if (top < 0 || double.IsInfinity(x[top]))
        {
            return top < 0 ? double.NegativeInfinity : x[top];
        }

        double rest = 0;
        for (int i = 0; i < x.Length; i++)
        {
            rest += i == top ? 0 : Math.Exp(x[i] - x[top]);
        }

        return x[top] + Log1P(rest);
    }

    /// <summary>
    /// x log(x / mean) + mean - x, half the unit deviance of the Poisson distribution: the stable core of the Poisson,
    /// binomial, gamma and beta densities (C. Loader, Fast and accurate computation of binomial probabilities, 2000).
    /// </summary>
    public static double HalfDeviance(double x, double mean)
    {
        if (x == 0)
        {
            return mean;
        }

        double difference = x - mean;
        double v = difference / (x + mean);
        if (!(Math.Abs(v) < 0.1))
        {
            return (x * Math.Log(x / mean)) - difference;
        }

        // x log(x/mean) = 2 x atanh(v); the first term of its series joins the difference without cancellation.
        double sum = 0;
        double power = v * v;
        for (int j = 3; j <= 19; j += 2)
        {
            sum += power / j;
            power *= v * v;
        }

        return (difference * v) + (2 * x * v * sum);
    }

    private static int IndexOfLargest(ReadOnlySpan<double> x)
    {
        int top = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i]))
            {
                return i;
            }

            top = top < 0 || x[i] > x[top] ? i : top;
        }

        return top;
    }
}
