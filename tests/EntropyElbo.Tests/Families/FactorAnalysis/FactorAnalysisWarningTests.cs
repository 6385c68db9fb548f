using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.FactorAnalysis;

/// <summary>What factor analysis says of fits that are no good: Heywood cases, and more parameters than the rows can tell apart.</summary>
[TestClass]
public sealed class FactorAnalysisWarningTests
{
    /// <summary>
    /// One latent, three columns: <c>W = (r01 r02 / r12)^(1/2)</c> for column 0 (Lawley and Maxwell 1971), here 1.2 > 1, so its
    /// noise variance goes to 0; or 0.7 and 0.49, and there is an optimum inside with the noise variances 1 - w^2.
    /// </summary>
    [TestMethod]
    [DataRow(0.9, 0.8, 0.6, true, FactorAnalysisOptimizer.Newton)]
    [DataRow(0.9, 0.8, 0.6, true, FactorAnalysisOptimizer.Em)]
    [DataRow(0.35, 0.42, 0.3, false, FactorAnalysisOptimizer.Newton)]
    [DataRow(0.35, 0.42, 0.3, false, FactorAnalysisOptimizer.Em)]
    public void AVarianceThatVanishes_EndsAtItsFloor_AndIsCalledAHeywoodCase(
        double first, double second, double third, bool heywood, FactorAnalysisOptimizer optimizer)
    {
        InMemoryRows rows = FactorAnalysisTests.RowsWithCovariance(new double[,] { { 1, first, second }, { first, 1, third }, { second, third, 1 } });
        FactorAnalysisOptions options = new() { Latents = 1, Scaling = ScalingKind.None, Optimizer = optimizer };
        FitResult fit = new FactorAnalysisTrainer(options).Fit(rows);
        TrainingRecord training = fit.Model.Training;
        FactorAnalysisModel model = (FactorAnalysisModel)fit.Model;
        string said = string.Join(' ', training.Warnings);
        Assert.AreEqual(heywood, training.IsAtFloor);
        Assert.AreEqual(heywood, said.Contains("Heywood case: the noise variance of 1 column is held at its floor: c0.", StringComparison.Ordinal), said);
        Assert.AreEqual(heywood ? 1e-8 : 1 - (first * second / third), model.NoiseVariances[0], heywood ? 1e-12 : 1e-4);
        Assert.IsTrue(training.Converged);
    }

    /// <summary>At the boundary the model is column 0 and the others' regressions on it: a Gaussian whose partial correlation of 1 and 2 is 0.</summary>
    [TestMethod]
    public void AtTheBoundary_TheLikelihoodIsThatOfTheRegressions()
    {
        (double first, double second) = (0.9, 0.8);
        InMemoryRows rows = FactorAnalysisTests.RowsWithCovariance(new double[,] { { 1, first, second }, { first, 1, 0.6 }, { second, 0.6, 1 } });
        FitResult fit = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 1, Scaling = ScalingKind.None }).Fit(rows);
        double expected = -0.5 * ((3 * Math.Log(2 * Math.PI)) + 3 + Math.Log(1 - (first * first)) + Math.Log(1 - (second * second)));
        Assert.AreEqual(expected, fit.Model.Report.Summary.Elbo, 1e-6);
    }

    /// <summary>D + D (D + 1) / 2 means and covariances against 2 D + D H - H (H - 1) / 2 parameters.</summary>
    [TestMethod]
    [DataRow(4, 1, 12, 14, false)]
    [DataRow(4, 2, 15, 14, true)]
    [DataRow(6, 3, 27, 27, false)]
    [DataRow(5, 3, 22, 20, true)]
    public void MoreParametersThanCovariances_AreSaid_AndNotCounted(int columns, int latents, int parameters, int moments, bool told)
    {
        InMemoryRows rows = new(LinearTestData.Gaussian(7, 90 * columns), columns);
        LatentModel model = new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = latents }).Fit(rows).Model;
        string said = string.Join(' ', model.Training.Warnings);
        Assert.AreEqual(told, said.Contains($"{parameters} parameters, and the rows' means and covariances are {moments} numbers", StringComparison.Ordinal), said);
        Assert.AreEqual(Math.Min(parameters, moments), model.FreeParameters);
    }
}
