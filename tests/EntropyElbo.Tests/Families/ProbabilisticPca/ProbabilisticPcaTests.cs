using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.ProbabilisticPca;

[TestClass]
public sealed class ProbabilisticPcaContractTests : ModelFamilyContract
{
    protected override string Name => "ppca";

    protected override double IdentityTolerance => 1e-9;

    protected override bool IsRandom => false;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = latents });

    private protected override LatentModel Untrained(int columns, ulong seed) => LinearTestData.RandomPca(columns, 3, seed);
}

[TestClass]
public sealed class ProbabilisticPcaTests
{
    [TestMethod]
    [DataRow(2, -177.43997149839)]
    [DataRow(8, -163.23588990673)]
    [DataRow(16, -153.51623541106)]
    [DataRow(32, -142.19865616788)]
    public void Digits_HaveTheKnownLikelihood_AndNoGap(int latents, double expected)
    {
        FitResult result = Fit(LinearTestData.Digits(), latents);
        TrainingRecord training = result.Model.Training;
        ElboReport report = training.Report!.Summary;
        Assert.AreEqual(expected, report.Elbo, 2e-11);
        Assert.IsLessThan(1e-9, Math.Abs(report.Elbo - report.EntropySum));
        Assert.IsLessThan(1e-9, Math.Abs(report.PriorResidual));
        Assert.IsLessThan(1e-9, Math.Abs(report.NoiseResidual));
        Assert.IsTrue(training.Converged);
        Assert.AreEqual(StopReason.ClosedForm, training.StopReason);
        Assert.AreEqual(1797, training.Rows);
        Assert.AreEqual(0, report.Samples);
        Assert.HasCount(3, training.ConstantColumns);
        Assert.HasCount(1, result.History);
    }

    [TestMethod]
    [DataRow("iris", 4, 1)]
    [DataRow("iris", 4, 2)]
    [DataRow("iris", 4, 3)]
    [DataRow("wine", 13, 1)]
    [DataRow("wine", 13, 2)]
    [DataRow("wine", 13, 5)]
    [DataRow("wine", 13, 12)]
    public void Rows_HaveScikitLearnsLogLikelihoods(string name, int columns, int latents)
    {
        CsvRows file = new(Path.Combine(AppContext.BaseDirectory, "Reference", $"ppca-{name}.csv"));
        (double[] all, int count) = file.ReadAll();
        int score = file.ColumnNames.ToList().IndexOf($"score_{latents}");
        double[] values = [.. Enumerable.Range(0, count).SelectMany(i => all.Skip(i * file.Columns).Take(columns))];
        ProbabilisticPcaModel fitted = (ProbabilisticPcaModel)Fit(new InMemoryRows(values, columns), latents).Model;

        // scikit-learn divides by N - 1 where maximum likelihood divides by N.
        double stretch = count / (count - 1.0);
        double[] loadings = Array.ConvertAll(fitted.Loadings.ToArray(), w => w * Math.Sqrt(stretch));
        ProbabilisticPcaModel model = LinearTestData.Pca(fitted.Mean.ToArray(), loadings, fitted.NoiseVariance * stretch);
        double[] actual = new double[count];
        model.LogLikelihood(values, actual);
        for (int i = 0; i < count; i++)
        {
            double expected = all[(i * file.Columns) + score];
            Assert.AreEqual(expected, actual[i], 1e-8 * Math.Max(1, Math.Abs(expected)), $"row {i}");
        }
    }

