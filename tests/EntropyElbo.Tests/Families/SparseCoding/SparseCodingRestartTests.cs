using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Files;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Several starts: each is the fit of its own seed, and the best of them is the model.</summary>
[TestClass]
public sealed class SparseCodingRestartTests
{
    private static readonly InMemoryRows Rows = Bars.Create(200, 2, side: 3);
    private static readonly SparseCodingOptions Options = new() { Latents = 3, Covariance = SparseCovariance.Full };

    [TestMethod]
    [DataRow(SparseCodingOptimizer.LBfgs, 25)]
    [DataRow(SparseCodingOptimizer.Em, 30)]
    [DataRow(SparseCodingOptimizer.Joint, 10)]
    public void TheBestOfTheSeedsIsKept(SparseCodingOptimizer optimizer, int iterations)
    {
        SparseCodingOptions options = Options with { Optimizer = optimizer, Iterations = iterations };
        (double Elbo, ulong Seed)[] single =
            [.. new ulong[] { 1, 2, 3 }.Select(seed => (new SparseCodingTrainer(options with { Seed = seed }).Fit(Rows).Model.Report.Summary.Elbo, seed))];
        FitResult fit = new SparseCodingTrainer(options with { Restarts = 3 }).Fit(Rows);
        Assert.AreEqual(single.Max().Elbo, fit.Model.Report.Summary.Elbo, 1e-12);
        Assert.IsGreaterThan(single.Min().Elbo + 1e-9, fit.Model.Report.Summary.Elbo, "the starts must differ for this test to say anything");
        StringAssert.Contains(string.Concat(fit.Model.Training.Warnings), "3 starts ended at ELBOs between");
    }

    [TestMethod]
    [DataRow(25)]
    [DataRow(45)]
    [DataRow(62)]
    public void AResumedFit_EndsWithTheSameBits(int interrupted)
    {
        SparseCodingOptions options = Options with { Restarts = 3, Iterations = 20 };
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.checkpoint");
        try
        {
            byte[] whole = ModelFile.ToBytes(new SparseCodingTrainer(options).Fit(Rows).Model.ToRecord());
            using CancellationTokenSource source = new();
            FitContext context = new()
            {
                CheckpointPath = path,
                CancellationToken = source.Token,
                Progress = new Stopping(interrupted, source),
            };
            new SparseCodingTrainer(options).Fit(Rows, context);
            FitResult resumed = new SparseCodingTrainer(options).Fit(Rows, new FitContext { CheckpointPath = path, Resume = true, Threads = 1 });
            CollectionAssert.AreEqual(whole, ModelFile.ToBytes(resumed.Model.ToRecord()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>Whoever stops during a later start has the best that ended before.</summary>
    [TestMethod]
    public void AFitThatIsCutShort_KeepsTheBestSoFar()
    {
        SparseCodingOptions options = Options with { Restarts = 3, Iterations = 40 };
        using CancellationTokenSource source = new();
        double first = new SparseCodingTrainer(options with { Restarts = 1 }).Fit(Rows).Model.Report.Summary.Elbo;
        FitContext context = new() { CancellationToken = source.Token, Progress = new Stopping(42, source) };
        Assert.AreEqual(first, new SparseCodingTrainer(options).Fit(Rows, context).Model.Report.Summary.Elbo, 1e-12);
    }

    [TestMethod]
    public void RestartsThatMeanNothing_AreRefused()
    {
        Assert.AreEqual("restarts", Refused(new(Options with { Restarts = 2, BatchSize = 50 })));
        Assert.AreEqual("restarts", Refused(new(Options with { Restarts = 0 })));
        SparseCodingModel model = (SparseCodingModel)new SparseCodingTrainer(Options with { Iterations = 2 }).Fit(Rows).Model;
        Assert.AreEqual("restarts", Refused(new(Options with { Restarts = 2, From = model })));

        static string Refused(SparseCodingTrainer trainer) => Assert.ThrowsExactly<BadOptionException>(() => trainer.Fit(Rows)).Option;
    }

    private sealed class Stopping(int iterations, CancellationTokenSource source) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Epoch >= iterations)
            {
                source.Cancel();
            }
        }
    }
}
