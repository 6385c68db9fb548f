using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.LinearVae;

[TestClass]
public sealed class LinearVaeContractTests : ModelFamilyContract
{
    protected override string Name => "linear-vae";

    protected override double IdentityTolerance => 1e-9;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) =>
        new LinearVaeTrainer(new LinearVaeOptions { Latents = latents, Seed = seed });

    private protected override LatentModel Untrained(int columns, ulong seed) => LinearTestData.RandomVae(columns, 3, seed);
}

[TestClass]
public sealed class LinearVaeAdamContractTests : ModelFamilyContract
{
    protected override string Name => "linear-vae";

    protected override double IdentityTolerance => 1e-9;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) => new LinearVaeTrainer(
        new LinearVaeOptions { Latents = latents, Seed = seed, Optimizer = LinearVaeOptimizer.Adam, Iterations = 20, BatchSize = 32 });

    private protected override LatentModel Untrained(int columns, ulong seed) => LinearTestData.RandomVae(columns, 3, seed);
}

[TestClass]
public sealed class LinearVaeTests
{
    [TestMethod]
    [DataRow(2, -177.43997149839, 1e-6)]
    [DataRow(8, -163.23588990673, 1e-4)]
    [DataRow(16, -153.51623541106, 1e-3)]
    public void Digits_FromARandomStart_EndAtTheLikelihoodOfProbabilisticPca(int latents, double expected, double tolerance)
    {
        LinearVaeModel model = Fit(LinearTestData.Digits(), new LinearVaeOptions { Latents = latents, Scaling = ScalingKind.None });
        ElboReport report = model.Report.Summary;
        Assert.AreEqual(expected, report.Elbo, tolerance);
        Assert.AreEqual(expected, report.EntropySum, 1e-4 + tolerance);
        Assert.AreEqual(StopReason.Stationary, model.Training.StopReason);
        Assert.IsTrue(model.Training.Converged);
    }

    [TestMethod]
    public void AtTheOptimum_TheElboOfARowIsItsLogLikelihood()
    {
        InMemoryRows rows = PcaData.Create(2000, seed: 2);
        LinearVaeModel model = Fit(rows, new LinearVaeOptions { Latents = 2, StationarityTolerance = 1e-9 });
        double[] values = rows.ReadAll().Values;
        double[] elbos = new double[2000];
        double[] likelihoods = new double[2000];
        model.RowElbo(values, elbos);
        model.LogLikelihood(values, likelihoods);
        for (int i = 0; i < elbos.Length; i++)
        {
            Assert.AreEqual(likelihoods[i], elbos[i], 1e-4);
            Assert.IsLessThanOrEqualTo(likelihoods[i] + 1e-9, elbos[i]);
        }
    }

    [TestMethod]
    public void AwayFromIt_TheLogLikelihoodIsTheDensityOfTheDecoder()
    {
        LinearVaeModel model = LinearTestData.RandomVae(5, 2, 3);
        double[] rows = LinearTestData.Gaussian(5, 50);
        double[] likelihoods = new double[10];
        double[] elbos = new double[10];
        model.LogLikelihood(rows, likelihoods);
        model.RowElbo(rows, elbos);
        for (int i = 0; i < 10; i++)
        {
            double expected = LinearTestData.LogDensity(rows.AsSpan(5 * i, 5), model.Mean, model.Loadings, model.NoiseVariance);
            Assert.AreEqual(expected, likelihoods[i], 1e-11 * Math.Abs(expected));
            Assert.IsLessThan(likelihoods[i], elbos[i]);
        }
    }

    [TestMethod]
    public void ClosedFormStart_IsTheEnd()
    {
        LinearVaeOptions options = new() { Latents = 8, Scaling = ScalingKind.None, Initialisation = LinearVaeInitialisation.ClosedForm };
        LinearVaeModel model = Fit(LinearTestData.Digits(), options);
        Assert.AreEqual(-163.23588990673, model.Report.Summary.Elbo, 1e-9);
        Assert.AreEqual(StopReason.Stationary, model.Training.StopReason);
        Assert.IsTrue(model.Training.Converged);
    }

