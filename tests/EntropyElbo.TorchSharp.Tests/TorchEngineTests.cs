using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>Whole fits through the engine, on libtorch's CPU.</summary>
[TestClass]
[DoNotParallelize]
public sealed class TorchEngineTests
{
    private static readonly TorchEngine Engine = new(new TorchOptions { Device = "cpu" });

    private static readonly GaussianVaeOptions Small = new()
    {
        Latents = 2,
        Hidden = [24],
        Scaling = ScalingKind.None,
        Training = new MinibatchOptions { Epochs = 40, BatchSize = 100, LearningRate = 5e-3, StationarityTolerance = 0 },
    };

    [TestMethod]
    public void Library_FindsTheEngineBesideIt()
    {
        ITrainingEngine engine = TrainingEngines.Find()!;
        Assert.IsInstanceOfType<TorchEngine>(engine);
        Assert.IsNull(engine.Problem);
        Assert.AreEqual("TorchSharp", engine.Name);
    }

    /// <summary>What the loader says of a library whose C++ library is too old, of one without libtorch beside it, and of none at all.</summary>
    [TestMethod]
    [DataRow(
        "Unable to load shared library 'LibTorchSharp' or one of its dependencies.\n/lib/x86_64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by /app/libLibTorchSharp.so)\n/app/LibTorchSharp.so: cannot open shared object file: No such file or directory",
        "needs GLIBCXX_3.4.32, which this system's libstdc++.so.6 is too old to have",
        "GCC 13")]
    [DataRow("/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /app/libLibTorchSharp.so)", "needs GLIBC_2.38, which this system's libc.so.6", "a newer Linux")]
    [DataRow("libtorch_cpu.so: cannot open shared object file: No such file or directory", "needs libtorch_cpu.so, which is not there", "TorchSharp-cpu")]
    [DataRow("/app/libLibTorchSharp.so: cannot open shared object file: No such file or directory", "is not part of the app", "TorchSharp-cuda-linux")]
    public void Problem_IsTheLoadersInOneLine(string loaderMessage, string cause, string remedy)
    {
        string problem = NativeLibtorch.Explain(loaderMessage);
        StringAssert.Contains(problem, cause);
        StringAssert.Contains(problem, remedy);
        Assert.DoesNotContain("\n", problem);
        Assert.IsLessThan(400, problem.Length);
    }

    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance)]
    [DataRow(VaeVariant.LearnedPrior)]
    [DataRow(VaeVariant.VarianceNetwork)]
    [DataRow(VaeVariant.SparsePrior)]
    public void Fit_LearnsAsWellAsTheCpuEngine(VaeVariant variant)
    {
        InMemoryRows rows = PcaData.Create(2000, 1);
        GaussianVaeTrainer trainer = new(Small with { Variant = variant });
        TrainingRecord own = trainer.Fit(rows).Model.Training, torch = OnTorch(trainer).Fit(rows).Model.Training;
        Assert.AreEqual(own.Report!.Summary.Elbo, torch.Report!.Summary.Elbo, 0.15);
        Assert.AreEqual(own.Steps, torch.Steps);
        Assert.AreEqual(own.Epochs, torch.Epochs);
        Assert.IsLessThan(0.02, torch.Report.Summary.RelativeGap);
    }

    /// <summary>Parameters of a model that the library trained go in, and one epoch or iteration from there is better than one from scratch.</summary>
    [TestMethod]
    [DataRow("vae-1", 60, 0.1)]
    [DataRow("linear-vae", 20, 1e-6)]
    [DataRow("factor-analysis", 20, 1e-6)]
    [DataRow("mixture:gaussian-full", 20, 1e-6)]
    [DataRow("sbn", 20, 0.03)]
    public void Fit_GoesOnFromAModel(string name, int epochs, double noise)
    {
        double[] values = PcaData.Create(500, 1).ReadAll().Values;
        InMemoryRows rows = new(name == "sbn" ? Array.ConvertAll(values, v => v > 0 ? 1.0 : 0) : values, 10);
        ModelFamily family = ModelFamilies.Find(name);
        FitSettings settings = new FitSettings { Seed = 1 }.With(family.LatentSetting.Name, 2).With("epochs", 1);
        settings = name switch
        {
            "vae-1" => settings with { Hidden = [8] },
            "sbn" => settings.With("posterior", "truncated").With("states", 3),
            _ when name.StartsWith("mixture", StringComparison.Ordinal) => settings with { Restarts = 1 },
            _ => settings,
        };
        LatentModel first = family.CreateTrainer(settings.With("epochs", epochs)).Fit(rows).Model;
        ITrainer trainer = family.CreateTrainer(settings);
        double anew = OnTorch(trainer).Fit(rows).Model.Report.Summary.Elbo;
        double further = OnTorch(ModelStart.Apply(trainer, first, null)).Fit(rows).Model.Report.Summary.Elbo;
        Assert.IsGreaterThanOrEqualTo(first.Report.Summary.Elbo - noise, further);
        Assert.IsGreaterThan(anew + 1e-3, further);
    }

    [TestMethod]
    public void Model_IsSavedAndScoredByTheLibraryAlone()
    {
        InMemoryRows rows = PcaData.Create(500, 1);
        LatentModel model = OnTorch(new GaussianVaeTrainer(Small)).Fit(rows).Model;
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.eelbo");
        try
        {
            model.Save(path);
            LatentModel loaded = ModelFamilies.Load(path);
            Assert.AreEqual(model.Evaluate(rows).Summary, loaded.Evaluate(rows).Summary);
            Assert.IsInstanceOfType<GaussianVaeModel>(loaded);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    [DataRow(RowCaching.Memory)]
    [DataRow(RowCaching.Stream)]
    public void SameSeed_SameModel_AndResumedTheSame(RowCaching caching)
    {
        InMemoryRows rows = PcaData.Create(500, 1);
        string checkpoint = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.checkpoint");
        try
        {
            float[] whole = Parameters(Fit(rows, new FitContext { Caching = caching }));
            CollectionAssert.AreEqual(whole, Parameters(Fit(rows, new FitContext { Caching = caching })));
            using CancellationTokenSource source = new();
            Fit(rows, new FitContext { Caching = caching, CheckpointPath = checkpoint, CancellationToken = source.Token, Progress = new OnProgress<FitProgress>(p => CancelAt(p, 7, source)) });
            CollectionAssert.AreEqual(whole, Parameters(Fit(rows, new FitContext { Caching = caching, CheckpointPath = checkpoint, Resume = true })));
        }
        finally
        {
            File.Delete(checkpoint);
        }
    }

    [TestMethod]
    public void Tensors_DoNotLeak()
    {
        InMemoryRows rows = PcaData.Create(500, 1);
        List<long> counts = [];
        GaussianVaeOptions options = Small with { Variant = VaeVariant.VarianceNetwork, Training = Small.Training with { Epochs = 50 } };
        long before = torch.Tensor.TotalCount;
        OnTorch(new GaussianVaeTrainer(options)).Fit(rows, new FitContext { Progress = new OnProgress<FitProgress>(_ => counts.Add(torch.Tensor.TotalCount)) });
        Assert.HasCount(50, counts);
        Assert.AreEqual(1, counts.Skip(1).Distinct().Count(), string.Join(", ", counts));
        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ConvolutionalVae_IsTrainedOnTheDeviceAndScoredByTheLibrary(bool flips)
    {
        InMemoryRows rows = Blobs.Create(600, 1, side: 8);
        GaussianVaeTrainer trainer = new(new GaussianVaeOptions
        {
            Latents = 5,
            Images = new ImageNetworks { Shape = Blobs.Shape(8), Filters = [12, 24], HorizontalFlips = flips },
            Training = new MinibatchOptions { Epochs = 50, BatchSize = 60, LearningRate = 3e-3, StationarityTolerance = 0 },
        });
        List<long> counts = [];
        long before = torch.Tensor.TotalCount;
        FitResult own = trainer.Fit(rows), first = OnTorch(trainer).Fit(rows, new FitContext { Progress = new OnProgress<FitProgress>(_ => counts.Add(torch.Tensor.TotalCount)) });
        Assert.AreEqual(1, counts.Skip(1).Distinct().Count(), string.Join(", ", counts));
        Assert.AreEqual(before, torch.Tensor.TotalCount);
        CollectionAssert.AreEqual(Parameters(first), Parameters(OnTorch(trainer).Fit(rows)));

        // The two engines draw other noise; a fit of other noise on one engine differs as much.
        double expected = own.Model.Evaluate(rows).Summary.Elbo, actual = first.Model.Evaluate(rows).Summary.Elbo;
        Assert.AreEqual(expected, actual, 0.05 * Math.Abs(expected));
        Assert.IsLessThan(0.01, first.Model.Evaluate(rows).Summary.RelativeGap);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Bfloat16_TrainsNearSinglePrecision(bool convolves)
    {
        InMemoryRows rows = PcaData.Create(2000, 1);
        GaussianVaeTrainer trainer = new(convolves ? Small with { Images = new ImageNetworks { Shape = new ImageShape(2, 5), Filters = [12] } } : Small);
        double single = OnTorch(trainer).Fit(rows).Model.Report.Summary.Elbo;
        TorchEngine half = new(new TorchOptions { Device = "cpu", Precision = TorchPrecision.BFloat16 });
        double coarse = OnTorch(trainer, half).Fit(rows).Model.Report.Summary.Elbo;
        Assert.AreNotEqual(single, coarse);
        Assert.AreEqual(single, coarse, 1);
    }

    [TestMethod]
    public void NonFiniteValue_StopsTraining()
    {
        double[] values = PcaData.Create(200, 1).ReadAll().Values;
        values.AsSpan(0, 10).Fill(3e38);
        TrainingException error = Assert.ThrowsExactly<TrainingException>(() => Fit(new InMemoryRows(values, 10), new FitContext()));
        StringAssert.Contains(error.Message, "epoch 1");
    }

    [TestMethod]
    public void Moments_FromTheDevice_GiveTheSameModels()
    {
        InMemoryRows rows = PcaData.Create(3000, 1);
        ITrainer[] trainers = [
            new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 2 }),
            new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 2 }),
            new LinearVaeTrainer(new LinearVaeOptions { Latents = 2 })];
        foreach (ITrainer trainer in trainers)
        {
            double expected = trainer.Fit(rows).Model.Evaluate(rows).Summary.Elbo;
            long before = torch.Tensor.TotalCount;
            LatentModel model = OnTorch(trainer).Fit(rows).Model;
            Assert.AreEqual(before, torch.Tensor.TotalCount);
            Assert.AreEqual(expected, model.Evaluate(rows).Summary.Elbo, 1e-9 * Math.Abs(expected), model.Family);
        }
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void LinearVae_HasTheSameElboAndGradientThroughAutograd(bool fromRows)
    {
        const int columns = 7, count = 40;
        double[] values = PcaData.Create(count, 1, columns: columns).ReadAll().Values;
        LinearVaeParameters parameters = new(columns, 3, varianceFloor: 0.01);
        BatchStatistics batch = new(columns, 3);
        batch.Load(values);
        RowMoments moments = RowMoments.Read(new InMemoryRows(values, columns), Scaling.Identity(columns), 1, default);
        LinearVaeStatistics statistics = fromRows ? batch : new CovarianceStatistics(moments);
        using LinearVaeObjective own = new(parameters, statistics);
        long before = torch.Tensor.TotalCount;
        using (TorchLinearVaeObjective other = new(parameters, statistics, torch.CPU))
        {
            RandomStream random = new(4, RandomPurpose.Generation);
            double[] point = new double[parameters.Length], expected = new double[point.Length], actual = new double[point.Length];
            for (int trial = 0; trial < 5; trial++)
            {
                random.FillGaussian(point);
                double value = own.Evaluate(point, expected);
                Assert.AreEqual(value, other.Evaluate(point, actual), 1e-12 * Math.Abs(value));
                Assert.AreEqual(own.Values.Elbo, other.Values.Elbo, 1e-12 * Math.Abs(value));
                Assert.AreEqual(own.Values.PriorResidual, other.Values.PriorResidual, 1e-11 * Math.Abs(own.Values.PriorResidual));
                Assert.AreEqual(own.Values.NoiseResidual, other.Values.NoiseResidual, 1e-11 * Math.Abs(own.Values.NoiseResidual));
                double scale = expected.Max(Math.Abs);
                for (int i = 0; i < point.Length; i++)
                {
                    Assert.AreEqual(expected[i], actual[i], 1e-12 * scale, $"entry {i}");
                }
            }
        }

        Assert.AreEqual(before, torch.Tensor.TotalCount);
    }

    [TestMethod]
    [DataRow(LinearVaeOptimizer.LBfgs)]
    [DataRow(LinearVaeOptimizer.Adam)]
    public void LinearVae_TrainedThroughAutograd_IsTheSame(LinearVaeOptimizer optimizer)
    {
        LinearVaeOptions options = new() { Latents = 2, Optimizer = optimizer, Iterations = 20, StationarityTolerance = 0 };
        AssertSame(new LinearVaeTrainer(options), PcaData.Create(700, 1));
    }

    [TestMethod]
    public void MomentsOfManyBlocks_AreThoseOfTheLibrary()
    {
        // 3 MiB blocks of doubles: 3000 columns give blocks of 1,398 rows.
        double[] values = new double[3000 * 3000];
        new RandomStream(1, RandomPurpose.Generation).FillGaussian(values);
        InMemoryRows rows = new(values, 3000);
        RowMoments own = RowMoments.Read(rows, Scaling.Identity(3000), 2, default);
        RowMoments torch = new TorchMoments(global::TorchSharp.torch.CPU).Read(rows, Scaling.Identity(3000), default);
        Assert.AreEqual(own.Rows, torch.Rows);
        foreach ((int i, int j) in new[] { (0, 0), (0, 2999), (17, 1800), (2999, 2999) })
        {
            Assert.AreEqual(own.Mean[i], torch.Mean[i], 1e-12);
            Assert.AreEqual(own.Covariance(i, j), torch.Covariance(i, j), 1e-12);
        }
    }

    [TestMethod]
    [DataRow("gaussian-full", null)]
    [DataRow("gaussian-diagonal", 2)]
    [DataRow("gaussian-spherical", null)]
    [DataRow("gaussian-full@1-4,gaussian-diagonal@5-10", null)]
    [DataRow("gaussian-tied", null)]
    [DataRow("gaussian-tied@1-4,gaussian-spherical@5-10", 2)]
    [DataRow("gaussian-full", null, 90)]
    [DataRow("gaussian-tied", 2, 200)]
    public void MixtureOnTheDevice_GivesTheSameModel(string family, int? kept, int? batch = null)
    {
        InMemoryRows rows = PcaData.Create(700, 1);
        double[] weights = [.. Enumerable.Range(0, 700).Select(i => 0.5 + (i % 3))];
        MixtureTrainer trainer = new(new MixtureOptions
        {
            Family = family,
            Components = 3,
            Iterations = 12,
            KeptComponents = kept,
            RowWeights = weights,
            BatchSize = batch,
            StationarityTolerance = 0,
        });
        AssertSame(trainer, rows, keepsTensors: true);
    }

    [TestMethod]
    [DataRow("poisson")]
    [DataRow("binomial:9")]
    [DataRow("categorical")]
    [DataRow("categorical@1-3,poisson@4")]
    [DataRow("categorical", 100)]
    public void MixtureOfCountsOnTheDevice_GivesTheSameModel(string family, int? batch = null)
    {
        RandomStream random = new(2, RandomPurpose.Generation);
        double[] values = [.. Enumerable.Range(0, 600 * 4).Select(i => (double)Math.Min(9, random.NextInt(3 + (i / 4 % 2 * 6))))];
        MixtureOptions options = new() { Family = family, Components = 2, Iterations = 12, BatchSize = batch, StationarityTolerance = 0 };
        AssertSame(new MixtureTrainer(options), new InMemoryRows(values, 4), keepsTensors: true);
    }

    [TestMethod]
    [DataRow(4, null)]
    [DataRow(5, 3)]
    public void ExactBeliefNetOnTheDevice_GivesTheSameModel(int latents, int? deeper)
    {
        RandomStream random = new(5, RandomPurpose.Generation);
        double[] values = [.. Enumerable.Range(0, 600 * 9).Select(i => random.NextUniform() < 0.2 + (0.6 * (i / 9 % 2)) ? 1.0 : 0.0)];
        SigmoidBeliefNetOptions options = new() { Latents = latents, Iterations = 8, StationarityTolerance = 0, DeeperLayers = deeper is { } d ? [d] : [] };
        AssertSame(new SigmoidBeliefNetTrainer(options), new InMemoryRows(values, 9));
    }

    private static void AssertSame(ITrainer trainer, IRowSource rows, bool keepsTensors = false)
    {
        FitResult own = trainer.Fit(rows);
        long before = torch.Tensor.TotalCount, most = before;
        FitResult torchFit = OnTorch(trainer).Fit(rows, new FitContext { Progress = new OnProgress<FitProgress>(_ => most = Math.Max(most, torch.Tensor.TotalCount)) });
        Assert.AreEqual(before, torch.Tensor.TotalCount);
        if (keepsTensors)
        {
            Assert.IsGreaterThan(before, most, "the fit must have kept rows on the device for this test to say anything");
        }

        Assert.HasCount(own.History.Count, torchFit.History);
        for (int i = 0; i < own.History.Count; i++)
        {
            Assert.AreEqual(own.History[i].Elbo, torchFit.History[i].Elbo, 1e-9 * Math.Abs(own.History[i].Elbo), $"iteration {i + 1}");
            Assert.AreEqual(own.History[i].EntropySum, torchFit.History[i].EntropySum, 1e-9 * Math.Abs(own.History[i].Elbo));
        }

        ElboReport expected = own.Model.Report.Summary;
        Assert.AreEqual(expected.Elbo, torchFit.Model.Report.Summary.Elbo, 1e-9 * Math.Abs(expected.Elbo));
    }

    [TestMethod]
    [DataRow(14, null, 16, 600)]
    [DataRow(13, 5, 20, 600)]
    [DataRow(70, null, 8, 300)]
    public void TruncatedBeliefNetOnTheDevice_GivesTheSameModel(int latents, int? deeper, int states, int count)
    {
        RandomStream random = new(5, RandomPurpose.Generation);
        double[] values = [.. Enumerable.Range(0, count * 25).Select(i => random.NextUniform() < 0.2 + (0.6 * (i / 25 % 2)) ? 1.0 : 0.0)];
        SigmoidBeliefNetOptions options = new()
        {
            Latents = latents,
            States = states,
            Iterations = 6,
            StationarityTolerance = 0,
            DeeperLayers = deeper is { } d ? [d] : [],
        };
        Assert.IsFalse(options.IsExact);
        AssertSame(new SigmoidBeliefNetTrainer(options), new InMemoryRows(values, 25), keepsTensors: true);
    }

    [TestMethod]
    [DataRow("cuda:99")]
    [DataRow("cuda:")]
    [DataRow("cuda:-1")]
    [DataRow("gpu")]
    [DataRow("")]
    public void UnknownDevice_IsNamed(string device)
    {
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(
            () => new TorchEngine(new TorchOptions { Device = device }).OnDevice());
        Assert.AreEqual("device", error.Option);
        StringAssert.Contains(error.Message, $"'{device}'");
    }

    [TestMethod]
    public void Choose_TakesTheFirstGpu_OrSaysThatThereIsNone()
    {
        TrainingPlace place = TrainingEngines.Choose(Engine, null, fallbackToCpu: true);
        Assert.AreEqual(Engine.DeviceCount > 0, place.IsGpu);
        StringAssert.Contains(place.Description, place.IsGpu ? "GPU 0" : "no usable GPU");
        Assert.ThrowsExactly<BadOptionException>(() => Engine.OnGpu(Engine.DeviceCount));
    }

    private static FitResult Fit(IRowSource rows, FitContext context) =>
        OnTorch(new GaussianVaeTrainer(Small with { Training = Small.Training with { Epochs = 15 } })).Fit(rows, context);

    private static ITrainer OnTorch(ITrainer trainer, TorchEngine? engine = null) => new EngineTrainer(trainer, (engine ?? Engine).OnDevice());

    private static float[] Parameters(FitResult fit) => ((GaussianVaeModel)fit.Model).Parameters.ToArray();

    private static void CancelAt(FitProgress progress, int epoch, CancellationTokenSource source)
    {
        if (progress.Epoch == epoch)
        {
            source.Cancel();
        }
    }
}
