using EntropyElbo;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.ML;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>What a fit takes from its MLContext and its surroundings: log, GPU settings, cancellation, progress.</summary>
[TestClass]
public sealed class ContextTests
{
    [TestMethod]
    public void Log_SaysWhereItTrains_AndHowItWent()
    {
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        Vae(ml).Fit(Rows.View(ml, Rows.Continuous(80)));
        Assert.IsTrue(log.Any(m => m.Contains("Training vae-1 on CPU (EntropyElbo.TorchSharp is not part of the app)", StringComparison.Ordinal)), string.Join('\n', log));
        Assert.IsTrue(log.Any(m => m.Contains("vae-1: ELBO", StringComparison.Ordinal) && m.Contains("80 rows", StringComparison.Ordinal)));
        Assert.IsTrue(log.Any(m => m.Contains("before it converged (EpochLimit)", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void GpuDeviceId_WithoutAGpu_IsAClearError_UnlessFallbackToCpu()
    {
        IDataView Sample(MLContext ml) => Rows.View(ml, Rows.Continuous(80));
        MLContext asked = new(1) { GpuDeviceId = 0 };
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => Vae(asked).Fit(Sample(asked)));
        Assert.AreEqual("GpuDeviceId", error.Option);
        StringAssert.Contains(error.Message, "FallbackToCpu");

        MLContext falling = new(1) { GpuDeviceId = 0, FallbackToCpu = true };
        List<string> log = [];
        falling.Log += (_, e) => log.Add(e.Message);
        Assert.IsNotNull(Vae(falling).Fit(Sample(falling)));
        Assert.IsTrue(log.Any(m => m.Contains("CPU instead of GPU 0", StringComparison.Ordinal)));

        MLContext plain = new(1);
        Assert.ThrowsExactly<BadOptionException>(() => Vae(plain, o => o.GpuDeviceId = 1).Fit(Sample(plain)));
        Assert.IsNotNull(Vae(asked, o => o.FallbackToCpu = true).Fit(Sample(asked)), "an estimator's option goes before the context's");
    }

    [TestMethod]
    public void Engine_IsUsedWhereItHasAGpu()
    {
        MLContext ml = new(1);
        GaussianVaeEstimator estimator = Vae(ml);
        FakeEngine engine = new(devices: 2);
        TrainingPlace place = estimator.ChoosePlace(engine);
        Assert.IsTrue(place.IsGpu);
        Assert.AreEqual("GPU 0 (fake)", place.Description);
        Assert.AreEqual("GPU 1 (fake)", Vae(ml, o => o.GpuDeviceId = 1).ChoosePlace(engine).Description);
        StringAssert.Contains(Assert.ThrowsExactly<BadOptionException>(() => Vae(ml, o => o.GpuDeviceId = 2).ChoosePlace(engine)).Message, "there are 2 GPUs");
        Assert.AreEqual("CPU (fake finds no usable GPU)", estimator.ChoosePlace(new FakeEngine(0)).Description);
    }

    [TestMethod]
    public void Engine_AbsentIsNull_AndAnotherAssemblyIsNoEngine()
    {
        Assert.IsNull(TrainingEngines.Find());
        Assert.ThrowsExactly<InvalidOperationException>(() => TrainingEngines.Find("EntropyElbo", () => null));
    }

    [TestMethod]
    public void Progress_OncePerEpoch()
    {
        MLContext ml = new(1);
        List<FitProgress> seen = [];
        Vae(ml, o => o.Progress = new OnProgress<FitProgress>(seen.Add)).Fit(Rows.View(ml, Rows.Continuous(80)));
        CollectionAssert.AreEqual(Enumerable.Range(1, 4).ToArray(), seen.Select(p => p.Epoch).ToArray());
        Assert.IsTrue(seen.All(p => double.IsFinite(p.Elbo)));
    }

    [TestMethod]
    public void Token_CancelsFit()
    {
        MLContext ml = new(1);
        using CancellationTokenSource source = new();
        int epochs = 0;
        GaussianVaeEstimator estimator = Vae(ml, o =>
        {
            o.CancellationToken = source.Token;
            o.Progress = new OnProgress<FitProgress>(p =>
            {
                epochs = p.Epoch;
                source.Cancel();
            });
        });
        Assert.ThrowsExactly<OperationCanceledException>(() => estimator.Fit(Rows.View(ml, Rows.Continuous(80))));
        Assert.AreEqual(1, epochs);
    }

    [TestMethod]
    public void CancelExecution_CancelsFit_AtTheNextEpoch()
    {
        MLContext ml = new(1);
        int epochs = 0;
        GaussianVaeEstimator estimator = Vae(ml, o => o.Progress = new OnProgress<FitProgress>(p =>
        {
            epochs = p.Epoch;
            if (p.Epoch == 2)
            {
                ml.CancelExecution();
            }
        }));
        Assert.ThrowsExactly<OperationCanceledException>(() => estimator.Fit(Rows.View(ml, Rows.Continuous(80))));
        Assert.AreEqual(2, epochs);
    }

    [TestMethod]
    public void BadOptions_AreNamed()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(80));
        Assert.ThrowsExactly<BadOptionException>(() => Vae(ml, o => o.Latents = 0));
        Assert.ThrowsExactly<BadOptionException>(() => Vae(ml, o => o.OutputColumnName = " "));
        Assert.ThrowsExactly<BadOptionException>(() => Vae(ml, o => o.ElboColumnName = "Latent"));
        Assert.ThrowsExactly<BadOptionException>(() => Vae(ml, o => o.Caching = (DataCaching)7).Fit(rows));
        Assert.ThrowsExactly<BadOptionException>(() => Vae(ml, o => o.ElboSamples = 0));
        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().Model("nothing", "Latent", "Features"));
    }

    [TestMethod]
    public void AnEstimatorDoesNotChangeWithItsOptions()
    {
        MLContext ml = new(1);
        GaussianVaeEstimator.Options options = new() { Latents = 2, Hidden = [4], Epochs = 2 };
        GaussianVaeEstimator estimator = ml.LatentVariables().GaussianVae(options);
        options.Latents = 5;
        Assert.AreEqual(2, estimator.Fit(Rows.View(ml, Rows.Continuous(80))).Model.LatentDimension);
    }

    private static GaussianVaeEstimator Vae(MLContext ml, Action<LatentOptions>? change = null)
    {
        GaussianVaeEstimator.Options options = new() { Latents = 2, Hidden = [6], Epochs = 4, Threads = 1, Seed = 1 };
        change?.Invoke(options);
        return ml.LatentVariables().GaussianVae(options);
    }

    private sealed class FakeEngine(int devices) : ITrainingEngine
    {
        public string Name => "fake";

        public int DeviceCount => devices;

        public ComputeEngine OnGpu(int device) => ComputeEngine.Cpu;
    }
}
