using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Weights;

/// <summary>VAEs draw for every row once, whatever it counts: equal in the mean to rows repeated.</summary>
[TestClass]
public sealed class WeightedVaeTests
{
    private const string Settings = "latents=2;hidden=5;epochs=2;batch=64";

    /// <summary>Rows of weight 0 are none, and weights that are all alike are those of rows without, to rounding in floats.</summary>
    [TestMethod]
    [DataRow(1.0)]
    [DataRow(3.0)]
    public void EqualWeights_ChangeNothing(double weight)
    {
        Weighted data = new(WeightedFitTests.Rows("real"));
        double[] weights = Array.ConvertAll(data.Weights, w => w > 0 ? weight : 0);
        ITrainer trainer = WeightedFitTests.Trainer("vae-1", Settings);
        LatentModel plain = trainer.Fit(data.Counted).Model, weighted = trainer.Fit(new WeightedRows(data.Plain, weights)).Model;
        Assert.AreEqual(plain.Report.Summary.Elbo, weighted.Report.Summary.Elbo, 1e-4);
        Assert.AreEqual(plain.Report.Summary.StandardError, weighted.Report.Summary.StandardError, 1e-4 * plain.Report.Summary.StandardError);
        Assert.AreEqual(weight * plain.Report.Summary.Rows, weighted.Report.Summary.RowWeight);
        double[] expected = data.Elbos(plain), actual = data.Elbos(weighted);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-3 * (1 + Math.Abs(expected[i])));
        }
    }

    [TestMethod]
    [DataRow("vae-1", "real")]
    [DataRow("vae-3", "real")]
    [DataRow("sparse-vae", "real")]
    public void Report_IsTheWeightedMeanOfTheRows(string family, string rows)
    {
        Weighted data = new(WeightedFitTests.Rows(rows));
        LatentModel model = WeightedFitTests.Trainer(family, Settings).Fit(data.Counted).Model;
        EvaluateOptions options = new() { Samples = 4 };
        ElboReport report = model.Evaluate(data.Rows, options).Summary;
        Assert.AreEqual(model.EstimateElbo(data.Rows, options).Value, report.Elbo, 1e-9 * Math.Abs(report.Elbo));
        Assert.AreEqual(report.Elbo, report.EntropySum - report.PriorResidual - report.NoiseResidual, 1e-9 * (1 + Math.Abs(report.Elbo)));
        double plain = model.Evaluate(data.Counted, options).Summary.Elbo;
        Assert.IsTrue(Math.Abs(plain - report.Elbo) > 1e-3, "weights count");

        // The mean over many draws is that of repeated rows, whose draws are others.
        options = options with { Samples = 400 };
        ElboReport many = model.Evaluate(data.Rows, options).Summary, repeated = model.Evaluate(data.Repeated, options).Summary;
        Assert.AreEqual(repeated.Elbo, many.Elbo, 5 * (repeated.StandardError + many.StandardError));
        Assert.AreEqual(repeated.Kl, many.Kl, 1e-6 * repeated.Kl);
        Assert.IsTrue(many.StandardError > repeated.StandardError, "a row that counts thrice is drawn for once");
    }

    [TestMethod]
    public void Fit_GoesWhereTheWeightIs()
    {
        Weighted data = new(WeightedFitTests.Rows("real"));
        double[] heavy = [.. Enumerable.Range(0, data.Weights.Length).Select(i => i % 2 == 0 ? 1.95 : 0.05)];
        ITrainer trainer = WeightedFitTests.Trainer("vae-1", "latents=1;hidden=8;epochs=300;batch=20");
        double Half(LatentModel model) => data.Elbos(model).Where((_, i) => i % 2 == 0).Average();
        LatentModel weighted = trainer.Fit(new WeightedRows(data.Plain, heavy)).Model;
        Assert.IsTrue(Half(weighted) > Half(trainer.Fit(data.Plain).Model));
        Assert.IsNull(weighted.Training.Certificate);
        Assert.IsTrue(weighted.Training.Warnings.Any(w => w.Contains("certificate", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("poisson", "counts")]
    [DataRow("gaussian", "real")]
    [DataRow("bernoulli", "bits")]
    public void AffineDecoder_IsThatOfRepeatedRows(string likelihood, string rows)
    {
        Weighted data = new(WeightedFitTests.Rows(rows));
        ObservableLikelihood observable = ObservableLikelihood.Parse(likelihood);
        AffineDecoder weighted = AffineDecoder.Solve(data.Rows, 2, observable), repeated = AffineDecoder.Solve(data.Repeated, 2, observable);
        Assert.AreEqual(repeated.Objective, weighted.Objective, 1e-9 * Math.Abs(repeated.Objective));
        Assert.AreEqual(repeated.ObjectiveFor(data.Repeated), repeated.ObjectiveFor(data.Rows), 1e-9 * Math.Abs(repeated.Objective));
        Assert.AreNotEqual(AffineDecoder.Solve(data.Counted, 2, observable).Objective, weighted.Objective, 1e-3);
    }
}
