using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Families.Mixture;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families;

/// <summary>Collapse is relative to the prior: units of latents, the encoder's family and rare indicators do not pass for it.</summary>
[TestClass]
public sealed class CollapseCriteriaTests
{
    /// <summary>log(2 / pi) + 1/2: the least KL of a normal distribution from a Laplace distribution, nats.</summary>
    private const double LaplaceFloor = 0.04841729470;

    /// <summary>A VAE-1 with superfluous latents and its VAE-2 form are one model (D eq. 6), so their reports are one report.</summary>
    [TestMethod]
    public void Vae1_AndItsVae2Form_ReportTheSame()
    {
        InMemoryRows rows = PcaData.Create(400, 5, columns: 6, latents: 2);
        GaussianVaeModel one = (GaussianVaeModel)new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Latents = 5,
            Hidden = [8],
            Training = new MinibatchOptions { Epochs = 60, BatchSize = 50 },
        }).Fit(rows).Model;
        GaussianVaeModel two = one.ToLearnedPrior();
        Evaluation a = one.Evaluate(rows), b = two.Evaluate(rows);
        Assert.IsGreaterThan(0.05, two.PriorVariances.Max(v => Math.Abs(v - 1)), "the priors differ, so this test says something");
        Assert.AreEqual(a.Collapsed, b.Collapsed);
        Assert.IsInRange(1, 4, a.Collapsed.Entropy);
        AssertClose(Figures(a), Figures(b), "report");
        for (int h = 0; h < 5; h++)
        {
            AssertClose(Figures(a.Latents[h]), Figures(b.Latents[h]), $"latent {h}");
        }
    }

    /// <summary>
    /// Encoders that ignore the rows: one at the deviation that is nearest to the prior, <c>lambda sqrt(pi / 2)</c>, one a factor of 0.8 off, with
    /// <c>KL = log 2 + 0.8 - 1/2 log(2 pi e) - log(0.8 sqrt(pi / 2))</c>.
    /// </summary>
    [TestMethod]
    public void SparseVae_CountsKlAboveItsLeast()
    {
        VaeNetwork network = new(new VaeArchitecture(VaeVariant.SparsePrior, 3, 2, []));
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, 1, -1);
        ParameterTensor weights = network.Encoder.LastWeights, bias = network.Encoder.LastBias;
        parameters.Span.Slice(weights.Offset, weights.Length).Clear();
        double[] scales = [1.7, 0.3];
        for (int h = 0; h < 2; h++)
        {
            double deviation = scales[h] * Math.Sqrt(Math.PI / 2) * (h == 0 ? 1 : 0.8);
            parameters[network.PriorScale!.Tensor.Offset + h] = (float)Math.Log(scales[h]);
            parameters[bias.Offset + 2 + h] = (float)(2 * Math.Log(deviation));
        }

        Evaluation report = new GaussianVaeModel(network, parameters, LinearTestData.Header(3)).Evaluate(PcaData.Create(50, 5, columns: 3, latents: 1));
        double off = Math.Log(2) + 0.8 - (0.5 * Math.Log(2 * Math.PI * Math.E)) - Math.Log(0.8 * Math.Sqrt(Math.PI / 2));
        Assert.AreEqual(LaplaceFloor, report.Latents[0].Kl, 1e-6);
        Assert.AreEqual(off, report.Latents[1].Kl, 1e-6);
        Assert.IsGreaterThan(LaplaceFloor + 0.01, off);
        Assert.IsTrue(report.Latents[0].CollapsedByKl);
        Assert.IsFalse(report.Latents[1].CollapsedByKl);
        Assert.AreEqual(new CollapsedLatents(2, 1, 2), report.Collapsed);
    }

    /// <summary>Activity is in units of the prior's variance, 2 lambda^2 of a Laplace prior.</summary>
    [TestMethod]
    public void Activity_IsInUnitsOfThePrior()
    {
        foreach (VaeVariant variant in new[] { VaeVariant.LearnedPrior, VaeVariant.SparsePrior })
        {
            GaussianVaeModel model = Vae.VaeContract.RandomModel(variant, 4, 3, 2);
            InMemoryRows rows = PcaData.Create(200, 5, columns: 4, latents: 2);
            (double[] values, int count) = rows.ReadAll();
            double[] means = new double[3 * count], variances = new double[3 * count];
            model.Encode(values, means, variances);
            Evaluation report = model.Evaluate(rows);
            for (int h = 0; h < 3; h++)
            {
                double[] own = [.. Enumerable.Range(0, count).Select(n => means[(3 * n) + h])];
                double expected = own.Average(m => m * m) - (own.Average() * own.Average());
                Assert.AreEqual(expected / model.PriorVariances[h], report.Latents[h].Activity, 1e-6 * (1 + report.Latents[h].Activity));
            }
        }
    }

    /// <summary>
    /// 200 components far apart, each with one row of 200: every row's responsibility is 0 or 1, so each indicator tells all it can and none is collapsed. A
    /// row that is not of a component has a KL of -log(1 - 1/200) = 0.005 nats in it, below 0.01.
    /// </summary>
    [TestMethod]
    public void Mixture_OfManyClearComponents_HasNoneCollapsed()
    {
        const int components = 200;
        double[] weights = LinearTestData.Filled(components, 1.0 / components);
        double[] parameters = [.. Enumerable.Range(0, components).SelectMany(k => new[] { 100.0 * k, 1.0 })];
        MixtureModel model = MixtureTestData.Model("gaussian-diagonal", weights, 1, parameters);
        InMemoryRows rows = new([.. Enumerable.Range(0, components).Select(k => 100.0 * k)], 1);
        Evaluation report = model.Evaluate(rows);
        Assert.AreEqual(new CollapsedLatents(0, 0, 0), report.Collapsed);
        double entropy = -(0.005 * Math.Log(0.005)) - (0.995 * Math.Log(0.995));
        Assert.AreEqual(entropy, report.Latents[7].PriorEntropy, 1e-12);
        Assert.AreEqual(entropy, report.Latents[7].Kl, 1e-9);
        Assert.AreEqual(1, report.Latents[7].Activity, 1e-9);
    }

    /// <summary>Components that all are the same tell nothing, however many there are.</summary>
    [TestMethod]
    [DataRow(2)]
    [DataRow(200)]
    public void Mixture_OfEqualComponents_IsCollapsed(int components)
    {
        double[] weights = LinearTestData.Filled(components, 1.0 / components);
        double[] parameters = [.. Enumerable.Repeat(new[] { 0.0, 1.0 }, components).SelectMany(p => p)];
        MixtureModel model = MixtureTestData.Model("gaussian-diagonal", weights, 1, parameters);
        Evaluation report = model.Evaluate(new InMemoryRows([0.3, -1, 2], 1));
        Assert.AreEqual(new CollapsedLatents(components, components, components), report.Collapsed);
    }

    /// <summary>A unit that is on in 4 of 1,000 rows and then clearly seen; a second one that no row depends on.</summary>
    [TestMethod]
    public void RareUnitOfABeliefNet_IsNotCollapsed()
    {
        const int columns = 20;
        BeliefNet net = new(columns, [2]);
        double[] data = new double[3 * columns];
        Array.Fill(data, 12, 0, columns);
        Array.Fill(data, -6, 2 * columns, columns);
        net.Blocks[0].Set(data);
        net.Blocks[1].Set([Math.Log(0.004 / 0.996), Math.Log(0.004 / 0.996)]);
        SigmoidBeliefNetModel model = new(net, isExact: true, states: 4, LinearTestData.Header(columns));
        double[] values = new double[1000 * columns];
        Array.Fill(values, 1, 0, 4 * columns);
        Evaluation report = model.Evaluate(new InMemoryRows(values, columns));
        double entropy = -(0.004 * Math.Log(0.004)) - (0.996 * Math.Log(0.996));
        Assert.AreEqual(entropy, report.Latents[0].PriorEntropy, 1e-12);
        Assert.AreEqual(entropy, report.Latents[0].Kl, 1e-9);
        Assert.AreEqual(new CollapsedLatents(1, 1, 1), report.Collapsed);
        Assert.IsFalse(report.Latents[0].CollapsedByKl || report.Latents[0].CollapsedByEntropy || report.Latents[0].CollapsedByActivity);
    }

    /// <summary>Every figure of a report that does not change with the unit of a latent.</summary>
    private static double[] Figures(Evaluation e) =>
    [
        e.Summary.Elbo, e.Summary.Reconstruction, e.Summary.Kl, e.Summary.EntropySum, e.Summary.EncoderEntropy - e.Summary.PriorEntropy,
        e.Summary.DecoderEntropy, e.Summary.BaseMeasure, e.Summary.PriorResidual, e.Summary.NoiseResidual, e.Summary.StandardError, e.Summary.RelativeGap,
        e.Summary.PseudoEntropy!.EntropySum, e.Summary.PseudoEntropy.DecoderEntropy, e.Summary.PseudoEntropy.BaseMeasure, .. e.Summary.PseudoEntropy.Residuals,
        e.FreeParameters, e.Bic / e.Summary.Rows, e.Aic / e.Summary.Rows,
    ];

    private static double[] Figures(LatentReport l) => [l.EncoderEntropy - l.PriorEntropy, l.Kl, l.Activity];

    private static void AssertClose(double[] expected, double[] actual, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{what}, figure {i}");
        }
    }
}
