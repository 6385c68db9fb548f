using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Tests.Reference;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.FactorAnalysis;

[TestClass]
public sealed class FactorAnalysisContractTests : ModelFamilyContract
{
    protected override string Name => "factor-analysis";

    protected override double IdentityTolerance => 1e-9;

    protected override bool IsRandom => false;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = latents });

    private protected override LatentModel Untrained(int columns, ulong seed) => FactorAnalysisTests.Random(columns, 3, seed);
}

[TestClass]
public sealed class FactorAnalysisTests
{
    /// <summary>
    /// scikit-learn and EM start from the columns' variances alike and share every step, so they end at the same optimum,
    /// and so does Newton, which begins with EM.
    /// </summary>
    [TestMethod]
    [DataRow("digits", 1)]
    [DataRow("digits", 2)]
    [DataRow("digits", 4)]
    [DataRow("wine", 1)]
    [DataRow("wine", 2)]
    [DataRow("wine", 4)]
    [DataRow("iris", 1)]
    [DataRow("cancer", 2)]
    [DataRow("cancer", 4)]
    public void LogLikelihood_IsScikitLearns(string name, int latents)
    {
        string[] line = ReferenceTable.Read("factor-analysis.csv").Single(l => l[0] == name && l[1] == $"{latents}");
        double expected = ReferenceTable.Numbers(line[2])[0];
        int iterations = (int)ReferenceTable.Numbers(line[3])[0];
        InMemoryRows rows = Reference(name);
        FactorAnalysisOptions options = new()
        {
            Latents = latents,
            Scaling = ScalingKind.Standard,
            Optimizer = FactorAnalysisOptimizer.Em,
            StationarityTolerance = 0,
            Iterations = Math.Min(iterations, 6000),
        };
        if (iterations <= 6000)
        {
            FitResult em = new FactorAnalysisTrainer(options).Fit(rows);
            Assert.AreEqual(expected, em.Model.Report.Summary.Elbo, 1e-6);
            RequireRising(em.History, 1e-9);
        }

        FitResult newton = new FactorAnalysisTrainer(options with { Optimizer = FactorAnalysisOptimizer.Newton, StationarityTolerance = 1e-6, Iterations = 100 }).Fit(rows);
        Assert.AreEqual(expected, newton.Model.Report.Summary.Elbo, 1e-4);
        Assert.AreEqual(StopReason.Stationary, newton.Model.Training.StopReason);
        RequireRising(newton.History, 0);
    }

    /// <summary>The classical EM algorithm (Rubin and Thayer 1982), written out on the covariance, ends at the same optimum.</summary>
    [TestMethod]
    public void Optimum_IsTheOneOfClassicalEm()
    {
        InMemoryRows rows = Factors(3000, 5, 2, seed: 4);
        double[] covariance = Covariance(rows);
        double[] loadings = LinearTestData.Gaussian(9, 10);
        double[] noise = LinearTestData.Filled(5, 1);
        for (int i = 0; i < 5000; i++)
        {
            ClassicalStep(covariance, loadings, noise);
        }

        foreach (FactorAnalysisOptimizer optimizer in Enum.GetValues<FactorAnalysisOptimizer>())
        {
            FactorAnalysisModel model = Fit(rows, 2, optimizer, 1e-9);
            for (int d = 0; d < 5; d++)
            {
                Assert.AreEqual(noise[d], model.NoiseVariances[d], 1e-6, $"{optimizer} column {d}");
                for (int e = 0; e < 5; e++)
                {
                    Assert.AreEqual(Outer(loadings, d, e), Outer(model.Loadings.ToArray(), d, e), 1e-6);
                }
            }
        }

        static double Outer(double[] w, int d, int e) => (w[2 * d] * w[2 * e]) + (w[(2 * d) + 1] * w[(2 * e) + 1]);
    }