    [TestMethod]
    public void AtAnyParameters_RowElboIsTheLogDensity()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            ProbabilisticPcaModel model = LinearTestData.RandomPca(6, 3, seed);
            double[] rows = LinearTestData.Gaussian(seed + 7, 20 * 6, 2);
            double[] elbos = new double[20];
            double[] likelihoods = new double[20];
            model.RowElbo(rows, elbos);
            model.LogLikelihood(rows, likelihoods);
            for (int i = 0; i < 20; i++)
            {
                double expected = LinearTestData.LogDensity(rows.AsSpan(6 * i, 6), model.Mean, model.Loadings, model.NoiseVariance);
                Assert.AreEqual(expected, elbos[i], 1e-11 * Math.Abs(expected));
                Assert.AreEqual(elbos[i], likelihoods[i]);
            }
        }
    }

    [TestMethod]
    public void Loadings_AreOrthogonalAndFalling_LargestEntryPositive_EncoderIsDiagonal()
    {
        ProbabilisticPcaModel model = (ProbabilisticPcaModel)Fit(LinearTestData.Digits(), 5).Model;
        double[] loadings = model.Loadings.ToArray();
        double[] Column(int h) => [.. Enumerable.Range(0, 64).Select(d => loadings[(d * 5) + h])];
        double previous = double.PositiveInfinity;
        for (int h = 0; h < 5; h++)
        {
            double length = Column(h).Sum(w => w * w);
            Assert.IsLessThan(previous, length);
            previous = length;
            Assert.IsGreaterThan(0, Column(h).MaxBy(Math.Abs));

            // tau_h^2 = sigma^2 / l_h with l_h = |w_h|^2 + sigma^2.
            Assert.AreEqual(model.NoiseVariance / (length + model.NoiseVariance), model.LatentCovariance[(h * 5) + h], 1e-13);
            for (int other = 0; other < h; other++)
            {
                Assert.AreEqual(0, Column(h).Zip(Column(other), (a, b) => a * b).Sum(), 1e-9);
                Assert.AreEqual(0, model.LatentCovariance[(h * 5) + other], 1e-13);
            }
        }
    }

    [TestMethod]
    public void SamplesOfAModel_TeachItBack()
    {
        InMemoryRows rows = PcaData.Create(10_000, seed: 5);
        ProbabilisticPcaModel model = (ProbabilisticPcaModel)Fit(rows, 2).Model;
        Assert.AreEqual(0.01, model.NoiseVariance, 0.0003);
        double[] drawn = new double[20_000 * 10];
        model.Sample(drawn, 3);
        ProbabilisticPcaModel again = (ProbabilisticPcaModel)Fit(new InMemoryRows(drawn, 10), 2).Model;
        Assert.AreEqual(model.NoiseVariance, again.NoiseVariance, 0.02 * model.NoiseVariance);
        double[] before = Covariance(model);
        double[] after = Covariance(again);
        for (int i = 0; i < before.Length; i++)
        {
            Assert.AreEqual(before[i], after[i], 0.05 * before.Max());
        }

        static double[] Covariance(ProbabilisticPcaModel m)
        {
            double[] w = m.Loadings.ToArray();
            return [.. Enumerable.Range(0, 100).Select(i => (w[2 * (i / 10)] * w[2 * (i % 10)]) + (w[(2 * (i / 10)) + 1] * w[(2 * (i % 10)) + 1]))];
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void RowsWithoutNoise_GetTheFloor_AndAWarning(bool constant)
    {
        double[] values = new double[50 * 4];
        for (int i = 0; i < 50; i++)
        {
            double t = constant ? 3 : Math.Sin(i);
            values.AsSpan(4 * i, 4).Fill(t);
            values[4 * i] = 2 * t;
        }

        foreach (ScalingKind scaling in Enum.GetValues<ScalingKind>())
        {
            FitResult result = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2, Scaling = scaling })
                .Fit(new InMemoryRows(values, 4));
            TrainingRecord training = result.Model.Training;
            Assert.IsTrue(double.IsFinite(training.Report!.Summary.Elbo));
            Assert.IsTrue(training.Warnings.Any(w => w.Contains("floor", StringComparison.Ordinal)), string.Join(' ', training.Warnings));
            Assert.HasCount(constant ? 4 : 0, training.ConstantColumns);
            Assert.IsGreaterThan(0, ((ProbabilisticPcaModel)result.Model).NoiseVariance);
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(4)]
    [DataRow(9)]
    public void LatentsOutOfRange_AreRefused(int latents)
    {
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => Fit(new InMemoryRows(LinearTestData.Gaussian(1, 80), 4), latents));
        Assert.AreEqual("latents", error.Option);
        StringAssert.Contains(error.Message, $"{latents}");
    }

    [TestMethod]
    public void FewerRowsThanLatentsPlusOne_AreRefused()
    {
        InMemoryRows rows = new(LinearTestData.Gaussian(1, 30), 10);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Fit(rows, 3)).Message, "at least 4");
        Assert.IsTrue(double.IsFinite(Fit(rows, 2).Model.Report.Summary.Elbo));
    }

    [TestMethod]
    public void Settings_AreBoundByName_AndForeignOnesRefused()
    {
        ModelFamily family = ModelFamilies.Find("ppca");
        ProbabilisticPcaTrainer trainer = (ProbabilisticPcaTrainer)family.CreateTrainer(new FitSettings { Latents = 3, Scaling = ScalingKind.Standard });
        Assert.AreEqual(new ProbabilisticPcaOptions { Latents = 3, Scaling = ScalingKind.Standard }, trainer.Options);
        Assert.AreEqual("latents", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings())).Option);
        Assert.AreEqual("epochs", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings { Latents = 3, Epochs = 2 })).Option);
        Assert.AreEqual("likelihood", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings { Latents = 3, Likelihood = "poisson" })).Option);
        Assert.ThrowsExactly<BadOptionException>(() => Fit(LinearTestData.Digits(), 2, floor: double.NaN));
    }

    [TestMethod]
    public void Records_WithImpossibleValues_AreRefused()
    {
        ProbabilisticPcaModel model = LinearTestData.RandomPca(4, 2, 1);
        foreach ((string name, double value) in new[] { ("noise_variance", 0.0), ("noise_variance", double.NaN), ("loadings", double.PositiveInfinity), ("loadings", 1e200), ("mean", double.NaN) })
        {
            ModelRecord source = model.ToRecord();
            ModelRecord changed = new(source.Family, source.FamilyVersion);
            foreach (string key in source.Keys)
            {
                changed.SetJson(key, source.GetJson(key));
            }

            foreach (ModelTensor tensor in source.Tensors)
            {
                double[] values = tensor.ToDoubles();
                values[0] = tensor.Name == name ? value : values[0];
                changed.Add(ModelTensor.Of(tensor.Name, values, [.. tensor.Shape]));
            }

            Assert.ThrowsExactly<ModelFileException>(() => ModelFamilies.Read(changed, "m.eelbo"), $"{name} {value}");
        }
    }

    private static FitResult Fit(IRowSource rows, int latents, double floor = 1e-10) => new ProbabilisticPcaTrainer(
        new ProbabilisticPcaOptions { Latents = latents, Scaling = ScalingKind.None, VarianceFloor = floor }).Fit(rows);
}
