namespace EntropyElbo.Numerics;

/// <summary>Exact draws from distributions that need rejection; every random number comes from the given stream.</summary>
internal static class RandomVariates
{
    /// <summary>Means below this are drawn by sequential inversion, others by transformed rejection.</summary>
    private const double SmallMean = 10;

    /// <summary>A uniform number in (0, 1].</summary>
    public static double PositiveUniform(RandomStream random) => 1 - random.NextUniform();

    /// <summary>
    /// log of a Gamma(shape, rate 1) variable (G. Marsaglia and W. W. Tsang, A simple method for generating gamma
    /// variables, 2000; shapes below 1 by their boost). In logarithms because tiny shapes give numbers below any double.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The shape is no finite number of at least 0: the rejection would never end.
    /// </exception>
    public static double LogGamma(RandomStream random, double shape)
    {
        RequireSampleable(shape >= 0 && double.IsFinite(shape), shape, nameof(shape));
        if (shape < 1)
        {
            return LogGamma(random, shape + 1) + (Math.Log(PositiveUniform(random)) / shape);
        }

        double d = shape - (1.0 / 3);
        double c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double gaussian = random.NextGaussian();
            double root = 1 + (c * gaussian);
            if (root <= 0)
            {
                continue;
            }

            double v = root * root * root;
            // v - 1 - log v without cancellation, which at huge shapes would lose every digit.
            if (Math.Log(PositiveUniform(random)) <= (0.5 * gaussian * gaussian) - (d * SpecialFunctions.HalfDeviance(1, v)))
            {
                return Math.Log(d) + (3 * SpecialFunctions.Log1P(c * gaussian));
            }
        }
    }

    /// <summary>A Poisson variable: inversion, or W. Hoermann's PTRS (The transformed rejection method, 1993).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is no finite number: the rejection would never end.</exception>
    public static double Poisson(RandomStream random, double logRate)
    {
        double rate = Math.Exp(logRate);
        RequireSampleable(double.IsFinite(rate), logRate, nameof(logRate));
        if (rate < SmallMean)
        {
            return Invert(random, Math.Exp(-rate), k => rate / k, int.MaxValue);
        }

        double b = 0.931 + (2.53 * Math.Sqrt(rate));
        double a = -0.059 + (0.02483 * b);
        double inverseAlpha = 1.1239 + (1.1328 / (b - 3.4));
        double squeeze = 0.9277 - (3.6224 / (b - 2));
        while (true)
        {
            double u = random.NextUniform() - 0.5;
            double v = PositiveUniform(random);
            double edge = 0.5 - Math.Abs(u);
            double count = Math.Floor((((2 * a / edge) + b) * u) + rate + 0.43);
            if (edge >= 0.07 && v <= squeeze)
            {
                return count;
            }

            // At the very edge the count is infinite or not a number, and is refused.
            if (count >= 0 && double.IsFinite(count)
                && Math.Log(v * inverseAlpha / ((a / (edge * edge)) + b)) <= DiscreteProbability.LogPoisson(count, logRate))
            {
                return count;
            }
        }
    }

    /// <summary>A binomial variable: inversion, or Hoermann's BTRS (The generation of binomial random variates, 1993).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The logit is not a number: the rejection would never end.</exception>
    public static double Binomial(RandomStream random, int trials, double logit)
    {
        RequireSampleable(!double.IsNaN(logit), logit, nameof(logit));
        if (logit > 0)
        {
            return trials - Binomial(random, trials, -logit);
        }

        double p = SpecialFunctions.Logistic(logit);
        if (trials * p < SmallMean)
        {
            double odds = Math.Exp(logit);
            double none = Math.Exp(-trials * SpecialFunctions.Softplus(logit));
            return Invert(random, none, k => odds * (trials - k + 1) / k, trials);
        }

        double deviation = Math.Sqrt(trials * p * (1 - p));
        double b = 1.15 + (2.53 * deviation);
        double a = -0.0873 + (0.0248 * b) + (0.01 * p);
        double alpha = (2.83 + (5.1 / b)) * deviation;
        double squeeze = 0.92 - (4.2 / b);
        double atMode = DiscreteProbability.LogBinomial(Math.Floor((trials + 1) * p), trials, logit);
        while (true)
        {
            double u = random.NextUniform() - 0.5;
            double v = PositiveUniform(random);
            double edge = 0.5 - Math.Abs(u);
            double count = Math.Floor((((2 * a / edge) + b) * u) + (trials * p) + 0.5);
            if (!(count >= 0 && count <= trials))
            {
                continue;
            }

            if ((edge >= 0.07 && v <= squeeze)
                || Math.Log(v * alpha / ((a / (edge * edge)) + b)) <= DiscreteProbability.LogBinomial(count, trials, logit) - atMode)
            {
                return count;
            }
        }
    }

    private static void RequireSampleable(bool holds, double value, string name)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, "There are no draws from a distribution with this parameter.");
        }
    }

    /// <summary>Sequential search through a distribution on 0, 1, .. given P(0) and the ratios P(k) / P(k-1).</summary>
    private static double Invert(RandomStream random, double first, Func<int, double> ratio, int last)
    {
        double uniform = random.NextUniform();
        double probability = first;
        int count = 0;
        while (uniform >= probability && count < last)
        {
            uniform -= probability;
            count++;
            probability *= ratio(count);
            if (probability == 0)
            {
                // Only rounding in the summed probabilities leads here.
                return count - 1;
            }
        }

        return count;
    }
}
