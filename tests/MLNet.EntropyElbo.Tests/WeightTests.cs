using EntropyElbo;
using EntropyElbo.Selection;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary><c>ExampleWeightColumnName</c>.</summary>
[TestClass]
public sealed class WeightTests
{
    [TestMethod]
    public void Fit_IsThatOfRepeatedRows_WhateverTheTypeOfTheWeights()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(80);
        float Weight(int row) => row % 4;
        IDataView singles = ml.Data.LoadFromEnumerable(rows.Select((r, i) => new Single { Features = r.Features, Weight = Weight(i) }));
        IDataView doubles = ml.Data.LoadFromEnumerable(rows.Select((r, i) => new Double { Features = r.Features, Weight = Weight(i) }));
        IDataView repeated = Rows.View(ml, rows.SelectMany((r, i) => Enumerable.Repeat(r, (int)Weight(i))));
        global::EntropyElbo.Reports.Evaluation expected = ml.LatentVariables().FactorAnalysis("Latent", "Features", 2).Fit(repeated).Model.Report;
        foreach (IDataView data in (IDataView[])[singles, doubles])
        {
            foreach (DataCaching caching in Enum.GetValues<DataCaching>())
            {
                LatentTransformer weighted = ml.LatentVariables().FactorAnalysis(new FactorAnalysisEstimator.Options
                {
                    InputColumnName = "Features",
                    Latents = 2,
                    ExampleWeightColumnName = "Weight",
                    Caching = caching,
                }).Fit(data);
                Assert.AreEqual(expected.Summary.Elbo, weighted.Model.Report.Summary.Elbo, 1e-6 * Math.Abs(expected.Summary.Elbo));
                Assert.AreEqual(expected.Bic, weighted.Model.Report.Bic, 1e-6 * Math.Abs(expected.Bic));
                Assert.AreEqual(80, weighted.Transform(Rows.View(ml, rows)).Preview(100).RowView.Length, "rows of weight 0 are encoded, and without the column");
            }
        }

        LatentTransformer named = ml.LatentVariables().FactorAnalysis("Latent", "Features", 2, exampleWeightColumnName: "Weight").Fit(singles);
        Assert.AreEqual(expected.Summary.Elbo, named.Model.Report.Summary.Elbo, 1e-6 * Math.Abs(expected.Summary.Elbo));
    }

    [TestMethod]
    public void ColumnsThatCannotBe_AreNamed()
    {
        MLContext ml = new(1);
        IDataView data = Rows.View(ml, Rows.Continuous(20));
        foreach (string column in (string[])["Nothing", "Features", "Group", "Label"])
        {
            LatentEstimator estimator = ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2, exampleWeightColumnName: column);
            StringAssert.Contains(Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.Fit(data)).Message, $"weight column '{column}'");
            StringAssert.Contains(
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => estimator.GetOutputSchema(ShapeOf.View(ml, data))).Message, $"weight column '{column}'");
        }

        IDataView bad = ml.Data.LoadFromEnumerable(Rows.Continuous(20).Select((r, i) => new Single { Features = r.Features, Weight = i == 7 ? float.NaN : 1 }));
        BadDataException error = Assert.ThrowsExactly<BadDataException>(
            () => ml.LatentVariables().ProbabilisticPca("Latent", "Features", 2, exampleWeightColumnName: "Weight").Fit(bad));
        Assert.AreEqual(7, error.Row);
        Assert.AreEqual("Weight", error.Column);
    }

    [TestMethod]
    public void Selection_CountsByOneColumn()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(60);
        LatentVariablesCatalog catalog = ml.LatentVariables();
        LatentEstimator Candidate(int latents, string? weights) =>
            catalog.ProbabilisticPca("Latent", "Features", latents, exampleWeightColumnName: weights);
        SelectionOptions options = new() { Criterion = SelectionCriterion.Bic };
        LatentSelection selection = catalog.Select(Rows.View(ml, rows), [Candidate(1, "Target"), Candidate(2, "Target")], options);
        Assert.AreEqual(rows.Sum(r => (double)r.Target), selection.Result.Trials[0].Report!.Summary.RowWeight!.Value, 1e-6);
        Assert.AreEqual(
            nameof(LatentOptions.ExampleWeightColumnName),
            Assert.ThrowsExactly<BadOptionException>(() => catalog.Select(Rows.View(ml, rows), [Candidate(1, "Target"), Candidate(2, null)], options)).Option);
    }

    private sealed class Single
    {
        [VectorType(Rows.Columns)]
        public float[] Features { get; set; } = [];

        public float Weight { get; set; }
    }

    private sealed class Double
    {
        [VectorType(Rows.Columns)]
        public float[] Features { get; set; } = [];

        public double Weight { get; set; }
    }
}
