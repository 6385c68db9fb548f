using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

[TestClass]
public sealed class MixtureTrainingTests
{
    /// <summary>LW's boundary case: scalar Gaussians on rows of one Gaussian, all weights but one driven to 0.</summary>
    [TestMethod]
    public void WeightsDrivenToOneComponent_EndAtTheEntropyOfOneGaussian()
    {
        double[] values = LinearTestData.Gaussian(3, 2000, 1.7);
        double mean = values.Average();
        double variance = values.Average(v => (v - mean) * (v - mean));
        double[] weights = [0.4, 0.3, 0.3];
        foreach (string family in new[] { "gaussian-full", "gaussian-tied", "gaussian-diagonal", "gaussian-spherical" })
        {
            double[] parameters = family switch
            {
                "gaussian-full" => [0, 2e3, -3e3, 1, 1, 1],
                "gaussian-tied" => [0, 2e3, -3e3, 1],
                _ => [0, 1, 2e3, 1, -3e3, 1],
            };
            FitResult result = MixtureTestData.Fit(
                new InMemoryRows(values, 1),
                new MixtureOptions { Family = family, Components = 3, From = MixtureTestData.Model(family, weights, 1, parameters) });
            MixtureModel model = MixtureTestData.Mixture(result);
            TrainingRecord training = model.Training;
            double expected = -0.5 * Math.Log(2 * Math.PI * Math.E * variance);
            Assert.AreEqual(expected, training.Report!.Summary.Elbo, 1e-12);
            Assert.AreEqual(expected, training.Report.Summary.EntropySum, 1e-12);
            CollectionAssert.AreEqual(new[] { 1.0, 0, 0 }, model.Weights.ToArray());
            Assert.AreEqual(2000, training.Report.Summary.Rows);
            CollectionAssert.AreEqual(new[] { 1, 2 }, training.Report.Latents.Where(l => l.CollapsedByKl && l.CollapsedByEntropy && l.CollapsedByActivity && l.Index > 0).Select(l => l.Index).ToArray());
            Assert.IsTrue(training.Warnings.Any(w => w.Contains("components 2, 3: dead", StringComparison.Ordinal)), string.Join(' ', training.Warnings));
            Assert.IsTrue(training.Converged);
            Assert.AreEqual(2, result.History[^1].Collapsed);
        }
    }

    [TestMethod]
    [DataRow("gaussian-full")]
    [DataRow("gaussian-tied")]
    [DataRow("gaussian-spherical")]
    [DataRow("gaussian-diagonal")]
    [DataRow("gamma")]
    [DataRow("beta")]
    [DataRow("exponential")]
    [DataRow("poisson")]
    [DataRow("binomial:3")]
    [DataRow("categorical")]
    public void EqualRows_AreHandled_AndSaid(string family)
    {
        double value = family == "beta" ? 0.3 : 2;
        FitResult result = MixtureTestData.Fit(
            new InMemoryRows(LinearTestData.Filled(60, value), 3), new MixtureOptions { Family = family, Components = 4 });
        TrainingRecord training = result.Model.Training;
        Assert.IsTrue(double.IsFinite(training.Report!.Summary.Elbo));
        Assert.AreEqual(StopReason.Stationary, training.StopReason);
        Assert.AreEqual(3, training.ConstantColumns.Count);
        bool bounded = family.StartsWith("gaussian", StringComparison.Ordinal) || family is "gamma" or "beta";
        Assert.AreEqual(bounded, training.Warnings.Any(w => w.Contains("without end", StringComparison.Ordinal)), string.Join(' ', training.Warnings));
        double[] mean = MixtureTestData.Mixture(result).ComponentMean(0);
        Assert.AreEqual(value, mean[1], 1e-6);
    }

