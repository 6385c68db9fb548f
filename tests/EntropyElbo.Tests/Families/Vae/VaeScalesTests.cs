using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

/// <summary>Learned priors and variances: unit columns, conversions, what is learned, bounds.</summary>
[TestClass]
public sealed class VaeScalesTests
{
    private static readonly MinibatchOptions Quick = new() { Epochs = 40, BatchSize = 128, StationarityTolerance = 0 };

    [TestMethod]
    public void Vae2_KeepsUnitColumns()
    {
        GaussianVaeModel model = Fit(VaeVariant.LearnedPrior, PcaData.Create(600, 1));
        ParameterTensor first = model.Network.Decoder.FirstWeights;
        float[] weights = ParameterLayout.Pack(first, model.Parameters);
        for (int h = 0; h < first.Rows; h++)
        {
            double length = Math.Sqrt(weights.AsSpan(h * first.Columns, first.Columns).ToArray().Sum(w => (double)w * w));
            Assert.AreEqual(1, length, 1e-6, $"latent {h}");
        }
    }

    [TestMethod]
    public void Vae1ToVae2AndBack_KeepsTheReport()
    {
        InMemoryRows rows = PcaData.Create(600, 1);
        GaussianVaeModel first = Fit(VaeVariant.LearnedVariance, rows);
        GaussianVaeModel second = first.ToLearnedPrior();
        GaussianVaeModel third = second.ToStandardPrior();
        Assert.AreEqual("vae-2", second.Family);
        Assert.AreEqual("vae-1", third.Family);
        Assert.AreEqual(first.FreeParameters, second.FreeParameters);
        ElboReport expected = first.Evaluate(rows).Summary;
        foreach (GaussianVaeModel model in (GaussianVaeModel[])[second, third])
        {
            ElboReport report = model.Evaluate(rows).Summary;
            double tolerance = 1e-5 * Math.Abs(expected.Elbo);
            Assert.AreEqual(expected.Elbo, report.Elbo, tolerance);
            Assert.AreEqual(expected.Kl, report.Kl, tolerance);
            Assert.AreEqual(expected.EntropySum, report.EntropySum, tolerance);
            Assert.AreEqual(expected.PriorResidual, report.PriorResidual, tolerance);
            Assert.AreEqual(expected.NoiseResidual, report.NoiseResidual, tolerance);
        }

        Assert.IsTrue(second.PriorVariances.All(v => Math.Abs(v - 1) > 1e-3), "the prior variances must have moved for this test to say anything");
        Assert.ThrowsExactly<BadOptionException>(() => Fit(VaeVariant.VariancePerColumn, rows).ToLearnedPrior());
    }

    [TestMethod]
    public void Vae1AndVae2_LearnEquallyWell()
    {
        InMemoryRows rows = PcaData.Create(2000, 1);
        double one = Fit(VaeVariant.LearnedVariance, rows, 150).Evaluate(rows).Summary.Elbo;
        double two = Fit(VaeVariant.LearnedPrior, rows, 150).Evaluate(rows).Summary.Elbo;
        Assert.AreEqual(one, two, 0.1);
    }

    [TestMethod]
    public void VaeD_FindsTheNoiseOfEachColumn()
    {
        // Two latents, the noise of column d known: 0.3 in even columns, 0.9 in odd ones.
        const int columns = 10;
        const int count = 2000;
        RandomStream random = new(5, RandomPurpose.Generation, 3);
        double[] loadings = new double[2 * columns];
        random.FillGaussian(loadings);
        double[] values = new double[count * columns];
        for (int row = 0; row < count; row++)
        {
            double a = random.NextGaussian();
            double b = random.NextGaussian();
            for (int d = 0; d < columns; d++)
            {
                values[(row * columns) + d] = (a * loadings[d]) + (b * loadings[columns + d])
                    + ((d % 2 == 0 ? 0.3 : 0.9) * random.NextGaussian());
            }
        }

        // With an affine decoder this is factor analysis, whose maximum likelihood EM finds.
        InMemoryRows rows = new(values, columns);
        GaussianVaeModel wide = Fit(VaeVariant.VariancePerColumn, rows, 1000, [], 0.01);
        FactorAnalysisOptions exact = new() { Latents = 2, Scaling = ScalingKind.None };
        Assert.AreEqual(new FactorAnalysisTrainer(exact).Fit(rows).Model.Evaluate(rows).Summary.Elbo, wide.Evaluate(rows).Summary.Elbo, 0.02);
        for (int d = 0; d < columns; d++)
        {
            Assert.AreEqual(d % 2 == 0 ? 0.3 : 0.9, Math.Sqrt(wide.DecoderVariances[d]), 0.04, $"column {d}");
        }

        double shared = Fit(VaeVariant.LearnedVariance, rows, 200, [], 0.01).Evaluate(rows).Summary.Elbo;
        Assert.IsGreaterThan(shared + 1, wide.Evaluate(rows).Summary.Elbo);
    }

    [TestMethod]
    public void RowsWithoutNoise_LeaveAVarianceAboveZero()
    {
        InMemoryRows rows = new([.. Enumerable.Repeat(2.0, 400 * 3)], 3);
        foreach (VaeVariant variant in (VaeVariant[])[VaeVariant.LearnedVariance, VaeVariant.VariancePerColumn])
        {
            GaussianVaeModel model = Fit(variant, rows, 60);
            Assert.IsTrue(model.DecoderVariances.All(v => v >= 1e-14 && double.IsFinite(v)));
            Assert.IsTrue(double.IsFinite(model.Report.Summary.Elbo));
        }
    }

    private static GaussianVaeModel Fit(VaeVariant variant, IRowSource rows, int epochs = 40, int[]? hidden = null, double rate = 3e-3) =>
        (GaussianVaeModel)new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Variant = variant,
            Latents = 2,
            Hidden = hidden ?? [16],
            Scaling = ScalingKind.None,
            Training = Quick with { Epochs = epochs, LearningRate = rate },
        }).Fit(rows).Model;
}
