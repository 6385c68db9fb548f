namespace EntropyElbo.Numerics;

/// <summary>
/// Logarithms of Poisson and binomial probabilities that stay accurate for large counts, where the textbook sums cancel
/// (C. Loader, Fast and accurate computation of binomial probabilities, 2000). In nats.
/// </summary>
internal static class DiscreteProbability
{
    /// <summary>Beyond this size of the natural parameter the probability may underflow, and the textbook sum does not cancel.</summary>
    private const double Tail = 30;

    /// <summary>log of lambda^count exp(-lambda) / count! with lambda = exp(<paramref name="logRate"/>).</summary>
    public static double LogPoisson(double count, double logRate)
    {
        double rate = Math.Exp(logRate);
        if (count == 0)
        {
            return -rate;
        }

        return logRate < -Tail
            ? (count * logRate) - rate - SpecialFunctions.LogGamma(count + 1)
            : -SpecialFunctions.StirlingRemainder(count) - SpecialFunctions.HalfDeviance(count, rate)
                - ((SpecialFunctions.LogTwoPi + Math.Log(count)) / 2);
    }

    /// <summary>log of (trials choose count) p^count (1-p)^(trials-count), with p = logistic(<paramref name="logit"/>).</summary>
    public static double LogBinomial(double count, double trials, double logit)
    {
        double failures = trials - count;
        if (count == 0 || failures == 0)
        {
            return -trials * SpecialFunctions.Softplus(count == 0 ? logit : -logit);
        }

        if (Math.Abs(logit) > Tail)
        {
            return SpecialFunctions.LogBinomial(trials, count) - (count * SpecialFunctions.Softplus(-logit))
                - (failures * SpecialFunctions.Softplus(logit));
        }

        double remainders = SpecialFunctions.StirlingRemainder(trials) - SpecialFunctions.StirlingRemainder(count)
            - SpecialFunctions.StirlingRemainder(failures);
        return remainders
            - SpecialFunctions.HalfDeviance(count, trials * SpecialFunctions.Logistic(logit))
            - SpecialFunctions.HalfDeviance(failures, trials * SpecialFunctions.Logistic(-logit))
            - ((SpecialFunctions.LogTwoPi + Math.Log(count) + Math.Log(failures / trials)) / 2);
    }
}
