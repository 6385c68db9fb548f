using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Streaming;
using EntropyElbo.Tests.Families.Mixture;

namespace EntropyElbo.Tests.Streaming;

/// <summary>What all learners of streams promise, and that EM on a stream is EM.</summary>
[TestClass]
public sealed class StreamLearnerTests
{
    private const double Endless = 1e12;
    private const int Columns = 4;

    public static IEnumerable<object[]> Gaussians =>
        [["gaussian-full"], ["gaussian-tied"], ["gaussian-diagonal"], ["gaussian-spherical"], ["gaussian-diagonal@1-2,gaussian-full@3-4"]];

    public static IEnumerable<object[]> Kinds => [["ppca"], ["factor-analysis"], ["gaussian-full"], ["gaussian-diagonal"]];

    [TestMethod]
    [DynamicData(nameof(Gaussians))]
    public void AllRowsInOneBlock_AreOneStepOfEm(string family)
    {
        InMemoryRows rows = MixtureTestData.Rows("gaussian-full", 200, 3);
        MixtureOptions options = new() { Family = family, Components = 3, Scaling = ScalingKind.None, Restarts = 1, Iterations = 2, StationarityTolerance = 0 };
        MixtureModel start = (MixtureModel)new MixtureTrainer(options).Fit(new InMemoryRows(rows.ReadAll().Values[..(50 * Columns)], Columns)).Model;
        MixtureModel expected = (MixtureModel)new MixtureTrainer(options with { From = start, Iterations = 1, Restarts = null }).Fit(rows).Model;
        StreamingMixture stream = new(Columns, new StreamingMixtureOptions { Components = family, Count = 3, Memory = Endless, ReadingRows = 200, Start = start });
        stream.Add(rows.ReadAll().Values);
        MixtureModel found = (MixtureModel)stream.ToModel();

        // The start is not at its optimum: a step changes it.
        Assert.AreNotEqual(start.Weights[0], expected.Weights[0], 1e-6);
        AssertClose(expected.Weights, found.Weights);
        for (int g = 0; g < expected.Ranges.Count; g++)
        {
            AssertClose(expected.StandardParameters(g), found.StandardParameters(g));
        }
    }

