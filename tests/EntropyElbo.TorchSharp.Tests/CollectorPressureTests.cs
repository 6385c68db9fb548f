using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>Fits while the garbage collector takes at once whatever the code no longer refers to: nothing that a native call still reads may be among it.</summary>
[TestClass]
[DoNotParallelize]
public sealed class CollectorPressureTests
{
    private static readonly TorchEngine Engine = new(new TorchOptions { Device = "cpu" });
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>Arrays begin at any multiple of 8 bytes; libtorch's own memory at multiples of 64.</summary>
    private const int Places = 10;

    /// <summary>Entries that make an array one of the large ones, which have a heap of their own.</summary>
    private const int LargeArray = 20_000;

    public static IEnumerable<object[]> Members => Trainers.Keys.Select(name => new object[] { name });

    private static Dictionary<string, (ITrainer Trainer, IRowSource Rows)> Trainers { get; } = new()
    {
        ["vae"] = (Vae(VaeVariant.LearnedPrior), PcaData.Create(400, 1)),
        ["vae with a variance network"] = (Vae(VaeVariant.VarianceNetwork, VarianceOutput.Softplus), PcaData.Create(400, 1)),
        ["sparse vae of counts"] = (Vae(VaeVariant.SparsePrior), Counts(400, 6)),
        ["convolutional vae"] = (Vae(VaeVariant.LearnedVariance, images: new ImageNetworks { Shape = Blobs.Shape(8), Filters = [6, 12], HorizontalFlips = true }), Blobs.Create(200, 1, side: 8)),
        ["linear vae"] = (new LinearVaeTrainer(new LinearVaeOptions { Latents = 2, Iterations = 100, StationarityTolerance = 0 }), PcaData.Create(300, 1)),
        ["mixture"] = (Mixture("gaussian-full@1-4,gaussian-tied@5-7,gaussian-diagonal@8-10", kept: 2), PcaData.Create(300, 1)),
        ["mixture of counts"] = (Mixture("categorical@1-3,poisson@4-6"), Counts(300, 6)),
        ["mixture of features"] = (Mixture("gaussian-diagonal@1-4,gaussian-spherical@5-10"), PcaData.Create(2000, 1)),
        ["mixture of counts as features"] = (Mixture("binomial:5@1-5,poisson@6-11"), Counts(2000, 11)),
        ["exact belief net"] = (BeliefNet(4, 64), Counts(200, 9, limit: 1)),
        ["truncated belief net"] = (BeliefNet(12, 10), Counts(100, 9, limit: 1)),
    };

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void Fit_UnderPressure_GivesTheSameBits(string name)
    {
        (ITrainer trainer, IRowSource rows) = Trainers[name];
        ITrainer torch = Engine.Bind(trainer)!;
        byte[] expected = Saved(torch.Fit(rows));
        bool done = false;
        Thread collector = new(() =>
        {
            // Young objects mostly: a collection of those is quick, and what is made for one call is among them.
            for (int i = 0; !Volatile.Read(ref done); i++)
            {
                GC.Collect(i % 50 == 0 ? GC.MaxGeneration : 0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            for (long start = Environment.TickCount64; Environment.TickCount64 - start < Duration.TotalMilliseconds;)
            {
                CollectionAssert.AreEqual(expected, Saved(torch.Fit(rows)));
            }
        }
        finally
        {
            Volatile.Write(ref done, true);
            collector.Join();
        }
    }

    [TestMethod]
    [DataRow("mixture")]
    [DataRow("mixture of features")]
    [DataRow("mixture of counts as features")]
    public void Fit_WithItsArraysElsewhere_GivesTheSameBits(string name)
    {
        (ITrainer trainer, IRowSource rows) = Trainers[name];
        ITrainer torch = Engine.Bind(trainer)!;
        byte[] expected = Saved(torch.Fit(rows));
        for (int i = 1; i < Places; i++)
        {
            // Each step moves what comes after it by 8 bytes, among young objects and among large ones.
            object[] between = [new long[i], new long[LargeArray + i]];
            CollectionAssert.AreEqual(expected, Saved(torch.Fit(rows)));
            GC.KeepAlive(between);
            GC.Collect();
        }
    }

    private static GaussianVaeTrainer Vae(VaeVariant variant, VarianceOutput output = VarianceOutput.Exponential, ImageNetworks? images = null) => new(new GaussianVaeOptions
    {
        Latents = 2,
        Hidden = [16],
        Variant = variant,
        VarianceOutput = output,
        Images = images,
        Likelihood = ObservableLikelihood.Parse(variant == VaeVariant.SparsePrior ? "poisson" : "gaussian"),
        Scaling = ScalingKind.None,
        Training = new MinibatchOptions { Epochs = 20, BatchSize = 50, StationarityTolerance = 0 },
    });

    private static MixtureTrainer Mixture(string family, int? kept = null) =>
        new(new MixtureOptions { Family = family, Components = 3, KeptComponents = kept, Iterations = 30, StationarityTolerance = 0 });

    private static SigmoidBeliefNetTrainer BeliefNet(int latents, int states) =>
        new(new SigmoidBeliefNetOptions { Latents = latents, States = states, DeeperLayers = [3], Iterations = 5, StationarityTolerance = 0 });

    private static InMemoryRows Counts(int rows, int columns, int limit = 5)
    {
        RandomStream random = new(2, RandomPurpose.Generation);
        return new InMemoryRows([.. Enumerable.Range(0, rows * columns).Select(i => (double)random.NextInt(limit + 1))], columns);
    }

    private static byte[] Saved(FitResult fit)
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.eelbo");
        try
        {
            fit.Model.Save(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
