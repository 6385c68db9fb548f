using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Families.Mixture.Em;
using EntropyElbo.Families.Mixture.Rows;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

[TestClass]
public sealed class MixtureEmTests
{
    public static IEnumerable<object[]> Families => MixtureTestData.Families.Select(f => new object[] { f });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void AfterEveryMStep_ElboIsTheEntropySum_AndNeverFalls(string family)
    {
        foreach (int kept in new[] { 4, 2 })
        {
            FitResult result = MixtureTestData.Fit(
                MixtureTestData.Rows(family),
                new MixtureOptions { Family = family, Components = 4, KeptComponents = kept, Iterations = 40, StationarityTolerance = 0, Restarts = 1 });
            Assert.HasCount(40, result.History);
            double last = double.NegativeInfinity;
            foreach (FitProgress progress in result.History)
            {
                Assert.AreEqual(progress.Elbo, progress.EntropySum, 1e-9 * Math.Abs(progress.Elbo), $"iteration {progress.Epoch}");
                Assert.IsGreaterThanOrEqualTo(last - (1e-10 * Math.Abs(progress.Elbo)), progress.Elbo, $"iteration {progress.Epoch}");
                last = progress.Elbo;
            }

            Assert.IsGreaterThan(result.History[0].Elbo, last);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void AtConvergence_TheEntropySumIsTheLogLikelihood(string family)
    {
        InMemoryRows rows = MixtureTestData.Rows(family);
        FitResult result = MixtureTestData.Fit(
            rows, new MixtureOptions { Family = family, Components = 2, Iterations = 5000, StationarityTolerance = 1e-9 });
        TrainingRecord training = result.Model.Training;
        Assert.AreEqual(StopReason.Stationary, training.StopReason);
        Assert.IsTrue(training.Converged);
        double[] values = rows.ReadAll().Values;
        double[] likelihoods = new double[values.Length / rows.Columns];
        result.Model.LogLikelihood(values, likelihoods);
        double expected = likelihoods.Average();
        Assert.AreEqual(expected, training.Report!.Summary.Elbo, 1e-10 * Math.Abs(expected));
        Assert.AreEqual(expected, training.Report.Summary.EntropySum, 1e-7 * Math.Abs(expected));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void LogLikelihood_IsThatOfTheDistributions(string family)
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            MixtureModel model = MixtureTestData.Random(family, 3, seed);
            InMemoryRows rows = MixtureTestData.Rows(family, 40, seed);
            double[] values = rows.ReadAll().Values;
            double[] actual = new double[40];
            model.LogLikelihood(values, actual);
            double[] codes = new double[40 * 3];
            model.Encode(values, codes, new double[40 * 3]);
            for (int row = 0; row < 40; row++)
            {
                double[] joint = [.. Enumerable.Range(0, 3).Select(k => MixtureOracle.LogJoint(model, k, values.AsSpan(row * rows.Columns, rows.Columns)))];
                double top = joint.Max();
                double expected = top + Math.Log(joint.Sum(j => Math.Exp(j - top)));
                Assert.AreEqual(expected, actual[row], 1e-11 * Math.Max(1, Math.Abs(expected)), $"row {row}");
                for (int k = 0; k < 3; k++)
                {
                    Assert.AreEqual(Math.Exp(joint[k] - expected), codes[(row * 3) + k], 1e-11);
                }
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void Report_HasTheEntropiesOfTheDistributions(string family)
    {
        MixtureModel model = MixtureTestData.Random(family, 3, 4);
        InMemoryRows rows = MixtureTestData.Rows(family, 300, 4);
        ElboReport report = model.Evaluate(rows).Summary;
        double[] values = rows.ReadAll().Values;
        double[] codes = new double[300 * 3];
        model.Encode(values, codes, new double[300 * 3]);
        double[] shares = [.. Enumerable.Range(0, 3).Select(k => Enumerable.Range(0, 300).Average(n => codes[(n * 3) + k]))];
        Assert.AreEqual(Enumerable.Range(0, 3).Sum(k => shares[k] * MixtureOracle.Entropy(model, k)), report.DecoderEntropy, 1e-10 * Math.Abs(report.DecoderEntropy));
        Assert.AreEqual(codes.Sum(r => r == 0 ? 0 : -r * Math.Log(r)) / 300, report.EncoderEntropy, 1e-12);
        Assert.AreEqual(model.Weights.ToArray().Sum(p => -p * Math.Log(p)), report.PriorEntropy, 1e-14);
        double priorResidual = 0;
        for (int k = 0; k < 2; k++)
        {
            priorResidual += Math.Log(model.Weights[k] / model.Weights[2]) * (model.Weights[k] - shares[k]);
        }

        Assert.AreEqual(priorResidual, report.PriorResidual, 1e-13);
        Assert.AreEqual(MixtureOracle.NoiseResidual(model, values, codes), report.NoiseResidual, 1e-9 * Math.Abs(report.NoiseResidual));
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void Halves_MergedAreTheWhole(string family)
    {
        MixtureModel model = MixtureTestData.Random(family, 3, 2);
        double[] values = MixtureTestData.Rows(family, 500).ReadAll().Values;
        int columns = MixtureTestData.Columns(family);
        double[] Sums(Range range)
        {
            double[] part = values[range];
            MixtureParameters p = model.Parameters;
            using MixtureAccumulator accumulator = new(p.Families, p.Layout, 2);
            return accumulator.Sum(
                new MixtureRows(part, part.Length / columns, columns), null, (rows, count, work) => p.Posterior(rows, count, work, 3), default)!;
        }

        double[] whole = Sums(..);
        double[] merged = [.. Sums(..(217 * columns)).Zip(Sums((217 * columns)..), (a, b) => a + b)];
        double scale = whole.Max(Math.Abs);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.AreEqual(whole[i], merged[i], 1e-13 * scale);
        }

        MixtureParameters Step(double[] s) => MixtureParameters.Maximise(model.Parameters.Families, model.Parameters.Layout, s, null, new MaximisationNotes());
        foreach ((ColumnComponents a, ColumnComponents b) in Step(whole).Ranges.Zip(Step(merged).Ranges))
        {
            for (int i = 0; i < a.Parameters.Length; i++)
            {
                Assert.AreEqual(a.Parameters[i], b.Parameters[i], 1e-9 * (1 + Math.Abs(a.Parameters[i])));
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void Samples_HaveTheMeansOfTheModel(string family)
    {
        MixtureModel model = MixtureTestData.Random(family, 3, 6);
        int columns = MixtureTestData.Columns(family);
        double[] drawn = new double[20_000 * columns];
        model.Sample(drawn, 5);
        double[] expected = new double[columns];
        model.Decode(model.Weights, expected);
        for (int d = 0; d < columns; d++)
        {
            double[] column = [.. Enumerable.Range(0, 20_000).Select(n => drawn[(n * columns) + d])];
            double mean = column.Average();
            double deviation = Math.Sqrt(column.Average(v => (v - mean) * (v - mean)));
            Assert.AreEqual(expected[d], mean, 5 * deviation / Math.Sqrt(20_000), $"column {d}");
        }
    }

    /// <summary>Moments are matched where the likelihood of a gamma or beta distribution is greatest.</summary>
    [TestMethod]
    [DataRow(0.01)]
    [DataRow(0.7)]
    [DataRow(3.0)]
    [DataRow(50.0)]
    [DataRow(2e5)]
    public void GammaAndBeta_AreSolvedToRounding(double a)
    {
        double[] mean = new double[2];
        new Gamma().MeanParameters([a - 1, -2.5], mean);
        Assert.AreEqual(a, GammaFamily.Shape(Math.Log(mean[1]) - mean[0]), 1e-12 * a * Math.Max(1, a * 0.01));
        foreach (double b in new[] { 0.2, 4, 300 })
        {
            new Beta().MeanParameters([a - 1, b - 1], mean);
            (double fa, double fb, bool within) = BetaFamily.Solve(mean[0], mean[1]);
            Assert.IsTrue(within);
            double[] fitted = new double[2];
            new Beta().MeanParameters([fa - 1, fb - 1], fitted);
            Assert.AreEqual(mean[0], fitted[0], 1e-12 * Math.Max(1, Math.Abs(mean[0])));
            Assert.AreEqual(mean[1], fitted[1], 1e-12 * Math.Max(1, Math.Abs(mean[1])));
        }
    }
}
