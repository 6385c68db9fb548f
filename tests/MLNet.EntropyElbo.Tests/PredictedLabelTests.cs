using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Selection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Anomalies called by the share of rows that are expected to be any.</summary>
[TestClass]
public sealed class PredictedLabelTests
{
    [TestMethod]
    public void TheShareOfTheTrainingRows_IsCalled_AndAllAboveTheRest()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(400));
        foreach ((double share, int called) in new[] { (0.05, 20), (0.0, 0), (0.5, 200), (0.0049, 1) })
        {
            LatentTransformer fitted = Fit(ml, rows, share);
            IDataView scored = fitted.Transform(rows);
            float[] scores = [.. scored.GetColumn<float>("Score")];
            bool[] labels = [.. scored.GetColumn<bool>("PredictedLabel")];
            Assert.AreEqual(called, labels.Count(l => l), $"{share}");
            for (int i = 0; i < scores.Length; i++)
            {
                Assert.AreEqual(scores[i] > fitted.AnomalyThreshold, labels[i]);
            }
        }
    }

    /// <summary>A missing value is never called normal, nor is one outside the support; row by row, in blocks and from a zip.</summary>
    [TestMethod]
    public void WithoutAScore_NoRowIsNormal_AndAZipKeepsTheThreshold()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        Row[] binary = Rows.Binary(120);
        IDataView rows = Rows.View(ml, binary);
        LatentTransformer fitted = ml.LatentVariables().Mixture(new MixtureEstimator.Options
        {
            Latents = 2,
            ComponentFamily = "bernoulli",
            Iterations = 20,
            Seed = 1,
            Contamination = 0.1,
            PredictedLabelColumnName = "Strange",
            AnomalyScoreColumnName = "Nats",
        }).Fit(rows);
        ml.Model.Save(fitted, rows.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        float usual = fitted.Transform(rows).GetColumn<float>("Nats").Min();
        Row typical = binary[fitted.Transform(rows).GetColumn<float>("Nats").ToList().IndexOf(usual)];
        Row missing = new() { Features = [float.NaN, .. typical.Features[1..]] }, outside = new() { Features = [3, .. typical.Features[1..]] };
        Row[] odd = [typical, missing, outside, typical];
        foreach (IDataView scored in (IDataView[])[fitted.Transform(Rows.View(ml, odd)), loaded.Transform(Rows.View(ml, odd)), ml.LatentVariables().Transform(loaded, Rows.View(ml, odd))])
        {
            CollectionAssert.AreEqual(new[] { false, true, true, false }, scored.GetColumn<bool>("Strange").ToArray());
            CollectionAssert.AreEqual(new[] { usual, float.NaN, float.PositiveInfinity, usual }, scored.GetColumn<float>("Nats").ToArray());
        }

        foreach (ITransformer transformer in (ITransformer[])[fitted, loaded])
        {
            CollectionAssert.AreEqual(
                fitted.Transform(rows).GetColumn<bool>("Strange").ToArray(), transformer.Transform(rows).GetColumn<bool>("Strange").ToArray());
            using PredictionEngine<Row, Called> engine = ml.Model.CreatePredictionEngine<Row, Called>(transformer, ignoreMissingColumns: false);
            CollectionAssert.AreEqual(new[] { false, true, true }, odd.Take(3).Select(r => engine.Predict(r).Strange).ToArray());
        }
    }

    /// <summary>The columns are those that ML.NET's evaluation of anomaly detection takes.</summary>
    [TestMethod]
    public void AnomalyDetectionEvaluate_TakesTheColumns_AsTheShapeForetold()
    {
        MLContext ml = new(1);
        Row[] good = Rows.Continuous(300), bad = Rows.Continuous(30, seed: 8);
        foreach (Row row in bad)
        {
            row.Features[2] += 1;
        }

        IDataView training = Rows.View(ml, good);
        ProbabilisticPcaEstimator estimator = ml.LatentVariables().ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = 2, Contamination = 0.02 });
        LatentTransformer fitted = estimator.Fit(training);
        IEnumerable<Judged> all = [.. good.Select(r => new Judged { Features = r.Features }), .. bad.Select(r => new Judged { Features = r.Features, Label = 1 })];
        IDataView scored = fitted.Transform(ml.Data.LoadFromEnumerable(all));
        AnomalyDetectionMetrics metrics = ml.AnomalyDetection.Evaluate(scored, falsePositiveCount: 6);
        Assert.AreEqual(1, metrics.AreaUnderRocCurve, 1e-9);
        Assert.AreEqual(1, metrics.DetectionRateAtFalsePositiveCount, 1e-9);
        Assert.AreEqual(30 + 6, scored.GetColumn<bool>("PredictedLabel").Count(l => l));
        SchemaShape.Column foretold = estimator.GetOutputSchema(ShapeOf.View(ml, training)).Single(c => c.Name == "PredictedLabel");
        Assert.AreEqual(scored.Schema["PredictedLabel"].Type, foretold.ItemType);
    }

    [TestMethod]
    public void Selection_LearnsTheThresholdOfTheBest()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(200));
        LatentSelection selection = ml.LatentVariables().Select(
            rows,
            [.. new[] { 1, 2 }.Select(h => ml.LatentVariables().ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = h, Contamination = 0.1 }))],
            new SelectionOptions { Criterion = SelectionCriterion.Bic });
        Assert.AreEqual(20, selection.Model!.Transform(rows).GetColumn<bool>("PredictedLabel").Count(l => l));
    }

    /// <summary>Of many rows an even sample is kept, whose threshold is near that of all.</summary>
    [TestMethod]
    public void ManyRows_AreThinnedEvenly()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(4000);
        LatentTransformer fitted = Fit(ml, Rows.View(ml, rows), 0.1);
        InMemoryRows source = new([.. rows.SelectMany(r => r.Features).Select(f => (double)f)], Rows.Columns);
        float all = AnomalyThreshold.Learn(fitted.Encoder, source, 0.1, CancellationToken.None);
        float some = AnomalyThreshold.Learn(fitted.Encoder, source, 0.1, CancellationToken.None, mostScores: 1000);
        Assert.AreEqual(fitted.AnomalyThreshold, all);
        float[] scores = [.. fitted.Transform(Rows.View(ml, rows)).GetColumn<float>("Score")];
        Assert.AreEqual(0.1, scores.Count(s => s > some) / 4000.0, 0.03);
        Assert.AreNotEqual(all, some);
    }

    [TestMethod]
    public void WhatCannotBe_IsRefused()
    {
        MLContext ml = new(1);
        foreach (double share in new[] { -0.1, 1, double.NaN })
        {
            Assert.AreEqual("Contamination", Assert.ThrowsExactly<BadOptionException>(() => Fit(ml, Rows.View(ml, []), share)).Option);
        }

        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().ProbabilisticPca(new ProbabilisticPcaEstimator.Options { PredictedLabelColumnName = "P" }));
    }

    private static LatentTransformer Fit(MLContext ml, IDataView rows, double share) =>
        ml.LatentVariables().ProbabilisticPca(new ProbabilisticPcaEstimator.Options { Latents = 2, Contamination = share }).Fit(rows);

    private sealed class Called
    {
        public bool Strange { get; set; }
    }

    private sealed class Judged
    {
        [VectorType(Rows.Columns)]
        public float[] Features { get; set; } = [];

        public float Label { get; set; }
    }
}
