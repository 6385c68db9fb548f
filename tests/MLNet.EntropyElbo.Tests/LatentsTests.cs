using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Models;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MLNet.EntropyElbo.LoadCheck;
using MLNet.EntropyElbo.Zip;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Variance explained, whitening, decoding and drawing.</summary>
[TestClass]
public sealed class LatentsTests
{
    /// <summary>
    /// Uncorrelated columns of variances l: with noise variance s the means of the others' variances, a latent's mean keeps
    /// (l - s) / l of its column, so its error is s^2 / l.
    /// </summary>
    [TestMethod]
    public void ExplainedVariance_OfProbabilisticPca_IsThatOfTheClosedForm()
    {
        MLContext ml = new(1);
        double[] variances = [9, 4, 0.5, 0.3];
        IDataView axes = ml.Data.LoadFromEnumerable(Enumerable.Range(0, 80).Select(i => new Four
        {
            Features = [.. Enumerable.Range(0, 4).Select(d => i % 4 == d ? (float)((i % 8 < 4 ? 1 : -1) * Math.Sqrt(4 * variances[d])) : 0)],
        }));
        LatentTransformer model = ml.LatentVariables().ProbabilisticPca(
            new ProbabilisticPcaEstimator.Options { Latents = 2, Scaling = ScalingKind.None }).Fit(axes);
        ExplainedVariance explained = ml.LatentVariables().ExplainedVariance(model, axes);
        double noise = (variances[2] + variances[3]) / 2, all = variances.Sum();
        double[] latents = [.. variances.Take(2).Select(l => (l - (noise * noise / l)) / all)];
        double[] actual = [.. explained.Latents.OrderDescending()];
        Assert.AreEqual(latents[0], actual[0], 1e-6);
        Assert.AreEqual(latents[1], actual[1], 1e-6);
        Assert.AreEqual(latents.Sum(), explained.Total, 1e-6);
        Assert.AreEqual(80, explained.Rows);
    }

