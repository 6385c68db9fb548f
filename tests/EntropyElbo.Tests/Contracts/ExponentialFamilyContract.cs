using EntropyElbo.Distributions;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Reference;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Contracts;

/// <summary>
/// What every exponential family must satisfy. A family supplies instances, parameters away from the boundary, values
/// outside its support, parameters outside their range and the total of a function over its support.
/// </summary>
public abstract class ExponentialFamilyContract
{
    private const int Draws = 100_000;

    /// <summary>An instance and standard parameters of moderate size.</summary>
    protected sealed record Case(ExponentialFamily Family, double[] Standard)
    {
        public double[] Natural
        {
            get
            {
                double[] natural = new double[Family.NaturalDimension];
                Family.ToNatural(Standard, natural);
                return natural;
            }
        }
    }

    protected abstract IReadOnlyList<Case> Cases { get; }

    /// <summary>Observations outside the support, with a word of the message each.</summary>
    protected abstract IReadOnlyList<(double[] X, string Word)> OutsideSupport { get; }

    /// <summary>Standard parameters outside their range, with a word of the message each; for the first case's family.</summary>
    protected abstract IReadOnlyList<(double[] Standard, string Word)> BadStandard { get; }

    /// <summary>Natural parameters outside the natural parameter space; for the first case's family.</summary>
    protected abstract IReadOnlyList<double[]> BadNatural { get; }

    /// <summary>The family that a table row names.</summary>
    protected abstract ExponentialFamily Create(string name);

    /// <summary>The first part of the names of table rows.</summary>
    protected abstract string TableName { get; }

    /// <summary>Sum or integral of f over the support of a case.</summary>
    protected abstract double Total(Case instance, Func<double[], double> f);

    protected static double[] Mean(ExponentialFamily family, double[] natural)
    {
        double[] mean = new double[family.NaturalDimension];
        family.MeanParameters(natural, mean);
        return mean;
    }

    [TestMethod]
    [DataRow("natural")]
    [DataRow("standard")]
    [DataRow("logPartition")]
    [DataRow("mean")]
    [DataRow("entropy")]
    [DataRow("logDensity")]
    [DataRow("logBaseMeasure")]
    public void MatchesTheHighPrecisionTable(string quantity)
    {
        List<string> failures = [];
        int compared = 0;
        foreach (string[] cells in ReferenceTable.Read("distributions.csv").Where(c => c[0].Split(':')[0] == TableName && c[1] == quantity))
        {
            double[] actual = Evaluate(Create(cells[0]), quantity, ReferenceTable.Numbers(cells[2]), ReferenceTable.Numbers(cells[3]));
            double[] expected = ReferenceTable.Numbers(cells[4]);
            double[] scale = ReferenceTable.Numbers(cells[5]);
            Assert.HasCount(expected.Length, actual);
            for (int i = 0; i < expected.Length; i++, compared++)
            {
                if (ReferenceTable.Mismatch(expected[i], actual[i], scale[i]) is { } mismatch)
                {
                    failures.Add($"{cells[0]} ({cells[2]}) at ({cells[3]}) [{i}]: {mismatch}");
                }
            }
        }

        ReferenceTable.AssertNone(failures, compared);
    }

    [TestMethod]
    public void StandardParametersSurviveTheRoundTrip()
    {
        foreach (Case c in Cases)
        {
            double[] back = new double[c.Family.StandardDimension];
            c.Family.ToStandard(c.Natural, back);
            AssertClose(c.Standard, back, 1e-13);
        }
    }

    [TestMethod]
    public void MeanParametersAreTheGradientOfTheLogPartition()
    {
        foreach (Case c in Cases)
        {
            double[] natural = c.Natural;
            double[] gradient = new double[natural.Length];
            for (int i = 0; i < natural.Length; i++)
            {
                gradient[i] = Slope(natural, i, 1, (at, result) => result[0] = c.Family.LogPartition(at))[0];
            }

            AssertClose(gradient, Mean(c.Family, natural), 1e-7);
        }
    }

    [TestMethod]
    public void JacobianMatchesDifferencesOfTheNaturalParameters()
    {
        foreach (Case c in Cases)
        {
            int rows = c.Family.NaturalDimension;
            int columns = c.Family.StandardDimension;
            double[] jacobian = new double[rows * columns];
            jacobian.AsSpan().Fill(double.NaN);
            c.Family.NaturalJacobian(c.Standard, jacobian);
            for (int j = 0; j < columns; j++)
            {
                double[] slope = Slope(c.Standard, j, rows, (at, result) => c.Family.ToNatural(at, result));
                AssertClose(slope, Enumerable.Range(0, rows).Select(i => jacobian[(i * columns) + j]).ToArray(), 1e-7);
            }
        }
    }

