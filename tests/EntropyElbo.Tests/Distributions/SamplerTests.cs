using EntropyElbo.Distributions;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MathNetFunctions = MathNet.Numerics.SpecialFunctions;

namespace EntropyElbo.Tests.Distributions;

/// <summary>Whole distributions of samples, not only their moments, against distribution functions of MathNet.Numerics.</summary>
[TestClass]
public sealed class SamplerTests
{
    private const int Draws = 100_000;

    [TestMethod]
    [DataRow(0.05, 1)]
    [DataRow(0.7, 3)]
    [DataRow(1, 1)]
    [DataRow(4.5, 0.2)]
    [DataRow(300, 10)]
    public void GammaSamplesFollowTheDistribution(double shape, double rate) =>
        AssertKolmogorov(new Gamma(), [shape, rate], x => GammaCdf(shape, rate * x));

    [TestMethod]
    [DataRow(0.05, 0.6)]
    [DataRow(0.7, 3)]
    [DataRow(1, 1)]
    [DataRow(80, 20)]
    public void BetaSamplesFollowTheDistribution(double a, double b) =>
        AssertKolmogorov(new Beta(), [a, b], x => MathNetFunctions.BetaRegularized(a, b, x));

    [TestMethod]
    public void LaplaceSamplesFollowTheDistribution() =>
        AssertKolmogorov(new Laplace(1), [3], x => x < 0 ? Math.Exp(x / 3) / 2 : 1 - (Math.Exp(-x / 3) / 2));

    [TestMethod]
    public void ExponentialSamplesFollowTheDistribution() =>
        AssertKolmogorov(new Exponential(), [0.4], x => 1 - Math.Exp(-0.4 * x));

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(9.9)]
    [DataRow(10.1)]
    [DataRow(35)]
    [DataRow(2000)]
    public void PoissonSamplesFollowTheDistribution(double rate) =>
        AssertChiSquare(new Poisson(), [rate], MathNet.Numerics.Distributions.Poisson.CDF, rate, rate, Math.Sqrt(rate));

    [TestMethod]
    [DataRow(8, 0.3)]
    [DataRow(8, 0.9)]
    [DataRow(40, 0.26)]
    [DataRow(40, 0.5)]
    [DataRow(1000, 0.005)]
    [DataRow(1000, 0.985)]
    [DataRow(5000, 0.4)]
    public void BinomialSamplesFollowTheDistribution(int trials, double p) => AssertChiSquare(
        new Binomial(trials), [p], (q, x) => MathNet.Numerics.Distributions.Binomial.CDF(q, trials, x), p, trials * p, Math.Sqrt(trials * p * (1 - p)));

    [TestMethod]
    public void ExtremeParametersGiveFiniteSamplesInTheSupport()
    {
        (ExponentialFamily Family, double[] Standard)[] cases =
        [
            (new Gamma(), [1e-6, 1]), (new Gamma(), [1e15, 1e-3]), (new Gamma(), [1, 1e300]), (new Beta(), [1e-6, 1e-6]),
            (new Beta(), [1e12, 1e-3]), (new Poisson(), [1e12]), (new Poisson(), [1e-300]), (new Binomial(int.MaxValue), [0.3]),
            (new Binomial(int.MaxValue), [1e-9]), (new Exponential(), [1e-300]), (new Laplace(1), [1e300]),
        ];
        foreach ((ExponentialFamily family, double[] standard) in cases)
        {
            double[] x = new double[1];
            foreach (double value in Sample(family, standard, 2000))
            {
                x[0] = value;
                Assert.IsNull(family.SupportViolation(x), $"{family.Name} ({string.Join(' ', standard)}) gave {value}");
            }
        }
    }

    [TestMethod]
    public void HugeParametersKeepMeanAndVariance()
    {
        (ExponentialFamily Family, double[] Standard, double Mean, double Variance)[] cases =
        [
            (new Poisson(), [1e12], 1e12, 1e12), (new Gamma(), [1e15, 1], 1e15, 1e15),
            (new Binomial(2_000_000_000), [0.25], 5e8, 3.75e8), (new Beta(), [1e9, 3e9], 0.25, 0.1875 / 4e9),
        ];
        foreach ((ExponentialFamily family, double[] standard, double mean, double variance) in cases)
        {
            double[] scaled = Sample(family, standard, Draws).Select(x => (x - mean) / Math.Sqrt(variance)).ToArray();
            Assert.AreEqual(0, scaled.Average(), 5 / Math.Sqrt(Draws), family.Name);
            Assert.AreEqual(1, scaled.Average(z => z * z), 5 * Math.Sqrt(2.0 / Draws), family.Name);
        }
    }

    /// <summary>MathNet's function, which is 0 below 1e-15, replaced by its power series for small x (error x^3).</summary>
    private static double GammaCdf(double shape, double x) => x < 1e-3
        ? Math.Pow(x, shape) * ((1 / shape) - (x / (shape + 1)) + (x * x / (2 * (shape + 2)))) / MathNetFunctions.Gamma(shape)
        : MathNetFunctions.GammaLowerRegularized(shape, x);

    private static double[] Sample(ExponentialFamily family, double[] standard, int count)
    {
        double[] natural = new double[family.NaturalDimension];
        family.ToNatural(standard, natural);
        RandomStream random = new(77, RandomPurpose.Sampling);
        double[] x = new double[1];
        double[] samples = new double[count];
        for (int i = 0; i < count; i++)
        {
            family.Sample(natural, random, x);
            samples[i] = x[0];
        }

        return samples;
    }

    /// <summary>Kolmogorov's distance below its 1e-6 quantile, 2.69 / sqrt(n).</summary>
    private static void AssertKolmogorov(ExponentialFamily family, double[] standard, Func<double, double> distribution)
    {
        double[] samples = Sample(family, standard, Draws);
        Array.Sort(samples);
        double distance = samples.Select((x, i) => distribution(x) is var f ? Math.Max(f - ((double)i / Draws), ((i + 1.0) / Draws) - f) : 0).Max();
        Assert.IsLessThan(2.69 / Math.Sqrt(Draws), distance);
    }

    /// <summary>Pearson's statistic over cells of at least 20 expected draws, below its mean plus 5 deviations.</summary>
    private static void AssertChiSquare(
        ExponentialFamily family, double[] standard, Func<double, double, double> distribution, double parameter, double mean, double deviation)
    {
        double[] samples = Sample(family, standard, Draws);
        Array.Sort(samples);
        double width = Math.Max(1, Math.Floor(deviation / 8));
        double statistic = 0;
        int cells = 0;
        int from = 0;
        double below = 0;
        for (double edge = Math.Max(0, Math.Floor(mean - (5 * deviation))); ; edge += width)
        {
            bool last = edge > mean + (5 * deviation);
            double upTo = last ? 1 : distribution(parameter, edge);
            double expected = (upTo - below) * Draws;
            if (!last && (expected < 20 || (1 - upTo) * Draws < 20))
            {
                continue;
            }

            int to = last ? Draws : Array.FindIndex(samples, from, x => x > edge) is var i && i < 0 ? Draws : i;
            statistic += (to - from - expected) * (to - from - expected) / expected;
            cells++;
            if (last)
            {
                break;
            }

            (from, below) = (to, upTo);
        }

        Assert.IsGreaterThan(2, cells, "Too few cells to say anything.");
        Assert.IsLessThan(cells - 1 + (5 * Math.Sqrt(2.0 * (cells - 1))) + 5, statistic, $"{cells} cells");
    }
}
