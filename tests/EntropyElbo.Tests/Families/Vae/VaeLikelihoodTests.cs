using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
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
    [DataRow("gamma", 0.0)]
    [DataRow("gamma", -1.0)]
    [DataRow("gamma", 1e-30)]
    [DataRow("gamma", 1e30)]
    [DataRow("continuous-bernoulli", -0.01)]
    [DataRow("continuous-bernoulli", 1.01)]
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
        Assert.AreEqual("allow-fractions", Refused(options with { Likelihood = ObservableLikelihood.Poisson with { AllowFractions = true } }));
        Assert.AreEqual("allow-fractions", Refused(options with { Likelihood = ObservableLikelihood.Gaussian with { AllowFractions = true } }));
        Assert.AreEqual("likelihood", Refused(options with { Variant = VaeVariant.FixedVariance, Likelihood = ObservableLikelihood.Gamma }));
        Assert.AreEqual("start", Refused(options with { Start = NetworkStart.AffineAtZero, Likelihood = ObservableLikelihood.Gamma }));
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
    [DataRow("continuous-bernoulli")]
    [DataRow("gamma")]
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
            double[] natural = new double[likelihood.Family!.NaturalDimension];
            double[] standard = name switch
            {
                "gamma" => [IndependentShape(values, d), IndependentShape(values, d) / mean],
                "continuous-bernoulli" => [1 / (1 + Math.Exp(-ContinuousBernoulli.NaturalOfMean(mean)))],
                _ => [mean / Math.Max(1, likelihood.Trials)],
            };
            likelihood.Family.ToNatural(standard, natural);
            independent += Enumerable.Range(0, 1000).Average(n => likelihood.Family.LogDensity([values[(n * 12) + d]], natural));
        }

        ElboReport report = Trainer(likelihood, 200).Fit(rows).Model.Report.Summary;
        Assert.IsGreaterThan(independent + 0.2, report.Elbo, $"{report}");
        Assert.IsLessThan(0.01, report.RelativeGap, $"{report}");
        Assert.AreEqual(likelihood.Family!.HasConstantBaseMeasure, report.BaseMeasure == 0);
    }

    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance)]
    [DataRow(VaeVariant.VariancePerColumn)]
    public void GammaDispersion_IsFound(VaeVariant variant)
    {
        // Columns of shape 5, and with one dispersion each the last half of shape 5/4: sums of four draws would have four times theirs.
        InMemoryRows rows = VaeContract.Counts(ObservableLikelihood.Gamma, 2000, 12, 2);
        double[] values = rows.ReadAll().Values;
        RandomStream random = new(9, RandomPurpose.Generation);
        double[] draw = new double[1];
        for (int i = 0; i < values.Length && variant == VaeVariant.VariancePerColumn; i++)
        {
            if (i % 12 >= 6)
            {
                new Gamma().Sample([0.25, -1.25], random, draw);
                values[i] = 40 * draw[0];
            }
        }

        GaussianVaeModel model = (GaussianVaeModel)new GaussianVaeTrainer(Options(ObservableLikelihood.Gamma, 150) with { Variant = variant })
            .Fit(new InMemoryRows(values, 12)).Model;
        Assert.HasCount(variant == VaeVariant.VariancePerColumn ? 12 : 1, model.DecoderVariances);
        for (int i = 0; i < model.DecoderVariances.Count; i++)
        {
            double expected = i >= 6 ? 0.8 : 0.2;
            Assert.AreEqual(expected, model.DecoderVariances[i], i >= 6 ? 0.15 : 0.08, $"column {i}");
        }

        // At the optimum the deviance's part of the residual is gone for the draws of closing, and a bias takes the rest.
        Assert.IsLessThan(0.01, model.Report.Summary.RelativeGap, $"{model.Report.Summary}");
    }

    [TestMethod]
    public void GammaDispersion_InClosedForm_EndsWhereItsGradientDoes()
    {
        InMemoryRows rows = VaeContract.Counts(ObservableLikelihood.Gamma, 1000, 12, 2);
        double Dispersion(VarianceUpdate update) => ((GaussianVaeModel)new GaussianVaeTrainer(
            Options(ObservableLikelihood.Gamma, 100) with { VarianceUpdate = update }).Fit(rows).Model).DecoderVariance;
        Assert.AreEqual(Dispersion(VarianceUpdate.Gradient), Dispersion(VarianceUpdate.ClosedForm), 0.01);
    }

    [TestMethod]
    public void Fractions_AreAQuasiLikelihood_NamedSo()
    {
        ObservableLikelihood fractions = ObservableLikelihood.Bernoulli with { AllowFractions = true };
        InMemoryRows rows = VaeContract.Counts(fractions, 300, 6, 1);
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Trainer(ObservableLikelihood.Bernoulli).Fit(rows)).Message, "allow fractions");
        LatentModel model = Trainer(fractions, 60).Fit(rows).Model;
        StringAssert.Contains(model.Report.Summary.Remark, "quasi-likelihood");
        Assert.AreEqual(
            model.Report.Summary.Elbo, model.Report.Summary.EntropySum - model.Report.Summary.PriorResidual - model.Report.Summary.NoiseResidual, 1e-4);

        // On rows of 0 and 1 nothing differs but the remark.
        InMemoryRows bits = VaeContract.Counts(ObservableLikelihood.Bernoulli, 300, 6, 1);
        Assert.AreEqual(Trainer(ObservableLikelihood.Bernoulli).Fit(bits).Model.Report.Summary.Elbo, Trainer(fractions).Fit(bits).Model.Report.Summary.Elbo);
        double[] bad = bits.ReadAll().Values;
        bad[3] = 1.5;
        StringAssert.Contains(Assert.ThrowsExactly<BadDataException>(() => Trainer(fractions).Fit(new InMemoryRows(bad, 6))).Message, "between 0 and 1");
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

    /// <summary>The shape by moments of logarithms of one column: log of the mean less mean of the logs is log a - psi(a).</summary>
    private static double IndependentShape(double[] values, int column)
    {
        double[] own = [.. values.Where((_, i) => i % 12 == column)];
        return GammaShape.Solve(Math.Log(own.Average()) - own.Average(Math.Log), 1e8);
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
