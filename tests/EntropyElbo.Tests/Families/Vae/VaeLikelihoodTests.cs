using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

/// <summary>Decoders of counts: support, options, what is learned.</summary>
[TestClass]
public sealed class VaeLikelihoodTests
{
    [TestMethod]
    [DataRow("bernoulli", 2.0)]
    [DataRow("bernoulli", 0.5)]
    [DataRow("binomial:8", 9.0)]
    [DataRow("poisson", -1.0)]
    [DataRow("poisson", 1.5)]
    public void ValueOutsideTheSupport_IsNamed(string name, double bad)
    {
        ObservableLikelihood likelihood = ObservableLikelihood.Parse(name);
        double[] values = VaeContract.Counts(likelihood, 100, 4, 1).ReadAll().Values;
        string[] names = ["a", "b", "c", "d"];
        InMemoryRows good = new([.. values], 4, names);
        values[(7 * 4) + 2] = bad;
        InMemoryRows rows = new(values, 4, names);
        Expect(() => Trainer(likelihood).Fit(rows));
        LatentModel model = Trainer(likelihood).Fit(good).Model;
        Expect(() => model.Evaluate(rows));
        Expect(() => model.RowElbo(values, new double[100]));
        Expect(() => model.Encode(values, new double[200], new double[200]));

        void Expect(Action action)
        {
            BadDataException error = Assert.ThrowsExactly<BadDataException>(action);
            Assert.AreEqual(7, error.Row);
            Assert.AreEqual("c", error.Column);
            StringAssert.Contains(error.Message, name);
        }
    }

    [TestMethod]
    public void OptionsAtOdds_AreNamed()
    {
        InMemoryRows rows = VaeContract.Counts(ObservableLikelihood.Bernoulli, 100, 4, 1);
        GaussianVaeOptions options = new() { Latents = 2, Likelihood = ObservableLikelihood.Bernoulli };
        Assert.AreEqual("likelihood", Refused(options with { Variant = VaeVariant.FixedVariance }));
        Assert.AreEqual("likelihood", Refused(options with { Variant = VaeVariant.VariancePerColumn }));
        Assert.AreEqual("scale", Refused(options with { Scaling = ScalingKind.MinMax }));
        Assert.AreEqual("activation-factor", Refused(options with { Likelihood = ObservableLikelihood.Bernoulli with { ActivationFactor = 0 } }));
        foreach (string name in (string[])["cauchy", "binomial", "binomial:0", "binomial:-3", "binomial:x", "binomial:2000000"])
        {
            Assert.AreEqual("likelihood", Assert.ThrowsExactly<BadOptionException>(() => ObservableLikelihood.Parse(name)).Option, name);
        }

        string Refused(GaussianVaeOptions bad) =>
            Assert.ThrowsExactly<BadOptionException>(() => new GaussianVaeTrainer(bad).Fit(rows)).Option;
    }

    [TestMethod]
    [DataRow("bernoulli")]
    [DataRow("binomial:8")]
    [DataRow("poisson")]
    public void Training_BeatsIndependentColumns_AndClosesTheGap(string name)
    {
        // A model of independent columns has the log-likelihood of its means; two latents made these rows.
        ObservableLikelihood likelihood = ObservableLikelihood.Parse(name);
        InMemoryRows rows = VaeContract.Counts(likelihood, 1000, 12, 2);
        double[] values = rows.ReadAll().Values;
        double independent = 0;
        for (int d = 0; d < 12; d++)
        {
            double mean = Enumerable.Range(0, 1000).Average(n => values[(n * 12) + d]);
            double[] natural = new double[1];
            likelihood.Family!.ToNatural([mean / Math.Max(1, likelihood.Trials)], natural);
            independent += Enumerable.Range(0, 1000).Average(n => likelihood.Family.LogDensity([values[(n * 12) + d]], natural));
        }

        ElboReport report = Trainer(likelihood, 200).Fit(rows).Model.Report.Summary;
        Assert.IsGreaterThan(independent + 0.2, report.Elbo, $"{report}");
        Assert.IsLessThan(0.01, report.RelativeGap, $"{report}");
        Assert.AreEqual(likelihood.Family!.HasConstantBaseMeasure, report.BaseMeasure == 0);
    }

    [TestMethod]
    public void LinearlyCanonicalActivation_IsTheSameModelAtAnotherScale()
    {
        // S Example 1: tanh/2 + 1/2 is the logistic function at twice the argument.
        InMemoryRows rows = VaeContract.Counts(ObservableLikelihood.Bernoulli, 1000, 12, 2);
        double canonical = Trainer(ObservableLikelihood.Bernoulli, 120).Fit(rows).Model.Report.Summary.Elbo;
        double tanh = Trainer(ObservableLikelihood.Bernoulli with { ActivationFactor = 2 }, 120).Fit(rows).Model.Report.Summary.Elbo;
        Assert.AreEqual(canonical, tanh, 0.05);
    }

    [TestMethod]
    public void Decode_GivesMeansInTheSupportsHull()
    {
        ObservableLikelihood likelihood = ObservableLikelihood.Binomial(8);
        LatentModel model = Trainer(likelihood).Fit(VaeContract.Counts(likelihood, 300, 5, 1)).Model;
        double[] rows = new double[20 * 5];
        model.Decode([.. Enumerable.Range(0, 40).Select(i => (i - 20) / 10.0)], rows);
        Assert.IsTrue(rows.All(v => v is > 0 and < 8));
        model.Sample(rows, 3);
        Assert.IsTrue(rows.All(v => v is >= 0 and <= 8 && v == Math.Floor(v)));
    }

    [TestMethod]
    public void KlWeight_LeavesTheReportUnweighted()
    {
        InMemoryRows rows = VaeContract.Counts(ObservableLikelihood.Bernoulli, 400, 6, 1);
        GaussianVaeTrainer trainer = new(Options(ObservableLikelihood.Bernoulli, 30) with
        {
            Training = new MinibatchOptions { Epochs = 30, KlWeight = new KlSchedule { Kind = KlScheduleKind.WarmUp, Weight = 3, Epochs = 10 } },
        });
        ElboReport report = trainer.Fit(rows).Model.Report.Summary;
        Assert.AreEqual(report.Reconstruction - report.Kl, report.Elbo, 1e-12);
    }

    private static GaussianVaeTrainer Trainer(ObservableLikelihood likelihood, int epochs = 10) => new(Options(likelihood, epochs));

    private static GaussianVaeOptions Options(ObservableLikelihood likelihood, int epochs) => new()
    {
        Latents = 2,
        Hidden = [16],
        Likelihood = likelihood,
        Training = new MinibatchOptions { Epochs = epochs, BatchSize = 64, LearningRate = 5e-3, StationarityTolerance = 0 },
    };
}
