using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Files;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>Where EM starts.</summary>
[TestClass]
public sealed class MixtureStartTests
{
    /// <summary>Groups 15 deviations apart: the optimum is that of every row with its own group, known in closed form.</summary>
    [TestMethod]
    [DataRow(5)]
    [DataRow(8)]
    public void SeparatedGroups_AreFoundFromEverySeed(int groups)
    {
        (InMemoryRows rows, double optimum) = Groups(groups);
        for (ulong seed = 1; seed <= 8; seed++)
        {
            FitResult fit = MixtureTestData.Fit(
                rows, new MixtureOptions { Family = "gaussian-spherical", Components = groups, Scaling = ScalingKind.None, Seed = seed });
            Assert.AreEqual(optimum, fit.Model.Report.Summary.Elbo, 0.01, $"seed {seed}");
        }
    }

    [TestMethod]
    public void MoreStarts_AreNoWorse_AndDoNotDependOnThreads()
    {
        IRowSource rows = MixtureTestData.Rows("gaussian-diagonal", 400, 3);
        MixtureOptions options = new() { Family = "gaussian-diagonal", Components = 6 };
        double Elbo(int restarts) => MixtureTestData.Fit(rows, options with { Restarts = restarts }).Model.Report.Summary.Elbo;
        double one = Elbo(1);
        double sixteen = Elbo(16);
        Assert.IsGreaterThan(one + 1e-6, sixteen, "the starts must differ for this test to say anything");
        byte[] single = ModelFile.ToBytes(MixtureTestData.Fit(rows, options, new FitContext { Threads = 1 }).Model.ToRecord());
        byte[] three = ModelFile.ToBytes(MixtureTestData.Fit(rows, options, new FitContext { Threads = 3 }).Model.ToRecord());
        CollectionAssert.AreEqual(single, three);
    }

    /// <summary>A value that no sampled row holds must not be impossible in the rows that were not sampled.</summary>
    [TestMethod]
    public void RareCategories_OutsideTheSample_StayPossible()
    {
        double[] values = [.. Enumerable.Range(0, 40_000).Select(n => n == 39_999 ? 7.0 : n % 3)];
        FitResult fit = MixtureTestData.Fit(
            new InMemoryRows(values, 1), new MixtureOptions { Family = "categorical", Components = 1, Iterations = 3 });
        double[] counts = [13_333, 13_333, 13_333, 1];
        double expected = counts.Sum(c => c / 40_000 * Math.Log(c / 40_000));
        Assert.AreEqual(expected, fit.Model.Report.Summary.Elbo, 1e-6);
    }

    private static (InMemoryRows Rows, double Optimum) Groups(int groups)
    {
        const int each = 100;
        RandomStream random = new(9, RandomPurpose.Generation, 5);
        double[] values = new double[groups * each * 2];
        double optimum = 0;
        for (int g = 0; g < groups; g++)
        {
            Span<double> own = values.AsSpan(g * each * 2, each * 2);
            random.FillGaussian(own);
            double squares = 0;
            for (int d = 0; d < 2; d++)
            {
                double mean = 0;
                for (int n = 0; n < each; n++)
                {
                    own[(2 * n) + d] += 15 * (d == 0 ? g % 3 : g / 3);
                    mean += own[(2 * n) + d] / each;
                }

                for (int n = 0; n < each; n++)
                {
                    squares += Math.Pow(own[(2 * n) + d] - mean, 2);
                }
            }

            optimum -= (Math.Log(groups) + Math.Log(2 * Math.PI * Math.E * squares / (2 * each))) / groups;
        }

        return (new InMemoryRows(values, 2), optimum);
    }
}
