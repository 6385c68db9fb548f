using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Selection;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>Pseudo-counts, and values that training did not see.</summary>
[TestClass]
public sealed class MixtureSupportTests
{
    /// <summary>One component: the smoothed estimates in closed form.</summary>
    [TestMethod]
    public void OneComponent_HasTheSmoothedShares()
    {
        double[] values = [0, 1, 3, 1, 2, 0, 0, 0, 0, 1, 5, 2];
        MixtureModel model = MixtureTestData.Mixture(MixtureTestData.Fit(
            new InMemoryRows(values, 3),
            new MixtureOptions { Family = "bernoulli@1,poisson@2,categorical@3", Components = 1, Smoothing = 1.5 }));
        Assert.AreEqual((2 + 1.5) / (4 + 3), model.StandardParameters(0)[0], 1e-12);
        Assert.AreEqual((8 + (1.5 * 9 / 4)) / (4 + 1.5), model.StandardParameters(1)[0], 1e-12);
        double[] categories = [2, 0, 1, 1];
        for (int c = 0; c < 4; c++)
        {
            Assert.AreEqual((categories[c] + 1.5) / (4 + 6), model.StandardParameters(2)[c], 1e-12);
        }

        Assert.AreEqual(1.5, model.Smoothing);
    }

    /// <summary>Where training has become stationary the noise residual is what the pseudo-rows leave of it.</summary>
    [TestMethod]
    [DataRow("bernoulli")]
    [DataRow("binomial:6")]
    [DataRow("poisson")]
    [DataRow("categorical")]
    public void TheResidualOfPseudoCounts_IsKnown(string family)
    {
        FitResult fit = MixtureTestData.Fit(
            MixtureTestData.Rows(family, 300), new MixtureOptions { Family = family, Components = 2, Smoothing = 1, StationarityTolerance = 1e-10 });
        ElboReport report = fit.Model.Report.Summary;
        Assert.IsGreaterThan(1e-4, Math.Abs(report.SmoothingResidual!.Value));
        Assert.AreEqual(report.SmoothingResidual!.Value, report.NoiseResidual, 1e-6);
        Assert.AreEqual(report.Elbo, report.EntropySum - report.PriorResidual - report.NoiseResidual, 1e-9 * Math.Abs(report.Elbo));
        Assert.IsTrue(fit.Model.Training.Converged);
        StringAssert.Contains(report.Remark, "Pseudo-counts of 1");
        Assert.IsNull(fit.Model.Evaluate(MixtureTestData.Rows(family, 300)).Summary.SmoothingResidual);
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-{Guid.NewGuid():N}.eelbo");
        fit.Model.Save(path);
        Assert.AreEqual(1, ((MixtureModel)ModelFamilies.Load(path)).Smoothing);
        File.Delete(path);
    }

    /// <summary>A value that no component allows leaves the row to its other columns.</summary>
    [TestMethod]
    [DataRow("bernoulli", 1.0)]
    [DataRow("binomial:6", 2.0)]
    [DataRow("poisson", 3.0)]
    [DataRow("categorical", 9.0)]
    public void AnUnseenValue_TakesItsColumnOut_AndIsCounted(string family, double unseen)
    {
        double[] values = MixtureTestData.Rows(family, 300).ReadAll().Values;
        for (int i = 0; i < values.Length; i += 4)
        {
            values[i] = 0;
        }

        MixtureOptions options = new() { Family = family, Components = 2 };
        LatentModel model = MixtureTestData.Fit(new InMemoryRows(values, 4), options).Model;
        double[] row = values[..4];
        row[0] = unseen;
        double[] seen = values[..4];
        double[] a = new double[1];
        double[] b = new double[1];
        model.RowElbo(row, a);
        model.RowElbo(seen, b);
        Assert.AreEqual(b[0], a[0], 1e-12 * Math.Abs(b[0])); // A column of zeros costs nothing.
        double[] codes = new double[2];
        double[] codesSeen = new double[2];
        model.Encode(row, codes, new double[2]);
        model.Encode(seen, codesSeen, new double[2]);
        Assert.AreEqual(codesSeen[0], codes[0], 1e-12);
        Assert.AreEqual(1, model.CountUnseen([.. row, .. seen]));
        ElboReport report = model.Evaluate(new InMemoryRows((double[])[.. row, .. seen], 4)).Summary;
        Assert.AreEqual(b[0], report.Elbo, 1e-9 * Math.Abs(b[0]));
        StringAssert.Contains(report.Remark, "1 values in 1 rows were not seen");
    }

    /// <summary>Values outside the support: infinite where rows are scored, an error elsewhere.</summary>
    [TestMethod]
    [DataRow("gamma", -1.0)]
    [DataRow("poisson", 1.5)]
    [DataRow("categorical", -1.0)]
    [DataRow("beta", 1.0)]
    public void OutsideTheSupport_ScoresAreInfinite_ForThatRowOnly(string family, double outside)
    {
        LatentModel model = MixtureTestData.Random(family, 2, 1);
        double[] values = MixtureTestData.Rows(family, 300).ReadAll().Values;
        double[] good = new double[300];
        model.AnomalyScore(values, good);
        values[(270 * 4) + 1] = outside;
        double[] scores = new double[300];
        model.AnomalyScore(values, scores);
        Assert.AreEqual(double.PositiveInfinity, scores[270]);
        good[270] = scores[270];
        CollectionAssert.AreEqual(good, scores);
        model.LogLikelihood(values, scores);
        Assert.AreEqual(double.NegativeInfinity, scores[270]);
        Assert.ThrowsExactly<BadDataException>(() => model.Encode(values, new double[600], new double[600]));
    }

    /// <summary>A category that only held-out rows have: known from all rows, and not impossible.</summary>
    [TestMethod]
    public void HeldOutSelection_KnowsAllCategories_AndSmooths()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(n => n == 77 ? 5.0 : n % 2)];
        SelectionResult result = ModelSelection.Run(
            new InMemoryRows(values, 1),
            [SelectionCandidate.Of("mixture:categorical", new FitSettings { Components = 1 })],
            new SelectionOptions { Criterion = SelectionCriterion.HeldOut, Folds = 4 });
        Assert.IsTrue(result.Best is not null, result.Trials[0].Failure);
        MixtureModel best = (MixtureModel)result.BestFit!.Model;
        Assert.AreEqual(1, best.Smoothing);
        Assert.AreEqual(2.0 / 206, best.StandardParameters(0)[5], 1e-12);
    }
}