    [TestMethod]
    public void OneRefreshOfAllRows_IsOneStepOfEm()
    {
        InMemoryRows rows = MixtureTestData.Rows("gaussian-full", 2000, 4);
        FactorAnalysisOptions options = new()
        {
            Latents = 2, Scaling = ScalingKind.None, Optimizer = FactorAnalysisOptimizer.Em, Iterations = 1, StationarityTolerance = 0,
        };
        FactorAnalysisModel expected = (FactorAnalysisModel)new FactorAnalysisTrainer(options).Fit(rows).Model;
        StreamReading? reading = null;
        StreamingFactorAnalysis stream = new(Columns, new StreamingFactorAnalysisOptions { Latents = 2, Steps = 1, Memory = Endless, ReadingRows = 2000 });
        stream.Add(rows.ReadAll().Values, r => reading = r);
        AssertClose(expected.NoiseVariances, ((FactorAnalysisModel)stream.ToModel()).NoiseVariances);
        Assert.AreEqual(expected.Report.Summary.EntropySum, reading!.EntropySum, 1e-8);

        // BIC from the batch's own ELBO, with all parameters that are free.
        double bic = (-2 * 2000 * expected.Report.Summary.Elbo) + (expected.FreeParameters * Math.Log(2000));
        Assert.AreEqual(bic, reading.Bic[0], 1e-4);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void StationaryStream_IsFittedAsADataSetIs_AndGivesNoAlarm(string kind)
    {
        const int count = 20_000;
        InMemoryRows rows = MixtureTestData.Rows("gaussian-full", count + 5_000, 5);
        double[] values = rows.ReadAll().Values;
        InMemoryRows training = new(values[..(count * Columns)], Columns), fresh = new(values[(count * Columns)..], Columns);
        StreamLearner stream = Learner(kind, 5_000);
        List<StreamReading> readings = [];
        stream.Add(values.AsSpan(0, count * Columns), readings.Add);

        LatentModel batch = Batch(kind, training, readings[^1].Latents);
        double expected = batch.Evaluate(fresh).Summary.Elbo, found = stream.ToModel(null).Evaluate(fresh).Summary.Elbo;

        // A memory of 5,000 rows costs about P / 2 / 5,000 nats.
        Assert.AreEqual(expected, found, 0.03);
        Assert.AreEqual(expected, readings[^1].EntropySum, 0.1);
        Assert.AreEqual(0, readings.Sum(r => r.Changes));
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public void HoweverCut_OrSavedBetween_TheBitsAreTheSame(string kind)
    {
        // A jump after two thirds: the alarm and the cut memory are part of it.
        double[] rows = MixtureTestData.Rows("gaussian-full", 6000, 7).ReadAll().Values;
        for (int i = 4000 * Columns; i < rows.Length; i++)
        {
            rows[i] *= 2;
        }

        List<StreamReading> whole = [], parts = [];
        StreamLearner one = Learner(kind, 800), other = Learner(kind, 800);
        one.Add(rows, whole.Add);
        int at = 0;
        for (int size = 1; at < 6000; size = (size * 3 % 701) + 1)
        {
            int count = Math.Min(size, 6000 - at);
            other.Add(rows.AsSpan(at * Columns, count * Columns), parts.Add);
            at += count;
            other = StreamFile.Read(other.ToRecord());
        }

        Assert.HasCount(whole.Count, parts);
        Assert.IsTrue(whole.Any(r => r.Changes > 0));
        for (int i = 0; i < whole.Count; i++)
        {
            Assert.AreEqual((whole[i].Rows, whole[i].Elbo, whole[i].ChangedAt, whole[i].EntropySum), (parts[i].Rows, parts[i].Elbo, parts[i].ChangedAt, parts[i].EntropySum));
        }

        CollectionAssert.AreEqual(ModelFile.ToBytes(one.ToRecord()), ModelFile.ToBytes(other.ToRecord()));
    }

    [TestMethod]
    public void ReadingsComeAtTheirRows()
    {
        List<StreamReading> readings = [];
        new StreamingPca(Columns, new StreamingPcaOptions { Memory = 900, ReadingRows = 1000 }).Add(MixtureTestData.Rows("gaussian-full", 5100, 8).ReadAll().Values, readings.Add);
        CollectionAssert.AreEqual(new long[] { 1000, 2000, 3000, 4000, 5000 }, readings.Select(r => r.Rows).ToArray());
    }

    /// <summary>Rows from which one direction is gone: with the memory cut off its variance is gone too, without it fades.</summary>
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void AChangeCutsTheMemoryOff(bool forgets)
    {
        double[] rows = StreamingChunks.Create(20_000, 1, 10, [6, 2]).ReadAll().Values;
        List<StreamReading> readings = [];
        new StreamingPca(10, new StreamingPcaOptions { Memory = 2_000, ForgetsAtChange = forgets }).Add(rows, readings.Add);
        StreamReading later = readings.First(r => r.Rows >= 11_400);
        Assert.IsTrue(readings.Any(r => r.ChangedAt is > 10_000 and <= 11_000));
        Assert.AreEqual(forgets, later.EffectiveRows < 1_600);
        Assert.AreEqual(forgets ? 2 : 6, later.Latents);
    }

    [TestMethod]
    public void NamesAreKept_AndOtherFilesAreRefused()
    {
        string path = Path.Combine(Path.GetTempPath(), $"stream-{Guid.NewGuid():N}");
        try
        {
            StreamLearner stream = Learner("factor-analysis", 500);
            stream.ColumnNames = ["p", "q", "r", "s"];
            stream.Add(MixtureTestData.Rows("gaussian-full", 600, 9).ReadAll().Values);
            stream.Save(path);
            StreamLearner again = StreamLearner.Open(path);
            CollectionAssert.AreEqual(stream.ColumnNames!.ToArray(), again.ToModel(null).ColumnNames.ToArray());
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => StreamingPca.Load(path)).Message, "streaming-factor-analysis");
            again.ToModel(null).Save(path);
            StringAssert.Contains(Assert.ThrowsExactly<ModelFileException>(() => StreamLearner.Open(path)).Message, "no stream's state");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void OptionsOutOfRange_AreNamed()
    {
        Assert.AreEqual("Latents", Refused(() => new StreamingFactorAnalysis(4, new StreamingFactorAnalysisOptions { Latents = 4 })));
        Assert.AreEqual("Steps", Refused(() => new StreamingFactorAnalysis(4, new StreamingFactorAnalysisOptions { Latents = 1, Steps = 0 })));
        Assert.AreEqual("Components", Refused(() => new StreamingMixture(4, new StreamingMixtureOptions { Components = "poisson", Count = 2 })));
        Assert.AreEqual("Count", Refused(() => new StreamingMixture(4, new StreamingMixtureOptions { Components = "gaussian-full", Count = 0 })));
        Assert.AreEqual("StartRows", Refused(() => new StreamingMixture(4, new StreamingMixtureOptions { Components = "gaussian-full", Count = 9, StartRows = 8 })));
        Assert.AreEqual("ColumnNames", Refused(() => new StreamingPca(4).ColumnNames = ["a"]));
    }

    private static string Refused(Action action) => Assert.ThrowsExactly<BadOptionException>(action).Option;

    private static StreamLearner Learner(string kind, double memory) => kind switch
    {
        "ppca" => new StreamingPca(Columns, new StreamingPcaOptions { Memory = memory }),
        "factor-analysis" => new StreamingFactorAnalysis(Columns, new StreamingFactorAnalysisOptions { Memory = memory, Latents = 1 }),
        _ => new StreamingMixture(Columns, new StreamingMixtureOptions { Memory = memory, Components = kind, Count = 3 }),
    };

    private static LatentModel Batch(string kind, InMemoryRows rows, int latents) => kind switch
    {
        "ppca" => new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = latents, Scaling = ScalingKind.None }).Fit(rows).Model,
        "factor-analysis" => new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 1, Scaling = ScalingKind.None }).Fit(rows).Model,
        _ => new MixtureTrainer(new MixtureOptions { Family = kind, Components = 3, Scaling = ScalingKind.None, Restarts = 3 }).Fit(rows).Model,
    };

    private static void AssertClose(ReadOnlySpan<double> expected, ReadOnlySpan<double> found)
    {
        Assert.AreEqual(expected.Length, found.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 1e-8 * Math.Max(1, Math.Abs(expected[i])), $"entry {i}");
        }
    }
}
