using EntropyElbo.Data;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace MLNet.EntropyElbo.Tests;

/// <summary>Evaluations and scores are densities of the data, whatever a model's own scaling.</summary>
[TestClass]
public sealed class UnitsTests
{
    /// <summary>Factor analysis describes scaled columns as well as unscaled ones: the same density of the data.</summary>
    [TestMethod]
    public void FactorAnalysis_EvaluationsAndScoresDoNotDependOnTheScaling()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(120);
        IDataView view = Rows.View(ml, rows);
        List<double> crossValidated = [], evaluated = [], bic = [];
        List<float[]> scores = [];
        foreach (ScalingKind scaling in Enum.GetValues<ScalingKind>())
        {
            FactorAnalysisEstimator estimator = ml.LatentVariables().FactorAnalysis(new FactorAnalysisEstimator.Options { Latents = 1, Scaling = scaling, AnomalyScoreColumnName = "Strange", ElboColumnName = "Elbo" });
            crossValidated.Add(ml.LatentVariables().CrossValidate(view, estimator, 3, seed: 1).Average(f => f.Metrics.Elbo));
            LatentTransformer fitted = estimator.Fit(view);
            evaluated.Add(ml.LatentVariables().Evaluate(fitted, view).Elbo);
            bic.Add(fitted.Metrics.BayesianInformationCriterion);
            IDataView scored = fitted.Transform(view);
            scores.Add([.. scored.GetColumn<float>("Strange")]);
            Assert.AreEqual(fitted.Metrics.Elbo, scored.GetColumn<float>("Elbo").Average(), 1e-4, "a row's ELBO is its share of the whole");
            Assert.AreEqual(fitted.Metrics.Elbo, fitted.Metrics.Reconstruction - fitted.Metrics.KlDivergence, 1e-9);
            Assert.AreEqual((-2 * 120 * fitted.Metrics.Elbo) + (fitted.Report.FreeParameters * Math.Log(120)), fitted.Metrics.BayesianInformationCriterion, 1e-6);
        }

        foreach (List<double> figures in new[] { crossValidated, evaluated, bic })
        {
            Assert.AreEqual(figures[0], figures[1], 1e-3 * Math.Abs(figures[0]));
            Assert.AreEqual(figures[0], figures[2], 1e-3 * Math.Abs(figures[0]));
        }

        for (int i = 0; i < rows.Length; i++)
        {
            Assert.AreEqual(scores[0][i], scores[1][i], 0.05);
            Assert.AreEqual(scores[0][i], scores[2][i], 0.05);
        }
    }

    /// <summary>A spherical Gaussian with one component is its closed form: the density of normal columns, in their own units.</summary>
    [TestMethod]
    public void RowElbo_OfOneSpherePerRow_IsTheDensityOfTheData()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(80);
        IDataView view = Rows.View(ml, rows);
        LatentTransformer fitted = ml.LatentVariables().Mixture(new MixtureEstimator.Options
        {
            ComponentFamily = "gaussian-diagonal",
            Latents = 1,
            Scaling = ScalingKind.MinMax,
            ElboColumnName = "Elbo",
        }).Fit(view);
        double[] mean = [.. Enumerable.Range(0, Rows.Columns).Select(d => rows.Average(r => (double)r.Features[d]))];
        double[] variance = [.. Enumerable.Range(0, Rows.Columns).Select(d => rows.Average(r => Math.Pow(r.Features[d] - mean[d], 2)))];
        float[] elbos = [.. fitted.Transform(view).GetColumn<float>("Elbo")];
        for (int i = 0; i < rows.Length; i++)
        {
            double density = Enumerable.Range(0, Rows.Columns).Sum(d =>
                -0.5 * (Math.Log(2 * Math.PI * variance[d]) + (Math.Pow(rows[i].Features[d] - mean[d], 2) / variance[d])));
            Assert.AreEqual(density, elbos[i], 1e-4);
        }
    }

    /// <summary>Scores are not clipped: far away they grow with the square of the distance, under every scaling alike.</summary>
    [TestMethod]
    public void AnOutlier_KeepsItsScoreUnderEveryScaling()
    {
        MLContext ml = new(1);
        Row[] rows = Rows.Continuous(120);
        Row[] outliers = [Far(1e3f), Far(1e6f)];
        List<float[]> scores = [.. Enum.GetValues<ScalingKind>().Select(scaling => ml.LatentVariables()
            .FactorAnalysis(new FactorAnalysisEstimator.Options { Latents = 1, Scaling = scaling, AnomalyScoreColumnName = "Strange" })
            .Fit(Rows.View(ml, rows)).Transform(Rows.View(ml, outliers)).GetColumn<float>("Strange").ToArray())];
        foreach (float[] score in scores)
        {
            Assert.AreEqual(scores[0][1], score[1], 0.01 * scores[0][1]);
            Assert.AreEqual(1e6, score[1] / score[0], 1e4);
        }

        Row Far(float value) => new() { Features = [value, .. rows[0].Features[1..]] };
    }

    /// <summary>One row that sets a column's range crowds all others into a corner of it: that is said.</summary>
    [TestMethod]
    public void ARowThatSetsTheRange_IsNamed()
    {
        MLContext ml = new(1);
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.Message);
        Row[] rows = Rows.Continuous(60);
        ml.LatentVariables().ProbabilisticPca("Latent", "Features", 1).Fit(Rows.View(ml, rows));
        Assert.IsFalse(log.Any(m => m.Contains("range", StringComparison.Ordinal)));
        rows[7].Features[2] = 1e6f;
        ml.LatentVariables().ProbabilisticPca("Latent", "Features", 1).Fit(Rows.View(ml, rows));
        StringAssert.Contains(log.Single(m => m.Contains("range", StringComparison.Ordinal)), "'Features2'");
    }
}