    [TestMethod]
    public void EntropyIsTheLegendreTransformOfTheLogPartition()
    {
        foreach (Case c in Cases)
        {
            double[] natural = c.Natural;
            double transform = c.Family.LogPartition(natural)
                - natural.Zip(Mean(c.Family, natural), (eta, mean) => eta * mean).Sum();
            Assert.AreEqual(transform, c.Family.Entropy(natural), 1e-11 * Math.Max(1, Math.Abs(transform)));
        }
    }

    [TestMethod]
    public void DensityTotalsOneAndEntropyAndMeansAreItsExpectations()
    {
        foreach (Case c in Cases.Where(c => c.Family.Dimension <= 2))
        {
            double[] natural = c.Natural;
            double[] mean = new double[natural.Length];
            double Expectation(Func<double[], double> f) =>
                Total(c, x => Math.Exp(c.Family.LogDensity(x, natural)) is var p && p > 0 ? p * f(x) : 0);
            Assert.AreEqual(1, Expectation(_ => 1), 1e-9, c.Family.Name);
            Assert.AreEqual(
                Expectation(x => c.Family.LogBaseMeasure(x) - c.Family.LogDensity(x, natural)), c.Family.Entropy(natural), 1e-8, c.Family.Name);
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] = Expectation(x => Statistics(c.Family, x)[i]);
            }