    /// <summary>Gradient and second derivatives of the profile against central differences.</summary>
    [TestMethod]
    public void Derivatives_AreThoseOfTheProfile()
    {
        FactorAnalysisProfile profile = Profile(Factors(500, 6, 2, seed: 5), 2);
        double[] start = [.. profile.Start.Select((t, d) => t + (0.3 * Math.Sin(d)))];
        FactorAnalysisPoint point = profile.Evaluate(start);
        double[] hessian = FactorAnalysisNewton.Exact(point);
        const double h = 1e-4;
        for (int d = 0; d < 6; d++)
        {
            double[] up = [.. start];
            double[] down = [.. start];
            up[d] += h;
            down[d] -= h;
            FactorAnalysisPoint above = profile.Evaluate(up);
            FactorAnalysisPoint below = profile.Evaluate(down);
            Assert.AreEqual((above.Elbo - below.Elbo) / (2 * h), point.Gradient[d], 1e-7);
            for (int e = 0; e < 6; e++)
            {
                Assert.AreEqual(-(above.Gradient[e] - below.Gradient[e]) / (2 * h), hessian[(d * 6) + e], 1e-6, $"{d} {e}");
            }
        }
    }

    /// <summary>Where every eigenvalue without a latent is 1 the positive part is all of the second derivative.</summary>
    [TestMethod]
    public void PositivePart_IsExact_WhereTheModelFits()
    {
        double[] noise = [0.5, 1, 2, 0.7, 1.3];
        double[] loadings = LinearTestData.Gaussian(3, 10);
        double[,] covariance = new double[5, 5];
        for (int i = 0; i < 5; i++)
        {
            for (int j = 0; j < 5; j++)
            {
                covariance[i, j] = (loadings[2 * i] * loadings[2 * j]) + (loadings[(2 * i) + 1] * loadings[(2 * j) + 1]) + (i == j ? noise[i] : 0);
            }
        }

        FactorAnalysisProfile profile = Profile(RowsWithCovariance(covariance), 2);
        FactorAnalysisPoint point = profile.Evaluate(Array.ConvertAll(noise, Math.Log));
        Assert.IsLessThan(1e-10, point.Gradient.Max(Math.Abs));
        double[] exact = FactorAnalysisNewton.Exact(point);
        double[] positive = FactorAnalysisNewton.PositivePart(point);
        for (int i = 0; i < 25; i++)
        {
            Assert.AreEqual(exact[i], positive[i], 1e-9);
        }
    }

