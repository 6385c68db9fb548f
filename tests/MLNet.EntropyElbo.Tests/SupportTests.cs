using EntropyElbo;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>
/// Rows whose values a model cannot have: they never touch the rows beside them. Whether such a value only leaves the row's
/// likelihood or makes it impossible is the model's business, so the row itself may be either.
/// </summary>
[TestClass]
public sealed class SupportTests
{
    [TestMethod]
    [DataRow("categorical", 7f)]
    [DataRow("categorical", 0.5f)]
    [DataRow("poisson", -1f)]
    [DataRow("poisson", 2.5f)]
    [DataRow("binomial:4", 5f)]
    [DataRow("gamma", -3f)]
    public void ARowOutsideTheSupport_LeavesTheOthersAsTheyAre(string family, float odd)
    {
        using TempFolder folder = new();
        MLContext ml = new(1);
        float shift = family == "gamma" ? 0.5f : 0;
        Row[] rows = [.. Sample(100, shift)];
        LatentTransformer fitted = Mixture(ml, family).Fit(Rows.View(ml, rows));
        Row strange = new() { Features = [odd, .. rows[0].Features[1..]] };
        Row[] mixed = [rows[0], strange, new Row { Features = [float.NaN, .. rows[0].Features[1..]] }, rows[1], strange, rows[2]];
        Scored[] alone = Read(ml, fitted.Transform(Rows.View(ml, [rows[0], rows[1], rows[2]])));
        ml.Model.Save(fitted, Rows.View(ml, rows).Schema, folder["m.zip"]);
        ITransformer loaded = ml.Model.Load(folder["m.zip"], out _);
        foreach (IDataView scored in new[] { fitted.Transform(Rows.View(ml, mixed)), loaded.Transform(Rows.View(ml, mixed)), ml.LatentVariables().Transform(loaded, Rows.View(ml, mixed)) })
        {
            Scored[] found = Read(ml, scored);
            Assert.HasCount(6, found);
            AreSame(alone[0], found[0]);
            AreSame(alone[1], found[3]);
            AreSame(alone[2], found[5]);
            Assert.IsTrue(float.IsNaN(found[2].Strange) && found[2].Latent.All(float.IsNaN));
            AreSame(found[1], found[4]);
            Assert.IsFalse(float.IsNaN(found[1].Strange), "an infinite score, or one of the columns that are known");
        }
    }

    [TestMethod]
    public void RowsThatTheModelRefuses_AreCountedInTheLog()
    {
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        Row[] rows = [.. Sample(60, 0)];
        // A VAE of counts refuses a negative one; no column of it could be left out of a network.
        LatentTransformer fitted = ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
        {
            Likelihood = "poisson",
            Latents = 1,
            Hidden = [4],
            Epochs = 2,
            AnomalyScoreColumnName = "Strange",
        }).Fit(Rows.View(ml, rows));
        Row strange = new() { Features = [-1, .. rows[0].Features[1..]] };
        float[] scores = [.. fitted.Transform(Rows.View(ml, [.. Enumerable.Repeat(strange, 12), rows[0]])).GetColumn<float>("Strange")];
        Assert.IsTrue(scores[..12].All(float.IsPositiveInfinity) && float.IsFinite(scores[12]));
        string[] counted = [.. log.Where(m => m.Contains("outside the model's support", StringComparison.Ordinal))];
        Assert.HasCount(2, counted);
        StringAssert.Contains(counted[0], "1 row has values");
        StringAssert.Contains(counted[1], "10 rows have values");
        Assert.IsFalse(counted.Any(m => m.Contains("row 1 ", StringComparison.Ordinal)), "no number of a row in a block");
    }

    [TestMethod]
    [DataRow(null, 1.0)]
    [DataRow(0.0, 1.0)]
    [DataRow(3.0, 23.0 / 26)]
    public void Smoothing_AddsSoManyOfEveryValue(double? smoothing, double expected)
    {
        MLContext ml = new(1);
        IDataView ones = Rows.View(ml, [.. Enumerable.Repeat(new Row { Features = [1, 1, 1, 1, 1, 1] }, 20)]);
        MixtureEstimator.Options options = new() { ComponentFamily = "bernoulli", Latents = 1, Smoothing = smoothing, ReconstructionColumnName = "Decoded" };
        float[] decoded = ml.LatentVariables().Mixture(options).Fit(ones).Transform(ones).GetColumn<float[]>("Decoded").First();
        foreach (float value in decoded)
        {
            Assert.AreEqual(expected, value, 1e-6);
        }

        options.Smoothing = -0.5;
        StringAssert.Contains(Assert.ThrowsExactly<BadOptionException>(() => ml.LatentVariables().Mixture(options)).Message, "'smoothing' is -0.5");
    }

    private static MixtureEstimator Mixture(MLContext ml, string family) => ml.LatentVariables().Mixture(new MixtureEstimator.Options
    {
        ComponentFamily = family,
        Latents = 2,
        Iterations = 20,
        Threads = 1,
        Seed = 1,
        AnomalyScoreColumnName = "Strange",
    });

    private static IEnumerable<Row> Sample(int count, float shift)
    {
        Random random = new(5);
        return Enumerable.Range(0, count).Select(_ => new Row { Features = [.. Enumerable.Range(0, Rows.Columns).Select(_ => random.Next(3) + shift)] });
    }

    private static void AreSame(Scored expected, Scored found)
    {
        CollectionAssert.AreEqual(expected.Latent, found.Latent);
        Assert.AreEqual(expected.Strange, found.Strange);
    }

    private static Scored[] Read(MLContext ml, IDataView view) =>
        [.. ml.Data.CreateEnumerable<Scored>(view, reuseRowObject: false, ignoreMissingColumns: true)];

    private sealed class Scored
    {
        public float[] Latent { get; set; } = [];

        public float Strange { get; set; }
    }
}
