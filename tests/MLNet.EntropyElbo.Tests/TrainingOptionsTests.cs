using EntropyElbo;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Options that reach the library's training: test rows, early stopping, checkpoints, schedules, the CPU.</summary>
[TestClass]
public sealed class TrainingOptionsTests
{
    [TestMethod]
    public void TestData_IsReported_AndStopsEarly()
    {
        MLContext ml = new(1);
        IDataView test = Rows.View(ml, Rows.Continuous(40, seed: 2));
        GaussianVaeEstimator.Options options = Options();
        options.TestData = test;
        options.EarlyStoppingPatience = 1;
        options.Epochs = 500;
        options.LearningRate = 0.05;
        LatentTransformer fitted = ml.LatentVariables().GaussianVae(options).Fit(Rows.View(ml, Rows.Continuous(80)));
        Assert.AreEqual(40, fitted.TestMetrics!.Rows);
        Assert.AreEqual(StopReason.EarlyStopping, fitted.Model.Training.StopReason);
        double best = fitted.Result.History.Max(p => p.TestElbo!.Value) + fitted.Model.Scaling.LogVolume;
        Assert.IsGreaterThan(best - 1, fitted.TestMetrics.Elbo, "the parameters that were best on the test rows");
        options.EarlyStoppingPatience = null;
        options.Epochs = 3;
        Assert.IsNull(ml.LatentVariables().GaussianVae(options).Fit(Rows.View(ml, Rows.Continuous(80))).Result.History[0].TestElbo);
        options.StopsByTestData = true;
        Assert.IsNotNull(ml.LatentVariables().GaussianVae(options).Fit(Rows.View(ml, Rows.Continuous(80))).Result.History[0].TestElbo);
        options.TestData = null;
        Assert.AreEqual("StopsByTestData", Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().GaussianVae(options)).Option);
        options.StopsByTestData = false;
        options.EarlyStoppingPatience = 1;
        Assert.AreEqual("EarlyStoppingPatience", Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().GaussianVae(options)).Option);
    }

    [TestMethod]
    public void Checkpoint_IsGoneOnFrom_WithTheBitsOfAnUninterruptedFit()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(80));
        GaussianVaeEstimator.Options options = Options();
        LatentTransformer whole = ml.LatentVariables().GaussianVae(options).Fit(rows);
        options.CheckpointPath = folder["state"];
        using CancellationTokenSource source = new();
        options.CancellationToken = source.Token;
        options.Progress = new OnProgress<FitProgress>(p =>
        {
            if (p.Epoch == 3)
            {
                source.Cancel();
            }
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => ml.LatentVariables().GaussianVae(options).Fit(rows));
        List<int> epochs = [];
        options.CancellationToken = default;
        options.Progress = new OnProgress<FitProgress>(p => epochs.Add(p.Epoch));
        options.Resume = true;
        LatentTransformer resumed = ml.LatentVariables().GaussianVae(options).Fit(rows);
        CollectionAssert.AreEqual(new[] { 4, 5, 6 }, epochs);
        Assert.AreEqual(whole.Report.Summary, resumed.Report.Summary);
        options.CheckpointPath = null;
        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().GaussianVae(options));
    }

    [TestMethod]
    public void KlSchedule_IsTakenWhole()
    {
        MLContext ml = new(1);
        GaussianVaeEstimator.Options options = Options();
        options.KlSchedule = new KlSchedule { Kind = KlScheduleKind.WarmUp, Epochs = 5, Weight = 2 };
        Assert.AreEqual(options.KlSchedule, options.Minibatch(1).KlWeight);
        double warm = ml.LatentVariables().GaussianVae(options).Fit(Rows.View(ml, Rows.Continuous(80))).Report.Summary.Elbo;
        options.KlSchedule = null;
        Assert.AreNotEqual(warm, ml.LatentVariables().GaussianVae(options).Fit(Rows.View(ml, Rows.Continuous(80))).Report.Summary.Elbo);
    }

    [TestMethod]
    public void UseCpu_IsTheOneWay_WhateverTheContextAsksFor()
    {
        MLContext ml = new(1) { GpuDeviceId = 0 };
        GaussianVaeEstimator.Options options = Options();
        options.UseCpu = true;
        Assert.AreEqual("CPU (UseCpu)", ml.LatentVariables().GaussianVae(options).ChoosePlace(new GpuEngine()).Description);
        Assert.IsNotNull(ml.LatentVariables().GaussianVae(options).Fit(Rows.View(ml, Rows.Continuous(80))));
        options.GpuDeviceId = 0;
        Assert.AreEqual("UseCpu", Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().GaussianVae(options)).Option);
    }

    [TestMethod]
    public void NoLatents_AreRefusedWhenTheEstimatorIsMade()
    {
        MLContext ml = new(1);
        foreach (EstimatorContract contract in FreshProcessTests.Contracts())
        {
            Assert.ThrowsExactly<BadOptionException>(() => contract.Create(ml, o => o.Latents = 0));
        }

        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().ProbabilisticPca("Latent", "Features", latents: 0));
        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().Model("vae-1", "Latent", "Features", latents: 0));
        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().Model("mixture:poisson", "Latent", "Features", latents: 0));
    }

    private static GaussianVaeEstimator.Options Options() => new() { Latents = 2, Hidden = [6], Epochs = 6, Threads = 1, Seed = 1 };

    private sealed class GpuEngine : ITrainingEngine
    {
        public string Name => "fake";

        public int DeviceCount => 1;

        public ComputeEngine OnGpu(int device) => ComputeEngine.Cpu;
    }
}
