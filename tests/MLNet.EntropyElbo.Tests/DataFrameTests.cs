using Microsoft.Data.Analysis;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Data frames in and out.</summary>
[TestClass]
public sealed class DataFrameTests
{
    private const int Count = 90;

    [TestMethod]
    public void ColumnsOfAFrame_GiveTheModelAndTheCodesOfTheSameNumbers()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(Count);
        DataFrame frame = new(Enumerable.Range(0, Rows.Columns).Select(d =>
            new SingleDataFrameColumn($"x{d}", rows.Select(r => r.Features[d]))));
        string[] names = [.. frame.Columns.Select(c => c.Name)];
        ProbabilisticPcaEstimator.Options options = new() { Latents = 2, Contamination = 0.1, ColumnScoresColumnName = "Parts" };
        var chain = ml.Transforms.Concatenate("Features", names).Append(ml.LatentVariables().ProbabilisticPca(options)).Fit(frame);
        IDataView expected = ml.LatentVariables().ProbabilisticPca(options).Fit(Rows.View(ml, rows)).Transform(Rows.View(ml, rows));
        CollectionAssert.AreEqual(names, chain.LastTransformer.Model.ColumnNames.ToArray());

        DataFrame codes = chain.Transform(frame).ToDataFrame(maxRows: -1);
        Assert.AreEqual(Count, codes.Rows.Count);
        CollectionAssert.AreEqual(
            expected.GetColumn<float>("Score").ToArray(), codes["Score"].Cast<float>().ToArray());
        CollectionAssert.AreEqual(
            expected.GetColumn<bool>("PredictedLabel").ToArray(), codes["PredictedLabel"].Cast<bool>().ToArray());
        foreach (string vector in new[] { "Latent", "Parts" })
        {
            CollectionAssert.AreEqual(
                expected.GetColumn<float[]>(vector).SelectMany(v => v).ToArray(),
                codes[vector].Cast<VBuffer<float>>().SelectMany(v => v.DenseValues()).ToArray());
        }
    }

    /// <summary>A null is a missing value: of a number or a text its own, of a whole number ML.NET's 0.</summary>
    [TestMethod]
    public void NullsAndTexts_OfAFrame_GoIntoAMixture()
    {
        MLContext ml = new(1);
        Random random = new(1);
        string?[] cities = [.. Enumerable.Range(0, Count).Select(i => i == 3 ? null : i % 3 == 0 ? "Bonn" : "Aachen")];
        double?[] amounts = [.. Enumerable.Range(0, Count).Select(i => i == 4 ? (double?)null : (i % 3 == 0 ? 5 : 1) + random.NextDouble())];
        int?[] visits = [.. Enumerable.Range(0, Count).Select(i => i == 5 ? (int?)null : random.Next(1, 4))];
        DataFrame frame = new(
            new StringDataFrameColumn("City", cities), new DoubleDataFrameColumn("Amount", amounts), new Int32DataFrameColumn("Visits", visits));
        TransformerChain<LatentTransformer> chain = ml.LatentVariables().MixedMixture(
            new MixtureEstimator.Options { Latents = 2, Seed = 1, Iterations = 20 },
            [new("City", "categorical"), new("Amount", "gaussian-diagonal"), new("Visits", "poisson")]).Fit(frame);
        Assert.AreEqual(2, chain.LastTransformer.Model.Training.SkippedRows);
        IDataView encoded = chain.Transform(frame);
        float[][] latent = [.. encoded.GetColumn<float[]>("Latent")];
        double[][] numbers = [.. encoded.GetColumn<double[]>("Features")];
        Assert.IsTrue(latent[4].All(float.IsNaN), "a missing number");
        Assert.AreEqual(1, latent[3].Sum(), 1e-5, "a missing category leaves the row to the other columns");
        Assert.AreEqual(0, numbers[5][2], "ML.NET's integers have no missing value");
    }
}
