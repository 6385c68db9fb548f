using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Cli;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Training;

/// <summary>What progress tells of every epoch, and the table that the tool makes of it.</summary>
[TestClass]
public sealed class TraceTests
{
    private static readonly GaussianVaeOptions Small = new()
    {
        Latents = 3,
        Hidden = [8],
        Training = new MinibatchOptions { Epochs = 6, BatchSize = 32, KlWeight = new KlSchedule { Kind = KlScheduleKind.WarmUp, Epochs = 4 } },
    };

    [TestMethod]
    [DataRow("ppca")]
    [DataRow("linear-vae")]
    [DataRow("factor-analysis")]
    [DataRow("vae-1")]
    [DataRow("vae-3")]
    [DataRow("mixture:gaussian-diagonal")]
    [DataRow("sbn")]
    public void Parts_MakeUpTheElboAndTheEntropySum(string name)
    {
        ModelFamily family = ModelFamilies.Find(name);
        FitSettings settings = new FitSettings().With(family.Settings.First(s => s.IsRequired).Name, 2);
        settings = family.Settings.Any(s => s.Name == "epochs") ? settings with { Epochs = 5 } : settings;
        InMemoryRows rows = PcaData.Create(200, 1);
        FitResult fit = family.CreateTrainer(settings).Fit(name == "sbn" ? Bits(rows) : rows);
        Assert.IsNotEmpty(fit.History);
        foreach (FitProgress p in fit.History)
        {
            Assert.AreEqual(p.Elbo, p.Reconstruction!.Value - p.Kl!.Value, 1e-9 * Math.Abs(p.Elbo), $"{p.Epoch}");
            Assert.AreEqual(
                p.EntropySum, p.EncoderEntropy!.Value - p.PriorEntropy!.Value - p.DecoderEntropy!.Value + p.BaseMeasure!.Value, 1e-9 * Math.Abs(p.EntropySum), $"{p.Epoch}");
        }
    }

    [TestMethod]
    public void Vae_TellsRateWeightVarianceGradientAndLatents()
    {
        InMemoryRows rows = PcaData.Create(200, 1), test = PcaData.Create(50, 2);
        FitResult traced = new GaussianVaeTrainer(Small).Fit(rows, new FitContext { Traces = true, TestRows = test });
        FitResult plain = new GaussianVaeTrainer(Small).Fit(rows, new FitContext { TestRows = test, Threads = 1 });
        CollectionAssert.AreEqual(new[] { 0, 0.25, 0.5, 0.75, 1, 1 }, traced.History.Select(p => p.KlWeight!.Value).ToArray());
        Assert.AreEqual(MinibatchOptions.DefaultLearningRate, traced.History[0].LearningRate);
        Assert.IsLessThan(MinibatchOptions.DefaultLearningRate, traced.History[^1].LearningRate!.Value);
        foreach ((FitProgress p, FitProgress q) in traced.History.Zip(plain.History))
        {
            // With one variance the entropy of the decoder says what it is.
            Assert.AreEqual(Math.Exp((2 * p.DecoderEntropy!.Value / rows.Columns) - 1) / (2 * Math.PI), p.NoiseVariance!.Value, 1e-9 * p.NoiseVariance.Value);
            Assert.AreEqual(p.Kl!.Value, p.LatentKl!.Sum(), 1e-12 * p.Kl.Value);
            Assert.AreEqual(p.EncoderEntropy!.Value, p.LatentEntropies!.Sum(), 1e-12 * Math.Abs(p.EncoderEntropy.Value));
            Assert.IsTrue(double.IsFinite(p.TestElbo!.Value) && p.GradientNorm > 0);
            Assert.AreEqual(p.GradientNorm, q.GradientNorm, "the thread count changes nothing");
            Assert.IsTrue(q.LatentKl is null && q.TestElbo is null, "costly figures come when asked for");
        }
    }

    [TestMethod]
    public void LinearVae_TellsTheNoiseVarianceOfTheScaledRows()
    {
        FitResult fit = ModelFamilies.Find("linear-vae").CreateTrainer(new FitSettings { Latents = 2 }).Fit(PcaData.Create(300, 1));
        double entropy = fit.Model.Report.Summary.DecoderEntropy;
        Assert.AreEqual(Math.Exp((2 * entropy / 10) - 1) / (2 * Math.PI), fit.History[^1].NoiseVariance!.Value, 1e-6);
        Assert.AreEqual(entropy, fit.History[^1].DecoderEntropy!.Value, 1e-4);
    }

    [TestMethod]
    public void SquaredNorm_IsThatOfTheSum()
    {
        AlignedBuffer<float>[] parts = [new(64), new(64), new(64)];
        double expected = 0;
        for (int i = 0; i < 64; i++)
        {
            (parts[0].Span[i], parts[1].Span[i], parts[2].Span[i]) = (i, -2 * i, 0.5f);
            expected += i is >= 16 and < 48 ? Math.Pow(0.5 - i, 2) : 0;
        }

        Assert.AreEqual(expected, PartialSums.SquaredNorm(parts, 16, 32), 1e-12 * expected);
    }

    [TestMethod]
    public void Tool_WritesATableThatItReads_AndHistoryInJson()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(folder.Fit("--json", "--test-fraction", "0.25", "--trace", folder["trace.csv"]));
        Assert.AreEqual(0, run.Status, run.Error);
        IRowSource table = RowSources.Open(folder["trace.csv"]);
        (double[] values, int rows) = table.ReadAll();
        Assert.AreEqual(3, rows);
        string[] names = [.. table.ColumnNames];
        Assert.IsTrue(values.All(double.IsFinite));
        foreach (string name in (string[])["epoch", "elbo", "entropy_sum", "encoder_entropy", "noise_variance", "learning_rate", "kl_weight", "gradient_norm", "test_elbo", "seconds", "entropy_2", "kl_2"])
        {
            CollectionAssert.Contains(names, name);
        }

        CollectionAssert.DoesNotContain(names, "entropy_3");
        double[] elbos = [.. run.Json.GetProperty("history").GetProperty("elbo").EnumerateArray().Select(e => e.GetDouble())];
        CollectionAssert.AreEqual(elbos, Enumerable.Range(0, rows).Select(r => values[(r * names.Length) + Array.IndexOf(names, "elbo")]).ToArray());
    }

    [TestMethod]
    public void Trace_AfterResuming_HasEveryEpoch()
    {
        using CliFolder folder = new();
        string[] more = ["--checkpoint", folder["c.eelbo"], "--resume"];
        Assert.AreEqual(0, CliRun.Of(folder.Fit([.. more, "--trace", folder["whole.csv"]])).Status);
        CliRun run = CliRun.Of([.. folder.Fit(more).Select(a => a == "3" ? "5" : a), "--trace", folder["trace.csv"]]);
        Assert.AreEqual(0, run.Status, run.Error);
        IRowSource table = RowSources.Open(folder["trace.csv"]);
        (double[] values, int rows) = table.ReadAll();
        Assert.AreEqual(5, rows);
        int seconds = table.ColumnNames.ToList().IndexOf("seconds"), latent = table.ColumnNames.ToList().IndexOf("kl_1");
        for (int row = 0; row < rows; row++)
        {
            Assert.AreEqual(row < 3, double.IsNaN(values[(row * table.Columns) + seconds]), $"times of epoch {row + 1}");
            Assert.IsTrue(double.IsFinite(values[(row * table.Columns) + latent]));
        }
    }

    private static InMemoryRows Bits(InMemoryRows rows) => new([.. rows.ReadAll().Values.Select(x => x > 1 ? 1.0 : 0)], rows.Columns);
}