    [TestMethod]
    public void ExplainedVariance_LeavesMissingRowsOut_AndRefusesWhatHasNone()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        Row[] rows = Rows.Continuous(100);
        IDataView view = Rows.View(ml, rows);
        LatentTransformer model = catalog.FactorAnalysis("Latent", "Features", 2).Fit(view);
        ml.Model.Save(model, view.Schema, folder["m.zip"]);
        ExplainedVariance expected = catalog.ExplainedVariance(model, view);
        ExplainedVariance holed = catalog.ExplainedVariance(
            ml.Model.Load(folder["m.zip"], out _), Rows.View(ml, [.. rows, new Row { Features = [.. Enumerable.Repeat(float.NaN, Rows.Columns)] }]));
        Assert.AreEqual(100, holed.Rows);
        CollectionAssert.AreEqual(expected.Latents.ToArray(), holed.Latents.ToArray());
        Assert.ThrowsExactly<BadDataException>(() => catalog.ExplainedVariance(model, Rows.View(ml, [rows[0], rows[0]])));
        Assert.ThrowsExactly<ArgumentException>(() => catalog.ExplainedVariance(catalog.Mixture("Latent", "Features", 2).Fit(view), view));
    }

    [TestMethod]
    public void Whiten_GivesUncorrelatedLatentsOfVarianceOne_InMemoryAndLoaded()
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(300)), others = Rows.View(ml, [.. Rows.Continuous(20, seed: 7), new Row { Features = [float.NaN, 0, 0, 0, 0, 0] }]);
        LatentTransformer plain = Vae(ml, false).Fit(rows), white = Vae(ml, true).Fit(rows);
        Assert.AreEqual(plain.Report.Summary, white.Report.Summary);
        AssertWhite([.. white.Transform(rows).GetColumn<float[]>("Latent")], 1e-4);
        Assert.ThrowsExactly<AssertFailedException>(() => AssertWhite([.. plain.Transform(rows).GetColumn<float[]>("Latent")], 1e-2));
        Assert.IsTrue(white.Transform(rows).GetColumn<float[]>("LatentVariance").All(v => v.All(x => x > 0)));

        ml.Model.Save(white, rows.Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        string[] expected = [.. Bits.Of(white.Transform(others), others.Schema)];
        CollectionAssert.AreEqual(expected, Bits.Of(loaded.Transform(others), others.Schema).ToArray());
        CollectionAssert.AreEqual(expected, Bits.Of(ml.LatentVariables().Transform(loaded, others), others.Schema).ToArray());
        using PredictionEngine<Row, Encoded> engine = ml.Model.CreatePredictionEngine<Row, Encoded>(white, ignoreMissingColumns: true);
        CollectionAssert.AreEqual(loaded.Transform(others).GetColumn<float[]>("Latent").First(), engine.Predict(Rows.Continuous(20, seed: 7)[0]).Latent);

        // The reconstruction is that of the model's own latents, and decoding whitened ones leads there.
        float[][] reconstructed = [.. plain.Transform(rows).GetColumn<float[]>("Reconstruction")];
        float[][] decoded = [.. ml.LatentVariables().Decode(loaded, loaded.Transform(rows), "Decoded").GetColumn<float[]>("Decoded")];
        for (int i = 0; i < reconstructed.Length; i += 60)
        {
            CollectionAssert.AreEqual(reconstructed[i], white.Transform(rows).GetColumn<float[]>("Reconstruction").ElementAt(i).ToArray());
            for (int d = 0; d < Rows.Columns; d++)
            {
                Assert.AreEqual(reconstructed[i][d], decoded[i][d], 1e-4);
            }
        }

        string line = new EncodingPlan(false, true, 10, 1) { Whitening = white.Encoder.Plan.Whitening }.ToLine();
        Assert.AreEqual(line.Length, EncodingPlan.Parse(line).Length);
        Assert.ThrowsExactly<ModelFileException>(() => EncodingPlan.Parse(line.AsSpan(0, line.Length - 9)));
        Assert.ThrowsExactly<ModelFileException>(() => EncodingPlan.Parse(line.Replace("==\n", "=*\n", StringComparison.Ordinal).Remove(30, 8)));
        Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().Mixture(new MixtureEstimator.Options { Whiten = true }));
    }

    [TestMethod]
    public void Sample_IsTheModelsSample_TheSameOnEveryPass()
    {
        MLContext ml = new(1);
        IDataView rows = Rows.View(ml, Rows.Continuous(200));
        LatentTransformer model = ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2).Fit(rows);
        IDataView drawn = ml.LatentVariables().Sample(model, 600, seed: 5);
        float[][] first = [.. drawn.GetColumn<float[]>("Features")];
        Assert.HasCount(600, first);
        double[] expected = new double[256 * Rows.Columns];
        model.Model.Sample(expected, seed: 5);
        CollectionAssert.AreEqual(expected.Select(v => (float)v).ToArray(), first.Take(256).SelectMany(r => r).ToArray());
        CollectionAssert.AreEqual(first[599], drawn.GetColumn<float[]>("Features").Last());
        CollectionAssert.AreNotEqual(first[0], first[256]);
        VBuffer<ReadOnlyMemory<char>> names = default;
        drawn.Schema["Features"].GetSlotNames(ref names);
        CollectionAssert.AreEqual(model.Model.ColumnNames.ToArray(), names.DenseValues().Select(n => n.ToString()).ToArray());

        // Drawn rows go where rows go: a model of them is near the one that drew them.
        double elbo = ml.LatentVariables().Evaluate(model, ml.LatentVariables().Sample(model, 2000)).Elbo;
        Assert.AreEqual(model.Metrics.Elbo, elbo, 0.2);
        Assert.HasCount(0, ml.LatentVariables().Sample(model, 0).GetColumn<float[]>("Features").ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => ml.LatentVariables().Sample(ml.Transforms.CopyColumns("A", "Features").Fit(rows), 1));
    }

    [TestMethod]
    public void Decode_IsTheModelsDecode_AndRefusesOtherWidths()
    {
        MLContext ml = new(1);
        Row[] some = Rows.Continuous(100);
        IDataView rows = Rows.View(ml, [.. some, new Row { Features = [float.NaN, 0, 0, 0, 0, 0] }]);
        LatentTransformer model = ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2).Fit(rows);
        IDataView decoded = ml.LatentVariables().Decode(model, model.Transform(rows), "Back");
        float[][] latent = [.. decoded.GetColumn<float[]>("Latent")], back = [.. decoded.GetColumn<float[]>("Back")];
        double[] expected = new double[Rows.Columns];
        for (int i = 0; i < some.Length; i += 9)
        {
            model.Model.Decode([.. latent[i].Select(v => (double)v)], expected);
            CollectionAssert.AreEqual(expected.Select(v => (float)v).ToArray(), back[i]);
        }

        Assert.IsTrue(back[^1].All(float.IsNaN));
        Assert.IsFalse(decoded.Schema.Any(c => !c.IsHidden && c.Name.StartsWith("EntropyElbo.", StringComparison.Ordinal)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.LatentVariables().Decode(model, rows, "Back", "Features"));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => ml.LatentVariables().Decode(model, rows, "Back"));
    }

    private static GaussianVaeEstimator Vae(MLContext ml, bool whiten) => ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
    {
        Latents = 3,
        Hidden = [12],
        Epochs = 20,
        BatchSize = 32,
        LearningRate = 5e-3,
        Seed = 1,
        Threads = 1,
        ReconstructionColumnName = "Reconstruction",
        Whiten = whiten,
    });

    private static void AssertWhite(float[][] codes, double tolerance)
    {
        for (int h = 0; h < codes[0].Length; h++)
        {
            Assert.AreEqual(0, codes.Average(c => c[h]), tolerance);
            for (int j = 0; j < codes[0].Length; j++)
            {
                Assert.AreEqual(h == j ? 1 : 0, codes.Average(c => (double)c[h] * c[j]), tolerance);
            }
        }
    }

    private sealed class Four
    {
        [VectorType(4)]
        public float[] Features { get; set; } = [];
    }
}