    [TestMethod]
    public void SingularCovariances_GetTheFloor()
    {
        double[] values = new double[200 * 3];
        double[] noise = LinearTestData.Gaussian(1, 400);
        for (int i = 0; i < 200; i++)
        {
            values[3 * i] = noise[2 * i] + (i % 2 * 20);
            values[(3 * i) + 1] = noise[(2 * i) + 1];
            values[(3 * i) + 2] = values[3 * i] - values[(3 * i) + 1];
        }

        foreach (string family in new[] { "gaussian-full", "gaussian-tied" })
        {
            FitResult result = MixtureTestData.Fit(
                new InMemoryRows(values, 3),
                new MixtureOptions { Family = family, Components = 2, VarianceFloor = 1e-4, Scaling = ScalingKind.None });
            TrainingRecord training = result.Model.Training;
            Assert.IsTrue(training.Warnings.Any(w => w.Contains("floor", StringComparison.Ordinal)), string.Join(' ', training.Warnings));
            double last = double.NegativeInfinity;
            foreach (FitProgress progress in result.History)
            {
                Assert.IsGreaterThanOrEqualTo(last - 1e-9, progress.Elbo);
                last = progress.Elbo;
            }

            // The variance along (1, -1, -1), which is 0 in the rows, is raised to the floor of its columns, no more.
            double[] covariance = MixtureTestData.Mixture(result).StandardParameters(0).Slice(6, 9).ToArray();
            double along = Enumerable.Range(0, 9).Sum(i => covariance[i] * (i / 3 == 0 ? 1 : -1) * (i % 3 == 0 ? 1 : -1));
            double[] means = [.. Enumerable.Range(0, 3).Select(d => Enumerable.Range(0, 200).Average(n => values[(3 * n) + d]))];
            double floor = Enumerable.Range(0, 3).Sum(d => 1e-4 * Enumerable.Range(0, 200).Average(n => Math.Pow(values[(3 * n) + d] - means[d], 2)));
            Assert.IsGreaterThan(0.1 * floor, along);
            Assert.IsLessThan(1.01 * floor, along);
        }
    }

    [TestMethod]
    public void AWeightOfTwo_IsARowTwice()
    {
        double[] values = MixtureTestData.Rows(MixtureTestData.Mixed, 300).ReadAll().Values;
        int columns = MixtureTestData.Columns(MixtureTestData.Mixed);
        double[] weights = [.. Enumerable.Range(0, 300).Select(n => n % 3 == 0 ? 2.0 : n % 3 == 1 ? 1 : 0)];
        double[] repeated =
            [.. Enumerable.Range(0, 300).SelectMany(n => Enumerable.Repeat(values.AsSpan(n * columns, columns).ToArray(), (int)weights[n])).SelectMany(r => r)];
        MixtureOptions options = new()
        {
            Family = MixtureTestData.Mixed,
            Components = 3,
            From = MixtureTestData.Random(MixtureTestData.Mixed, 3, 1),
            Iterations = 4,
            StationarityTolerance = 0,
        };
        FitResult weighted = MixtureTestData.Fit(new InMemoryRows(values, columns), options with { RowWeights = weights });
        FitResult plain = MixtureTestData.Fit(new InMemoryRows(repeated, columns), options);
        MixtureModel a = MixtureTestData.Mixture(weighted);
        MixtureModel b = MixtureTestData.Mixture(plain);
        for (int g = 0; g < a.Ranges.Count; g++)
        {
            double[] expected = b.StandardParameters(g).ToArray();
            double[] actual = a.StandardParameters(g).ToArray();
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.AreEqual(expected[i], actual[i], 1e-7 * (1 + Math.Abs(expected[i])), a.Ranges[g].Family);
            }
        }