            AssertClose(mean, Mean(c.Family, natural), 1e-8);
        }
    }

    [TestMethod]
    public void DensityIsTheExponentialFamilyForm()
    {
        foreach (Case c in Cases)
        {
            double[] natural = c.Natural;
            double[] x = new double[c.Family.Dimension];
            RandomStream random = new(3, RandomPurpose.Sampling);
            for (int n = 0; n < 100; n++)
            {
                c.Family.Sample(natural, random, x);
                double form = c.Family.LogBaseMeasure(x) - c.Family.LogPartition(natural)
                    + natural.Zip(Statistics(c.Family, x), (eta, t) => eta * t).Sum();
                Assert.AreEqual(form, c.Family.LogDensity(x, natural), 1e-10 * Math.Max(1, Math.Abs(form)), c.Family.Name);
            }

            Assert.AreEqual(c.Family.HasConstantBaseMeasure, c.Family.LogBaseMeasure(x) == 0 && TableName is not ("poisson" or "binomial"));
        }
    }

    [TestMethod]
    public void SamplesLieInTheSupportAndHaveTheMeanParameters()
    {
        foreach (Case c in Cases)
        {
            double[] natural = c.Natural;
            int length = natural.Length;
            double[] sum = new double[length];
            double[] squares = new double[length];
            double[] mean = Mean(c.Family, natural);
            double[] x = new double[c.Family.Dimension];
            RandomStream random = new(11, RandomPurpose.Sampling);
            for (int n = 0; n < Draws; n++)
            {
                c.Family.Sample(natural, random, x);
                Assert.IsNull(c.Family.SupportViolation(x));
                double[] statistics = Statistics(c.Family, x);
                for (int i = 0; i < length; i++)
                {
                    sum[i] += statistics[i] - mean[i];
                    squares[i] += (statistics[i] - mean[i]) * (statistics[i] - mean[i]);
                }
            }

            for (int i = 0; i < length; i++)
            {
                double standardError = Math.Sqrt(squares[i]) / Draws;
                Assert.IsGreaterThan(0, standardError, "Samples never vary.");
                Assert.IsLessThan(5, Math.Abs(sum[i] / Draws) / standardError, $"{c.Family.Name} ({string.Join(' ', c.Standard)}) [{i}]");
            }
        }
    }

    [TestMethod]
    public void SameSeedSameSamplesOtherSeedOthers()
    {
        foreach (Case c in Cases)
        {
            double[] first = Sequence(c, 21);
            CollectionAssert.AreEqual(first, Sequence(c, 21));
            CollectionAssert.AreNotEqual(first, Sequence(c, 22));
        }
    }

    [TestMethod]
    public void ObservationsOutsideTheSupportAreNamed()
    {
        ExponentialFamily family = Cases[0].Family;
        foreach ((double[] x, string word) in OutsideSupport)
        {
            string? violation = family.SupportViolation(x);
            Assert.IsNotNull(violation, $"{family.Name} accepts {string.Join(' ', x)}");
            Assert.StartsWith("must be ", violation);
            Assert.Contains(word, violation);
        }

        Assert.ThrowsExactly<ArgumentException>(() => family.SupportViolation(new double[family.Dimension + 1]));
    }

    [TestMethod]
    public void ParametersOutsideTheirRangeAreRefused()
    {
        ExponentialFamily family = Cases[0].Family;
        double[] natural = new double[family.NaturalDimension];
        double[] standard = new double[family.StandardDimension];
        foreach ((double[] bad, string word) in BadStandard)
        {
            string message = Assert.ThrowsExactly<ArgumentException>(() => family.ToNatural(bad, natural)).Message;
            Assert.Contains(word, message);
            Assert.StartsWith(family.Name, message);
        }

        double[] x = new double[family.Dimension];
        foreach (double[] bad in BadNatural)
        {
            double partition = family.LogPartition(bad);
            Assert.IsTrue(double.IsPositiveInfinity(partition) || double.IsNaN(partition));
            Assert.AreEqual(bad.Any(double.IsNaN), double.IsNaN(partition));
            Assert.ThrowsExactly<ArgumentException>(() => family.ToStandard(bad, standard));
            Assert.ThrowsExactly<ArgumentException>(() => family.MeanParameters(bad, natural));
            Assert.ThrowsExactly<ArgumentException>(() => family.Entropy(bad));
            Assert.ThrowsExactly<ArgumentException>(() => family.Sample(bad, new RandomStream(1, RandomPurpose.Sampling), x));
        }

        Assert.ThrowsExactly<ArgumentException>(() => family.ToNatural(new double[family.StandardDimension + 1], natural));
        Assert.ThrowsExactly<ArgumentException>(() => family.ToStandard(new double[family.NaturalDimension + 1], standard));
        Assert.ThrowsExactly<ArgumentNullException>(() => family.Sample(Cases[0].Natural, null!, x));
    }

    private static double[] Statistics(ExponentialFamily family, double[] x)
    {
        double[] statistics = new double[family.NaturalDimension];
        family.SufficientStatistics(x, statistics);
        return statistics;
    }

    private static double[] Evaluate(ExponentialFamily family, string quantity, double[] parameters, double[] x)
    {
        double[] result;
        switch (quantity)
        {
            case "natural":
                family.ToNatural(parameters, result = new double[family.NaturalDimension]);
                return result;
            case "standard":
                family.ToStandard(parameters, result = new double[family.StandardDimension]);
                return result;
            case "mean":
                return Mean(family, parameters);
            case "logPartition":
                return [family.LogPartition(parameters)];
            case "entropy":
                return [family.Entropy(parameters)];
            case "logDensity":
                return [family.LogDensity(x, parameters)];
            default:
                Assert.AreEqual("logBaseMeasure", quantity);
                return [family.LogBaseMeasure(x)];
        }
    }

    /// <summary>Central differences of a vector function, extrapolated once (Richardson), along coordinate i.</summary>
    private static double[] Slope(double[] at, int i, int length, Action<double[], double[]> function)
    {
        double step = 1e-4 * Math.Min(1, Math.Max(1e-2, Math.Abs(at[i])));
        double[] Difference(double h)
        {
            double[] up = new double[length];
            double[] down = new double[length];
            double[] moved = (double[])at.Clone();
            moved[i] = at[i] + h;
            function(moved, up);
            double span = moved[i];
            moved[i] = at[i] - h;
            function(moved, down);
            span -= moved[i];
            return up.Zip(down, (u, d) => (u - d) / span).ToArray();
        }

        return Difference(step).Zip(Difference(step / 2), (coarse, fine) => ((4 * fine) - coarse) / 3).ToArray();
    }

    private static void AssertClose(double[] expected, double[] actual, double bar)
    {
        Assert.HasCount(expected.Length, actual);
        double scale = Math.Max(1e-3, expected.Max(Math.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], bar * scale, $"[{i}]");
        }
    }

    private static double[] Sequence(Case c, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Sampling);
        double[] x = new double[c.Family.Dimension];
        double[] natural = c.Natural;
        return Enumerable.Range(0, 400).SelectMany(_ =>
        {
            c.Family.Sample(natural, random, x);
            return (double[])x.Clone();
        }).ToArray();
    }
}