    [TestMethod]
    public void BadlyScaledColumns_AreLearntToo()
    {
        (double[] values, int count) = LinearTestData.Digits().ReadAll();
        double[] scaled = [.. values.Select((v, i) => v * Math.Pow(10, (i % 64 / 15.75) - 2))];
        InMemoryRows rows = new(scaled, 64);
        LinearVaeModel model = Fit(rows, new LinearVaeOptions { Latents = 8, Scaling = ScalingKind.None });
        LatentModel reference = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 8, Scaling = ScalingKind.None }).Fit(rows).Model;
        Assert.AreEqual(1797, count);
        Assert.AreEqual(reference.Report.Summary.Elbo, model.Report.Summary.Elbo, 0.01);
    }

    [TestMethod]
    public void Adam_ComesNear()
    {
        InMemoryRows rows = PcaData.Create(2000, seed: 2);
        LinearVaeOptions options = new() { Latents = 2, Optimizer = LinearVaeOptimizer.Adam, Iterations = 1000, LearningRate = 0.005, BatchSize = 200 };
        LinearVaeModel model = Fit(rows, options);
        LatentModel reference = new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2 }).Fit(rows).Model;
        ElboReport report = model.Report.Summary;
        Assert.AreEqual(reference.Report.Summary.Elbo, report.Elbo, 1e-3);
        Assert.IsLessThan(1e-3, report.RelativeGap);
        Assert.AreEqual(StopReason.Stationary, model.Training.StopReason);
    }

    [TestMethod]
    [DataRow(LinearVaeOptimizer.LBfgs)]
    [DataRow(LinearVaeOptimizer.Adam)]
    public void InterruptedAndResumed_GivesTheSameModelFile(LinearVaeOptimizer optimizer)
    {
        LinearVaeTrainer trainer = new(new LinearVaeOptions { Latents = 3, Optimizer = optimizer, Iterations = 25, StationarityTolerance = 0 });
        InMemoryRows rows = PcaData.Create(500, seed: 1);
        string checkpoint = TempFile();
        try
        {
            byte[] whole = Bytes(trainer.Fit(rows));
            using CancellationTokenSource source = new();
            FitResult part = trainer.Fit(rows, new FitContext
            {
                CheckpointPath = checkpoint,
                CancellationToken = source.Token,
                Progress = new OnProgress<FitProgress>(p =>
                {
                    if (p.Epoch == 17)
                    {
                        source.Cancel();
                    }
                }),
            });
            Assert.AreEqual(StopReason.Cancelled, part.Model.Training.StopReason);
            Assert.AreEqual(17, part.Model.Training.Epochs);
            FitContext resume = new() { CheckpointPath = checkpoint, Resume = true, Threads = 1 };
            FitResult resumed = trainer.Fit(rows, resume);
            Assert.HasCount(25, resumed.History);
            CollectionAssert.AreEqual(whole, Bytes(resumed));
            Assert.ThrowsExactly<ModelFileException>(() => trainer.Fit(rows.Take(499), resume));
            Assert.ThrowsExactly<ModelFileException>(() => new LinearVaeTrainer(trainer.Options with { Latents = 2 }).Fit(rows, resume));
            part.Model.Save(checkpoint);
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => trainer.Fit(rows, resume)).Message, "not a checkpoint");
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void Progress_ComesAfterEveryIteration_AndTheTimeBudgetHolds()
    {
        InMemoryRows rows = PcaData.Create(500, seed: 1);
        List<FitProgress> seen = [];
        LinearVaeOptions options = new() { Latents = 3, Iterations = 12, StationarityTolerance = 0 };
        FitResult result = new LinearVaeTrainer(options).Fit(rows, new FitContext { Progress = new OnProgress<FitProgress>(seen.Add) });
        Assert.HasCount(12, seen);
        Assert.AreEqual(StopReason.EpochLimit, result.Model.Training.StopReason);
        for (int i = 1; i < seen.Count; i++)
        {
            Assert.AreEqual(i + 1, seen[i].Epoch);
            Assert.IsGreaterThanOrEqualTo(seen[i - 1].Elbo, seen[i].Elbo);
            double byEntropies = seen[i].EntropySum - seen[i].PriorResidual - seen[i].NoiseResidual;
            Assert.AreEqual(seen[i].Elbo, byEntropies, 1e-9 * Math.Abs(seen[i].Elbo));
        }

        Assert.AreEqual(seen[^1].Elbo, result.Model.Report.Summary.Elbo, 1e-9 * Math.Abs(seen[^1].Elbo));
        LatentModel hurried = new LinearVaeTrainer(options).Fit(rows, new FitContext { TimeBudget = TimeSpan.Zero }).Model;
        Assert.AreEqual(StopReason.TimeLimit, hurried.Training.StopReason);
        Assert.AreEqual(1, hurried.Training.Epochs);
    }

    [TestMethod]
    public void RowsWithoutNoise_EndAtTheFloor_WithAWarning()
    {
        double[] values = new double[50 * 4];
        for (int i = 0; i < 50; i++)
        {
            values.AsSpan(4 * i, 4).Fill(Math.Sin(i));
        }

        TrainingRecord training = Fit(new InMemoryRows(values, 4), new LinearVaeOptions { Latents = 2 }).Training;
        Assert.IsTrue(double.IsFinite(training.Report!.Summary.Elbo));
        Assert.IsTrue(training.Warnings.Any(w => w.Contains("floor", StringComparison.Ordinal)));
        Assert.IsFalse(training.Converged);
    }

    [TestMethod]
    public void BadOptions_AreNamed()
    {
        LinearVaeOptions good = new() { Latents = 2 };
        InMemoryRows rows = PcaData.Create(100, seed: 1);
        foreach ((LinearVaeOptions bad, string option) in new[]
        {
            (good with { Latents = 0 }, "latents"),
            (good with { Latents = 10 }, "latents"),
            (good with { Iterations = 0 }, "epochs"),
            (good with { BatchSize = 0 }, "batch"),
            (good with { LearningRate = double.NaN }, "learning-rate"),
            (good with { StationarityTolerance = -1 }, "stationarity-tolerance"),
            (good with { VarianceFloor = 0 }, "variance-floor"),
            (good with { Optimizer = LinearVaeOptimizer.Adam, Initialisation = LinearVaeInitialisation.ClosedForm }, "initialisation"),
        })
        {
            Assert.AreEqual(option, Assert.ThrowsExactly<BadOptionException>(() => new LinearVaeTrainer(bad).Fit(rows)).Option);
        }

        ModelFamily family = ModelFamilies.Find("linear-vae");
        LinearVaeTrainer trainer = (LinearVaeTrainer)family.CreateTrainer(new FitSettings { Latents = 4, Epochs = 7, Seed = 3, Scaling = ScalingKind.None });
        Assert.AreEqual(new LinearVaeOptions { Latents = 4, Iterations = 7, Seed = 3, Scaling = ScalingKind.None }, trainer.Options);
        Assert.AreEqual("hidden", Assert.ThrowsExactly<BadOptionException>(() => family.CreateTrainer(new FitSettings { Latents = 4, Hidden = [3] })).Option);
    }

    private static LinearVaeModel Fit(IRowSource rows, LinearVaeOptions options) =>
        (LinearVaeModel)new LinearVaeTrainer(options).Fit(rows).Model;

    private static string TempFile() => Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.checkpoint");

    private static byte[] Bytes(FitResult result) => ModelFile.ToBytes(result.Model.ToRecord());
}
