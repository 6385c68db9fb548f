using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Families;
using EntropyElbo.Training;
using MathNet.Numerics.LinearAlgebra;

namespace EntropyElbo.Tests.Models;

/// <summary>Fewer rows than columns: products of rows in place of a covariance, and the same results.</summary>
[TestClass]
public sealed class WideRowsTests
{
    private const int Few = 30;
    private const int Columns = 150;

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    [DataRow(25)]
    public void ProbabilisticPca_IsThatOfTheCovariance(int latents)
    {
        InMemoryRows rows = Rows(Few, Columns);
        ProbabilisticPcaSolution wide = ProbabilisticPcaSolution.Solve(Wide(rows), latents, 1e-10);
        ProbabilisticPcaSolution full = ProbabilisticPcaSolution.Solve(Full(rows), latents, 1e-10);
        Assert.AreEqual(full.Variance, wide.Variance, 1e-9 * full.Variance);
        AssertEqual(full.Mean, wide.Mean, 1e-12);
        AssertEqual(full.Loadings, wide.Loadings, 1e-9);
    }

    [TestMethod]
    [DataRow(2)]
    [DataRow(5)]
    public void LinearVae_IsThatOfTheCovariance(int latents)
    {
        InMemoryRows rows = Rows(Few, Columns);
        LinearVaeOptions options = new() { Latents = latents, Scaling = ScalingKind.None, StationarityTolerance = 1e-9 };
        using LinearVaeLBfgsFit wide = new(options, Wide(rows), ComputeEngine.Cpu), full = new(options, Full(rows), ComputeEngine.Cpu);
        foreach (LinearVaeLBfgsFit fit in new[] { wide, full })
        {
            for (int i = 0; i < 2000 && fit.Iterate(CancellationToken.None) == IterationOutcome.Moved; i++)
            {
            }
        }

        Assert.AreEqual(full.Current.Elbo, wide.Current.Elbo, 1e-9 * Math.Abs(full.Current.Elbo));
        AssertEqual(full.Parameters().ExpectedErrors, wide.Parameters().ExpectedErrors, 1e-4);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void FactorAnalysis_HasTheValuesDerivativesAndStepsOfTheCovariance(int latents)
    {
        InMemoryRows rows = Rows(Few, Columns);
        FactorAnalysisOptions options = new() { Latents = latents };
        FactorAnalysisProfile wide = new(Wide(rows), options), full = new(Full(rows), options);
        double[] at = [.. wide.Start.Select((t, d) => t - 0.5 + (0.3 * Math.Sin(d)))];
        FactorAnalysisPoint a = wide.Evaluate(at), b = full.Evaluate(at);
        Assert.AreEqual(b.Elbo, a.Elbo, 1e-9 * Math.Abs(b.Elbo));
        AssertEqual(b.Gradient, a.Gradient, 1e-9);
        bool[] free = [.. at.Select((_, d) => d % 7 != 3)];
        double[] dense = FactorAnalysisNewton.Step(b, FactorAnalysisNewton.PositivePart(b), free, 0.1)!;
        AssertEqual(dense, new FactorAnalysisConjugate(wide.Wide!, a, free).Step(0.1), 2e-3);
    }

    [TestMethod]
    public void FactorAnalysis_EndsWhereTheCovarianceDoes()
    {
        InMemoryRows rows = Rows(Few, Columns);
        FactorAnalysisOptions options = new() { Latents = 2, Scaling = ScalingKind.None };
        FactorAnalysisFit full = new(options, new FactorAnalysisProfile(Full(rows), options));
        IterationLoop loop = new(new FitContext(), options.Iterations, Few, "");
        Assert.AreEqual(StopReason.Stationary, loop.Run(full));
        TrainingRecord training = new FactorAnalysisTrainer(options).Fit(rows).Model.Training;
        Assert.AreEqual(StopReason.Stationary, training.StopReason);
        Assert.AreEqual(full.Current.Elbo, training.Report!.Summary.Elbo, 1e-6 * Math.Abs(full.Current.Elbo));
    }

    /// <summary>More columns than a covariance is kept for; the likelihood of probabilistic PCA from the singular values of the rows.</summary>
    [TestMethod]
    public void NineThousandColumns_HaveTheLikelihoodOfTheirSingularValues()
    {
        const int columns = 9000, latents = 3;
        InMemoryRows rows = Rows(12, columns);
        double[] values = rows.ReadAll().Values;
        Matrix<double> centred = Matrix<double>.Build.Dense(12, columns, (i, d) => values[(i * columns) + d]);
        centred = Matrix<double>.Build.DenseOfColumnVectors(centred.EnumerateColumns().Select(c => c - c.Average()));
        double[] eigenvalues = [.. centred.Svd(computeVectors: false).S.Select(s => s * s / 12)];
        double noise = eigenvalues[latents..].Sum() / (columns - latents);
        double expected = -0.5 * ((columns * Math.Log(2 * Math.PI)) + eigenvalues[..latents].Sum(Math.Log) + ((columns - latents) * Math.Log(noise)) + columns);
        foreach (string family in new[] { "ppca", "linear-vae", "factor-analysis" })
        {
            LatentModel model = ModelFamilies.Find(family).CreateTrainer(new FitSettings { Latents = latents, Scaling = ScalingKind.None }).Fit(rows).Model;
            double elbo = model.Report.Summary.Elbo;
            Assert.IsTrue(model.Training.Converged, family);
            if (family == "factor-analysis")
            {
                Assert.IsGreaterThan(expected, elbo, "one noise variance a column can only fit better");
            }
            else
            {
                Assert.AreEqual(expected, elbo, 1e-7 * Math.Abs(expected), family);
            }
        }
    }

    [TestMethod]
    public void SixHundredThousandColumns_AreTrainedEncodedAndDecoded()
    {
        const int columns = 600_000;
        double[] values = new double[3 * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Math.Sin(i) + (i < columns ? 2 : 0);
        }

        LatentModel model = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 1 }).Fit(new InMemoryRows(values, columns)).Model;
        double[] codes = new double[1], variances = new double[1], back = new double[columns];
        model.Encode(values.AsSpan(0, columns), codes, variances);
        model.Decode(codes, back);
        Assert.IsTrue(double.IsFinite(model.Report.Summary.Elbo));
        Assert.IsLessThan(0.5, Math.Abs(back.Average() - values.AsSpan(0, columns).ToArray().Average()));
    }

    [TestMethod]
    [DataRow(5)]
    [DataRow(40)]
    public void RowsLeftOut_AreCounted_WhetherRowsAreFewOrMany(int count)
    {
        double[] values = Rows(count, 10).ReadAll().Values;
        values[13] = double.NaN;
        TrainingRecord training = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 1 })
            .Fit(new InMemoryRows(values, 10), new FitContext { MissingValues = MissingValues.SkipRow }).Model.Training;
        Assert.AreEqual(1, training.SkippedRows);
        Assert.AreEqual(count - 1, training.Rows);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(7)]
    [DataRow(8)]
    [DataRow(9)]
    [DataRow(1000)]
    public void PeekedRows_GiveEveryRowOnce(int most)
    {
        double[] values = Rows(9, 20_000).ReadAll().Values;
        using PeekedRows peeked = new(new InMemoryRows(values, 20_000), most, CancellationToken.None);
        Assert.AreEqual(most >= 9, peeked.AreAll);
        double[] read = new double[values.Length + 20_000];
        using IRowCursor cursor = peeked.Open();
        int rows = 0;
        for (int got = -1; got != 0; rows += got)
        {
            got = cursor.Read(read.AsSpan(rows * 20_000, 20_000));
        }

        Assert.AreEqual(9, rows);
        CollectionAssert.AreEqual(values, read[..values.Length]);
    }

    [TestMethod]
    public void Threads_DoNotChangeABit()
    {
        InMemoryRows rows = Rows(120, 200);
        double[] Loadings(int threads) =>
            ((ProbabilisticPcaModel)new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 3 }).Fit(rows, new FitContext { Threads = threads }).Model).Loadings.ToArray();
        CollectionAssert.AreEqual(Loadings(1), Loadings(4));
    }

    private static CentredRows Wide(InMemoryRows rows) => CentredRows.Read(rows, Scaling.Identity(rows.Columns), 2);

    private static CovarianceSpread Full(InMemoryRows rows)
    {
        RowMoments moments = new(rows.Columns);
        moments.Add(rows.ReadAll().Values);
        return new CovarianceSpread(moments);
    }

    /// <summary>Three latents, noise that differs between columns, a mean of 3.</summary>
    private static InMemoryRows Rows(int count, int columns)
    {
        double[] loadings = LinearTestData.Gaussian(1, 3 * columns), latents = LinearTestData.Gaussian(2, 3 * count), values = LinearTestData.Gaussian(3, count * columns);
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int d) = Math.DivRem(i, columns);
            values[i] = 3 + (values[i] * (0.3 + (0.1 * (d % 10))));
            for (int h = 0; h < 3; h++)
            {
                values[i] += latents[(3 * row) + h] * loadings[(3 * d) + h];
            }
        }

        return new InMemoryRows(values, columns);
    }

    private static void AssertEqual(ReadOnlySpan<double> expected, ReadOnlySpan<double> actual, double tolerance)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i])), $"entry {i}");
        }
    }
}