        ElboReport report = a.Report.Summary;
        Assert.AreEqual(b.Report.Summary.Elbo, report.Elbo, 1e-8 * Math.Abs(report.Elbo));
        Assert.AreEqual(300, report.Rows);
        for (int i = 0; i < 4; i++)
        {
            Assert.AreEqual(plain.History[i].Elbo, weighted.History[i].Elbo, 1e-8 * Math.Abs(report.Elbo));
        }
    }

    [TestMethod]
    public void OnlineEm_ComesNearEmOverAllRows()
    {
        IRowSource rows = MixtureTestData.Rows("gaussian-diagonal", 4000);
        MixtureOptions options = new() { Family = "gaussian-diagonal", Components = 3 };
        double full = MixtureTestData.Fit(rows, options).Model.Report.Summary.Elbo;
        FitResult online = MixtureTestData.Fit(rows, options with { BatchSize = 128, Iterations = 20, StationarityTolerance = 1e-4 });
        Assert.AreEqual(full, online.Model.Report.Summary.Elbo, 0.01);
        Assert.AreEqual(online.History.Count * 32L, online.Model.Training.Steps);
        foreach (FitProgress progress in online.History)
        {
            Assert.AreEqual(progress.EntropySum - progress.PriorResidual - progress.NoiseResidual, progress.Elbo, 1e-9 * Math.Abs(progress.Elbo));
        }
    }

    [TestMethod]
    public void StreamedRows_GiveTheBitsOfRowsInMemory()
    {
        IRowSource rows = MixtureTestData.Rows(MixtureTestData.Mixed, 5000);
        MixtureOptions options = new() { Family = MixtureTestData.Mixed, Components = 3, Iterations = 3 };
        byte[] memory = ModelFile.ToBytes(MixtureTestData.Fit(rows, options, new FitContext { Threads = 3 }).Model.ToRecord());
        byte[] streamed = ModelFile.ToBytes(
            MixtureTestData.Fit(rows, options, new FitContext { Caching = RowCaching.Stream, Threads = 2 }).Model.ToRecord());
        CollectionAssert.AreEqual(memory, streamed);
        FitResult online = MixtureTestData.Fit(rows, options with { BatchSize = 700 }, new FitContext { Caching = RowCaching.Stream });
        Assert.IsTrue(double.IsFinite(online.Model.Report.Summary.Elbo));
    }

    [TestMethod]
    [DataRow(null, 1)]
    [DataRow(90, 1)]
    [DataRow(null, 3)]
    public void AResumedFit_EndsWithTheSameBits(int? batch, int restarts)
    {
        IRowSource rows = MixtureTestData.Rows(MixtureTestData.Mixed, 400);
        MixtureOptions options = new() { Family = MixtureTestData.Mixed, Components = 4, Iterations = 12, StationarityTolerance = 0, BatchSize = batch, Restarts = restarts };
        byte[] whole = ModelFile.ToBytes(MixtureTestData.Fit(rows, options).Model.ToRecord());
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.eelbo");
        try
        {
            using CancellationTokenSource source = new();
            CountdownProgress progress = new(5, source);
            FitResult first = MixtureTestData.Fit(
                rows, options, new FitContext { CheckpointPath = path, CancellationToken = source.Token, Progress = progress });
            Assert.AreEqual(StopReason.Cancelled, first.Model.Training.StopReason);
            Assert.IsFalse(first.Model.Training.Converged);
            Assert.IsTrue(double.IsFinite(first.Model.Report.Summary.Elbo));
            FitResult second = MixtureTestData.Fit(rows, options, new FitContext { CheckpointPath = path, Resume = true });
            CollectionAssert.AreEqual(whole, ModelFile.ToBytes(second.Model.ToRecord()));
            Assert.HasCount(12, second.History);
            Assert.ThrowsExactly<ModelFileException>(() => MixtureTestData.Fit(
                rows, options with { Seed = 9 }, new FitContext { CheckpointPath = path, Resume = true }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void SeparatedGroups_AreFound_AtLargeOffsets()
    {
        double[] values = LinearTestData.Gaussian(5, 3000 * 3);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += 1e6 + (40 * (i / 3 % 5));
        }

        foreach (string family in new[] { "gaussian-full", "gaussian-diagonal", "gaussian-tied", "gaussian-spherical" })
        {
            FitResult result = MixtureTestData.Fit(new InMemoryRows(values, 3), new MixtureOptions { Family = family, Components = 5, Restarts = 5 });
            MixtureModel model = MixtureTestData.Mixture(result);
            double[] means = [.. Enumerable.Range(0, 5).Select(k => model.ComponentMean(k)[0]).Order()];
            for (int k = 0; k < 5; k++)
            {
                Assert.AreEqual(1e6 + (40 * k), means[k], 0.2, family);
                Assert.AreEqual(0.2, model.Weights[k], 1e-9);
            }

            Assert.IsTrue(result.Model.Training.Converged);
        }
    }

    private sealed class CountdownProgress(int count, CancellationTokenSource source) : IProgress<FitProgress>
    {
        private int _left = count;

        public void Report(FitProgress value)
        {
            if (--_left == 0)
            {
                source.Cancel();
            }
        }
    }
}
