using EntropyElbo.Data;
using EntropyElbo.Families.ProbabilisticPca;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.Data;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Columns whose digits a Single does not hold, such as Unix seconds.</summary>
[TestClass]
public sealed class PrecisionTests
{
    [TestMethod]
    [DataRow(DataCaching.Memory)]
    [DataRow(DataCaching.Stream)]
    public void UnixSeconds_FitAndEncodeAsTheSameDoublesInTheCore_AndLoaded(DataCaching caching)
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Times[] rows = Sample();
        IDataView view = ml.Data.LoadFromEnumerable(rows);
        LatentTransformer fitted = ml.LatentVariables().ProbabilisticPca(new ProbabilisticPcaEstimator.Options
        {
            InputColumnName = nameof(Times.Values),
            Latents = 1,
            Scaling = ScalingKind.Standard,
            Caching = caching,
            AnomalyScoreColumnName = "Strange",
        }).Fit(view);
        ProbabilisticPcaTrainer core = new(new ProbabilisticPcaOptions { Latents = 1, Scaling = ScalingKind.Standard });
        ProbabilisticPcaModel expected = (ProbabilisticPcaModel)core.Fit(new InMemoryRows([.. rows.SelectMany(r => r.Values)], 3)).Model;
        Assert.AreEqual(expected.Report.Summary, fitted.Report.Summary);

        ml.Model.Save(fitted, view.Schema, folder["m.zip"]);
        foreach (ITransformer transformer in new[] { fitted, ml.Model.Load(folder["m.zip"], out _) })
        {
            float[][] codes = [.. transformer.Transform(view).GetColumn<float[]>("Latent")];
            double[] mean = new double[1], variance = new double[1];
            for (int i = 0; i < rows.Length; i += 13)
            {
                expected.Encode(rows[i].Values, mean, variance);
                Assert.AreEqual((float)mean[0], codes[i][0]);
            }
        }
    }

    [TestMethod]
    public void LostDigits_AreSaidInTheLog()
    {
        string[] Warnings<T>(T[] rows, ScalingKind scaling, string? reconstruction)
            where T : class
        {
            MLContext ml = new(1);
            List<string> log = [];
            ml.Log += (_, e) => log.Add(e.Message);
            IDataView view = ml.Data.LoadFromEnumerable(rows);
            ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
            {
                InputColumnName = nameof(Times.Values),
                Latents = 1,
                Hidden = [4],
                Epochs = 1,
                LearningRate = 1e-9,
                Scaling = scaling,
                ReconstructionColumnName = reconstruction,
            }).Fit(view);
            return [.. log.Where(m => m.Contains("Precision:", StringComparison.Ordinal))];
        }

        Assert.HasCount(0, Warnings(Sample(), ScalingKind.Standard, null));
        StringAssert.Contains(Warnings(Sample(), ScalingKind.Standard, "Back").Single(), "'Values0'");
        StringAssert.Contains(Warnings(Sample(), ScalingKind.None, null).Single(), "unscaled as Single");
        LongTimes[] large = [.. Enumerable.Range(0, 50).Select(i => new LongTimes { Values = [long.MaxValue - ((1L << 60) * (i % 7)), i, 3 - i] })];
        StringAssert.Contains(Warnings(large, ScalingKind.MinMax, null).Single(), "2^53");
    }

    [TestMethod]
    public void Facts_KnowWhatASingleResolves()
    {
        ColumnFacts facts = new(4);
        facts.Add([1.7e9, 0.1, double.NaN, 1e6]);
        facts.Add([1.7e9 + 3600, 0.7, double.NaN, 1e6 + 200]);
        CollectionAssert.AreEqual(new[] { 0 }, facts.BeyondSingle().ToArray(), "28 steps of 128; a millionth in 200 is one of 3,200 steps");
        CollectionAssert.AreEqual(new[] { 2 }, facts.MissingColumns().ToArray());
    }

    private static Times[] Sample()
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, 200).Select(i => new Times { Values = [1.7e9 + i, (3 * i) + random.NextDouble(), random.NextDouble()] })];
    }

    private sealed class Times
    {
        [VectorType(3)]
        public double[] Values { get; set; } = [];
    }

    private sealed class LongTimes
    {
        [VectorType(3)]
        public long[] Values { get; set; } = [];
    }
}
