using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.ProbabilisticPca;

namespace EntropyElbo.Tests.Families;

/// <summary>What columns and latents have of the ELBO of a model with a linear decoder.</summary>
[TestClass]
public sealed class LinearTermsTests
{
    /// <summary>
    /// Two correlated latents: the first given the second has the variance <c>T_11 - T_12^2 / T_22</c>, and a mean that spreads by the rest. A column's term is the mean of its log
    /// density over many draws of z.
    /// </summary>
    [TestMethod]
    public void Terms_AreExpectationsUnderTheEncoder()
    {
        ProbabilisticPcaModel model = LinearTestData.Pca(LinearTestData.Gaussian(2, 4), [1, 0.8, 0.5, 0.9, -0.3, 0.4, 0.7, 0.2], 0.8);
        double[] row = LinearTestData.Gaussian(9, 4), columns = new double[4], kl = new double[2], entropies = new double[2], means = new double[2];
        model.RowTerms(row, columns, kl, entropies);
        model.Encode(row, means, new double[2]);
        double[] t = model.LatentCovariance.ToArray();
        Assert.IsGreaterThan(0.01, Math.Abs(t[1]), "correlated latents");
        double conditional = t[0] - (t[1] * t[1] / t[3]);
        Assert.AreEqual(0.5 * ((means[0] * means[0]) + t[0] - 1 - Math.Log(conditional)), kl[0], 1e-12);
        Assert.AreEqual(0.5 * ((means[1] * means[1]) + t[3] - 1 - Math.Log(t[3])), kl[1], 1e-12);
        Assert.AreEqual(0.5 * Math.Log(2 * Math.PI * Math.E * conditional), entropies[0], 1e-12);
        Assert.AreEqual(0.5 * Math.Log(2 * Math.PI * Math.E * t[3]), entropies[1], 1e-12);

        // Five Gauss-Hermite points a latent: exact for squares.
        double[] nodes = [-2.02018287045608563, -0.958572464613818507, 0, 0.958572464613818507, 2.02018287045608563];
        double[] weights = [0.0199532420590459, 0.393619323152241, 0.945308720482942, 0.393619323152241, 0.0199532420590459];
        for (int d = 0; d < 4; d++)
        {
            double sum = 0;
            for (int i = 0; i < 25; i++)
            {
                double b = means[1] + (Math.Sqrt(2 * t[3]) * nodes[i / 5]);
                double a = means[0] + (t[1] / t[3] * (b - means[1])) + (Math.Sqrt(2 * conditional) * nodes[i % 5]);
                double error = row[d] - model.Mean[d] - (model.Loadings[2 * d] * a) - (model.Loadings[(2 * d) + 1] * b);
                double log = -0.5 * (Math.Log(2 * Math.PI * model.NoiseVariance) + (error * error / model.NoiseVariance));
                sum += weights[i / 5] * weights[i % 5] / Math.PI * log;
            }

            Assert.AreEqual(sum, columns[d], 1e-12 * (1 + Math.Abs(sum)));
        }
    }

    /// <summary>The chain rule's variances multiply to the determinant, for more latents than columns too.</summary>
    [TestMethod]
    public void ConditionalVariances_MultiplyToTheDeterminant()
    {
        foreach (int latents in (int[])[1, 3, 7])
        {
            LinearGaussian model = LinearTestData.RandomPca(5, latents, 3).Parameters;
            Assert.AreEqual(model.LogDeterminant, model.ConditionalVariances.Sum(Math.Log), 1e-11);
            Assert.AreEqual(model.LatentVariance(latents - 1), model.ConditionalVariances[^1], 1e-12);
        }
    }
}