    [TestMethod]
    [DataRow(FactorAnalysisOptimizer.Newton, false)]
    [DataRow(FactorAnalysisOptimizer.Em, false)]
    [DataRow(FactorAnalysisOptimizer.Newton, true)]
    [DataRow(FactorAnalysisOptimizer.Em, true)]
    public void ElboNeverFalls_AndResidualsVanish(FactorAnalysisOptimizer optimizer, bool digits)
    {
        IRowSource rows = digits ? LinearTestData.Digits() : Factors(400, 8, 3, seed: 6);
        FitResult result = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 3, Optimizer = optimizer, StationarityTolerance = 1e-8 }).Fit(rows);
        TrainingRecord training = result.Model.Training;
        RequireRising(result.History, 1e-12);
        Assert.AreEqual(StopReason.Stationary, training.StopReason);
        Assert.IsTrue(training.Converged);
        ElboReport report = training.Report!.Summary;
        double bound = 1e-7 * Math.Max(1, Math.Abs(report.Elbo));
        Assert.AreEqual(result.History[^1].Elbo, report.Elbo, bound);
        Assert.AreEqual(report.EntropySum, report.Elbo, (digits ? 1.5 : 0) + bound);
        Assert.AreEqual(0, report.PriorResidual, bound);
        Assert.AreEqual(digits ? 3 : 0, training.ConstantColumns.Count);
        if (digits)
        {
            // Constant columns have no noise to speak of: their floor leaves a half nat each between the two.
            StringAssert.Contains(string.Join(' ', training.Warnings), "held at its floor: p00");
            Assert.IsTrue(training.IsAtFloor);
            Assert.IsFalse(training.Warnings.Any(w => w.Contains("Heywood", StringComparison.Ordinal)), "constant columns are no Heywood case");
            Assert.AreEqual(-1.5, report.NoiseResidual, 1e-4);
            CollectionAssert.AreEqual(new[] { 0, 32, 39 }, ((FactorAnalysisModel)result.Model).FlooredColumns.ToArray());
            StringAssert.Contains(report.Remark, "3 of 64 columns");
        }
    }

    [TestMethod]
    public void OneNoiseVariance_IsNotEnough_WhereColumnsDiffer()
    {
        InMemoryRows rows = Factors(20_000, 8, 2, seed: 7);
        FactorAnalysisModel model = Fit(rows, 2, FactorAnalysisOptimizer.Newton, 1e-6);

        // The generator's noise variances: (0.2 + 0.1 d)^2 for column d.
        for (int d = 0; d < 8; d++)
        {
            Assert.AreEqual(Math.Pow(0.2 + (0.1 * d), 2), model.NoiseVariances[d], 0.1 * Math.Pow(0.2 + (0.1 * d), 2));
        }

        Assert.AreEqual(8 + 8 + (8 * 2) - 1, model.FreeParameters);
        Assert.AreEqual(0, model.LatentCovariance[1], 1e-9);
    }

    [TestMethod]
    public void Likelihood_DoesNotDependOnUnits()
    {
        InMemoryRows rows = Factors(500, 6, 2, seed: 8);
        double[] values = rows.ReadAll().Values;
        double[] units = [1, 1e-3, 1e4, 7, 0.02, 300];
        double[] stretched = [.. values.Select((v, i) => v * units[i % 6])];
        double one = Fit(rows, 2, FactorAnalysisOptimizer.Newton, 1e-6).Report.Summary.Elbo;
        double other = Fit(new InMemoryRows(stretched, 6), 2, FactorAnalysisOptimizer.Newton, 1e-6).Report.Summary.Elbo;
        Assert.AreEqual(one, other + units.Sum(Math.Log), 1e-7);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void ColumnsWithoutNoise_GetTheFloor_AndAWarning(bool all)
    {
        // Column 1 repeats column 0, column 3 is constant; or nothing varies at all.
        double[] values = LinearTestData.Gaussian(2, 60 * 5);
        for (int i = 0; i < 60; i++)
        {
            values[(5 * i) + 1] = values[5 * i];
            values[(5 * i) + 3] = 2.5;
            if (all)
            {
                values.AsSpan(5 * i, 5).Fill(7);
            }
        }

        foreach (ScalingKind scaling in Enum.GetValues<ScalingKind>())
        {
            foreach (FactorAnalysisOptimizer optimizer in Enum.GetValues<FactorAnalysisOptimizer>())
            {
                FitResult result = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 1, Scaling = scaling, Optimizer = optimizer, Iterations = 200 })
                    .Fit(new InMemoryRows(values, 5));
                TrainingRecord training = result.Model.Training;
                Assert.IsTrue(double.IsFinite(training.Report!.Summary.Elbo));
                Assert.HasCount(all ? 5 : 1, training.ConstantColumns);
                StringAssert.Contains(string.Join(' ', training.Warnings), "floor");
                foreach (double variance in ((FactorAnalysisModel)result.Model).NoiseVariances)
                {
                    Assert.IsGreaterThan(0, variance);
                }
            }
        }
    }

    [TestMethod]
    public void HalvesMerged_GiveTheFitOfTheWhole()
    {
        InMemoryRows rows = Factors(1500, 6, 2, seed: 9);
        double[] values = rows.ReadAll().Values;
        RowMoments whole = Moments(values, 6);
        RowMoments merged = Moments(values[..(700 * 6)], 6);
        merged.Merge(Moments(values[(700 * 6)..], 6));
        FactorAnalysisPoint a = new FactorAnalysisProfile(whole, new FactorAnalysisOptions { Latents = 2 }).Evaluate(Enumerable.Repeat(-0.5, 6).ToArray());
        FactorAnalysisPoint b = new FactorAnalysisProfile(merged, new FactorAnalysisOptions { Latents = 2 }).Evaluate(Enumerable.Repeat(-0.5, 6).ToArray());
        Assert.AreEqual(a.Elbo, b.Elbo, 1e-11);
        for (int d = 0; d < 6; d++)
        {
            Assert.AreEqual(a.Gradient[d], b.Gradient[d], 1e-11);
        }
    }

    [TestMethod]
    [DataRow(FactorAnalysisOptimizer.Newton, 4)]
    [DataRow(FactorAnalysisOptimizer.Newton, 12)]
    [DataRow(FactorAnalysisOptimizer.Em, 4)]
    public void Resumed_HasTheBitsOfAnUninterruptedFit(FactorAnalysisOptimizer optimizer, int first)
    {
        string path = Path.Combine(Path.GetTempPath(), $"fa-{Guid.NewGuid():N}.eelbo");
        InMemoryRows rows = Factors(300, 7, 2, seed: 10);
        FactorAnalysisOptions options = new() { Latents = 2, Optimizer = optimizer, Iterations = 15, StationarityTolerance = 0 };
        try
        {
            FitResult whole = new FactorAnalysisTrainer(options).Fit(rows);
            new FactorAnalysisTrainer(options with { Iterations = first }).Fit(rows, new FitContext { CheckpointPath = path });
            FitResult resumed = new FactorAnalysisTrainer(options).Fit(rows, new FitContext { CheckpointPath = path, Resume = true });
            CollectionAssert.AreEqual(ModelFile.ToBytes(whole.Model.ToRecord()), ModelFile.ToBytes(resumed.Model.ToRecord()));
            Assert.HasCount(whole.History.Count, resumed.History);
            Assert.ThrowsExactly<ModelFileException>(() => new FactorAnalysisTrainer(options with { Latents = 3 }).Fit(rows, new FitContext { CheckpointPath = path, Resume = true }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void RowElbo_IsTheLogDensity_AtAnyParameters()
    {
        FactorAnalysisModel model = Random(5, 2, 3);
        double[] rows = LinearTestData.Gaussian(11, 20 * 5, 2);
        double[] elbos = new double[20];
        model.RowElbo(rows, elbos);

        // Divide the columns by their noise: then the noise is one variance, for which there is an independent density.
        double[] deviations = [.. model.NoiseVariances.ToArray().Select(Math.Sqrt)];
        double[] Whitened(ReadOnlySpan<double> v, int width) => [.. v.ToArray().Select((x, i) => x / deviations[i / width % 5])];
        for (int i = 0; i < 20; i++)
        {
            double expected = LinearTestData.LogDensity(Whitened(rows.AsSpan(5 * i, 5), 1), Whitened(model.Mean, 1), Whitened(model.Loadings, 2), 1)
                - deviations.Sum(Math.Log);
            Assert.AreEqual(expected, elbos[i], 1e-11 * Math.Abs(expected));
        }
    }

    [TestMethod]
    public void ManyColumns_AreFittedWithoutAllEigenpairs()
    {
        // Above 128 columns.
        InMemoryRows rows = Factors(600, 150, 4, seed: 12);
        FitResult newton = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 4 }).Fit(rows);
        FitResult em = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 4, Optimizer = FactorAnalysisOptimizer.Em }).Fit(rows);
        Assert.AreEqual(StopReason.Stationary, newton.Model.Training.StopReason);
        double elbo = newton.Model.Report.Summary.Elbo;
        Assert.AreEqual(em.Model.Report.Summary.Elbo, elbo, 1e-5 * Math.Abs(elbo));
        RequireRising(newton.History, 0);
    }

    [TestMethod]
    public void OptionsAndSettings_AreChecked()
    {
        InMemoryRows rows = Factors(50, 4, 1, seed: 13);
        foreach ((FactorAnalysisOptions options, string name) in new[]
        {
            (new FactorAnalysisOptions { Latents = 0 }, "latents"),
            (new FactorAnalysisOptions { Latents = 4 }, "latents"),
            (new FactorAnalysisOptions { Latents = 1, Iterations = 0 }, "epochs"),
            (new FactorAnalysisOptions { Latents = 1, StationarityTolerance = double.NaN }, "stationarity-tolerance"),
            (new FactorAnalysisOptions { Latents = 1, VarianceFloor = 0 }, "variance-floor"),
            (new FactorAnalysisOptions { Latents = 1, InitialNoiseShare = 0 }, "initial-noise-share"),
            (new FactorAnalysisOptions { Latents = 1, Scaling = (ScalingKind)9 }, "scale"),
            (new FactorAnalysisOptions { Latents = 1, Optimizer = (FactorAnalysisOptimizer)9 }, "optimizer"),
        })
        {
            Assert.AreEqual(name, Assert.ThrowsExactly<BadOptionException>(() => new FactorAnalysisTrainer(options).Fit(rows)).Option);
        }

        ModelFamily family = ModelFamilies.Find("factor-analysis");
        FactorAnalysisTrainer trainer = (FactorAnalysisTrainer)family.CreateTrainer(new FitSettings { Latents = 3, Epochs = 7, Scaling = ScalingKind.None });
        Assert.AreEqual(new FactorAnalysisOptions { Latents = 3, Iterations = 7, Scaling = ScalingKind.None }, trainer.Options);
        Assert.AreEqual("latents", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings())).Option);
        Assert.AreEqual("likelihood", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings { Latents = 3, Likelihood = "poisson" })).Option);
        Assert.AreEqual("hidden", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings { Latents = 3, Hidden = [4] })).Option);
    }

    internal static FactorAnalysisModel Random(int columns, int latents, ulong seed) => new(
        LinearGaussian.WithPosterior(
            LinearTestData.Gaussian(seed, columns),
            LinearTestData.Gaussian(seed + 100, columns * latents),
            Array.ConvertAll(LinearTestData.Gaussian(seed + 400, columns), Math.Exp)),
        [],
        LinearTestData.Header(columns));

    private static FactorAnalysisModel Fit(IRowSource rows, int latents, FactorAnalysisOptimizer optimizer, double tolerance) =>
        (FactorAnalysisModel)new FactorAnalysisTrainer(new FactorAnalysisOptions
        {
            Latents = latents,
            Scaling = ScalingKind.None,
            Optimizer = optimizer,
            StationarityTolerance = tolerance,
        }).Fit(rows).Model;

    private static InMemoryRows Reference(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Reference");
        string own = Path.Combine(folder, $"factor-analysis-{name}.csv");
        CsvRows file = new(File.Exists(own) ? own : Path.Combine(folder, $"ppca-{name}.csv"));
        int columns = file.ColumnNames.Count(c => c.StartsWith('x'));
        (double[] all, int count) = file.ReadAll();
        return new InMemoryRows([.. Enumerable.Range(0, count).SelectMany(i => all.Skip(i * file.Columns).Take(columns))], columns);
    }

    /// <summary>Rows of a factor model: loadings of order 1, noise deviation 0.2 + 0.1 (d mod 10) in column d.</summary>
    private static InMemoryRows Factors(int rows, int columns, int latents, ulong seed)
    {
        double[] loadings = LinearTestData.Gaussian(seed, columns * latents);
        double[] latent = LinearTestData.Gaussian(seed + 1000, rows * latents);
        double[] values = LinearTestData.Gaussian(seed + 2000, rows * columns);
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int d) = Math.DivRem(i, columns);
            values[i] *= 0.2 + (0.1 * (d % 10));
            for (int h = 0; h < latents; h++)
            {
                values[i] += latent[(row * latents) + h] * loadings[(d * latents) + h];
            }
        }

        return new InMemoryRows(values, columns);
    }

    private static FactorAnalysisProfile Profile(IRowSource rows, int latents) =>
        new(Moments(rows.ReadAll().Values, rows.Columns), new FactorAnalysisOptions { Latents = latents });

    private static RowMoments Moments(double[] values, int columns)
    {
        RowMoments moments = new(columns);
        moments.Add(values);
        return moments;
    }

    private static double[] Covariance(IRowSource rows) => Moments(rows.ReadAll().Values, rows.Columns).Covariance();

    /// <summary>2 D rows +-sqrt(D) L e_d, L the Cholesky factor: their covariance is exactly the one given, but for rounding.</summary>
    internal static InMemoryRows RowsWithCovariance(double[,] covariance)
    {
        int n = covariance.GetLength(0);
        double[] factor = new double[n * n];
        Buffer.BlockCopy(covariance, 0, factor, 0, n * n * sizeof(double));
        Assert.IsTrue(Cholesky.TryFactor(factor, n, out _));
        double[] values = new double[2 * n * n];
        for (int d = 0; d < n; d++)
        {
            for (int i = d; i < n; i++)
            {
                values[(2 * d * n) + i] = Math.Sqrt(n) * factor[(i * n) + d];
                values[(((2 * d) + 1) * n) + i] = -values[(2 * d * n) + i];
            }
        }

        return new InMemoryRows(values, n);
    }

    private static void RequireRising(IReadOnlyList<FitProgress> history, double tolerance)
    {
        for (int i = 1; i < history.Count; i++)
        {
            Assert.IsGreaterThanOrEqualTo(history[i - 1].Elbo - (tolerance * Math.Abs(history[i].Elbo)), history[i].Elbo, $"iteration {i + 1}");
        }
    }

    /// <summary>Two latents, five columns: E-step moments and M-step of Rubin and Thayer (1982).</summary>
    private static void ClassicalStep(double[] covariance, double[] loadings, double[] noise)
    {
        double[] p = [1, 0, 0, 1];
        for (int d = 0; d < 5; d++)
        {
            for (int i = 0; i < 4; i++)
            {
                p[i] += loadings[(2 * d) + (i / 2)] * loadings[(2 * d) + (i % 2)] / noise[d];
            }
        }

        double[] t = Inverse(p);
        double[] v = new double[10];
        double[] cross = new double[10];
        for (int d = 0; d < 5; d++)
        {
            v[d] = ((t[0] * loadings[2 * d]) + (t[1] * loadings[(2 * d) + 1])) / noise[d];
            v[5 + d] = ((t[2] * loadings[2 * d]) + (t[3] * loadings[(2 * d) + 1])) / noise[d];
        }

        double[] second = [.. t];
        for (int d = 0; d < 5; d++)
        {
            for (int h = 0; h < 2; h++)
            {
                cross[(2 * d) + h] = Enumerable.Range(0, 5).Sum(e => covariance[(5 * d) + e] * v[(5 * h) + e]);
            }
        }

        for (int i = 0; i < 4; i++)
        {
            second[i] += Enumerable.Range(0, 5).Sum(d => v[(5 * (i / 2)) + d] * cross[(2 * d) + (i % 2)]);
        }

        double[] inverse = Inverse(second);
        for (int d = 0; d < 5; d++)
        {
            (double a, double b) = (cross[2 * d], cross[(2 * d) + 1]);
            loadings[2 * d] = (a * inverse[0]) + (b * inverse[2]);
            loadings[(2 * d) + 1] = (a * inverse[1]) + (b * inverse[3]);
            noise[d] = covariance[6 * d] - (loadings[2 * d] * a) - (loadings[(2 * d) + 1] * b);
        }

        static double[] Inverse(double[] m)
        {
            double determinant = (m[0] * m[3]) - (m[1] * m[2]);
            return [m[3] / determinant, -m[1] / determinant, -m[2] / determinant, m[0] / determinant];
        }
    }
}
