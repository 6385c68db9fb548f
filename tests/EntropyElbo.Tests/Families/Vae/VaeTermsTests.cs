using EntropyElbo.Data;
using EntropyElbo.Distributions;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Tests.Families.Vae;

/// <summary>Columns' terms of every likelihood, and estimates over repeated draws.</summary>
[TestClass]
public sealed class VaeTermsTests
{
    /// <summary>Each column's term is its log density by the distribution itself, and the row's sum is what training sees.</summary>
    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance, "gaussian")]
    [DataRow(VaeVariant.VariancePerColumn, "gaussian")]
    [DataRow(VaeVariant.VarianceNetwork, "gaussian")]
    [DataRow(VaeVariant.LearnedVariance, "bernoulli")]
    [DataRow(VaeVariant.LearnedVariance, "binomial:8")]
    [DataRow(VaeVariant.LearnedVariance, "poisson")]
    public void ColumnTerms_AreLogDensities(VaeVariant variant, string name)
    {
        const int count = 3, dimension = 19;
        ObservableLikelihood kind = ObservableLikelihood.Parse(name);
        VaeNetwork network = new(new VaeArchitecture(variant, dimension, 2, [4]) { Likelihood = kind });
        AlignedBuffer<double> parameters = new(network.Layout.Length);
        LinearTestData.Gaussian(5, parameters.Span.Length, 0.4).CopyTo(parameters.Span);
        DecoderLikelihood<double> likelihood = network.Likelihood<double>();
        MatrixView<double> means = new Matrix<double>(count, dimension), spreads = new Matrix<double>(count, dimension), rows = new Matrix<double>(count, dimension);
        ElementLoops.Load(LinearTestData.Gaussian(1, count * dimension), count, means);
        ElementLoops.Load(LinearTestData.Gaussian(2, count * dimension, 0.5), count, spreads);
        double[] values = kind.IsGaussian ? LinearTestData.Gaussian(3, count * dimension) : VaeContract.Counts(kind, count, dimension, 3).ReadAll().Values;
        ElementLoops.Load(values, count, rows);
        double[] spread = LinearTestData.Gaussian(2, count * dimension, 0.5);
        double[] terms = new double[count * dimension], sums = new double[count];
        likelihood.AddColumnTerms(parameters, new DecoderBlock<double>(means, spreads), rows, 0.5, terms);
        ElementLoops.Load(spread, count, spreads);
        likelihood.Evaluate(parameters, new DecoderBlock<double>(means, spreads), rows, 1, sums, new double[likelihood.MomentCount]);
        for (int row = 0; row < count; row++)
        {
            Assert.AreEqual(sums[row], 2 * terms.AsSpan(row * dimension, dimension).ToArray().Sum(), 1e-10 * Math.Abs(sums[row]));
            for (int d = 0; d < dimension; d++)
            {
                double expected = kind.Family is { } family
                    ? family.LogDensity([rows[row][d]], [means[row][d]])
                    : LogNormal(rows[row][d], means[row][d], LogVariance(d, spread[(row * dimension) + d]));
                Assert.AreEqual(expected, 2 * terms[(row * dimension) + d], 1e-11 * (1 + Math.Abs(expected)), $"row {row}, column {d}");
            }
        }

        double LogVariance(int column, double output) => network.LogVariance is { } scale
            ? parameters[scale.Tensor.Offset + (variant == VaeVariant.VariancePerColumn ? column : 0)]
            : output;
    }

    /// <summary>
    /// Over 300 draws of 40 rows: the estimates scatter about the values for all rows, and by as much as their standard errors say. The entropy sum of a VAE-1 spreads less.
    /// </summary>
    [TestMethod]
    [DataRow(VaeVariant.LearnedVariance, "gaussian", 1)]
    [DataRow(VaeVariant.VarianceNetwork, "gaussian", 2)]
    [DataRow(VaeVariant.LearnedVariance, "poisson", 3)]
    public void Estimates_AreUnbiased_AndSpreadAsTheySay(VaeVariant variant, string name, int samples)
    {
        const int draws = 300, size = 40;
        ObservableLikelihood likelihood = ObservableLikelihood.Parse(name);
        InMemoryRows all = likelihood.IsGaussian ? new InMemoryRows(LinearTestData.Gaussian(8, 2000 * 5), 5) : VaeContract.Counts(likelihood, 2000, 5, 8);
        GaussianVaeModel model = VaeContract.RandomModel(variant, 5, 2, 1, likelihood);
        double[] values = all.ReadAll().Values;
        ElboReport truth = model.Evaluate(all, new EvaluateOptions { Samples = 50, Seed = 1000 }).Summary;
        List<RowEstimate> elbos = [], sums = [];
        for (ulong draw = 1; draw <= draws; draw++)
        {
            InMemoryRows some = Draw(values, size, draw);
            EvaluateOptions options = new() { Samples = samples, Seed = draw, Threads = 1 };
            elbos.Add(model.EstimateElbo(some, options));
            sums.Add(model.EstimateEntropySum(some, options));
        }

        Require(truth.Elbo, elbos);
        Require(truth.EntropySum, sums);
        Assert.AreEqual(samples, elbos[0].Samples);
        Assert.AreEqual(variant == VaeVariant.LearnedVariance && likelihood.IsGaussian ? 0 : samples, sums[0].Samples);

        static void Require(double expected, List<RowEstimate> estimates)
        {
            double mean = estimates.Average(e => e.Value);
            double spread = Math.Sqrt(estimates.Sum(e => (e.Value - mean) * (e.Value - mean)) / (draws - 1));
            double standardError = Math.Sqrt(estimates.Average(e => e.StandardError * e.StandardError));
            Assert.IsLessThan(4 * spread / Math.Sqrt(draws), Math.Abs(mean - expected), $"mean {mean}, all rows {expected}");
            Assert.AreEqual(1, spread / standardError, 0.15, $"spread {spread}, standard error {standardError}");
        }
    }

    private static InMemoryRows Draw(double[] values, int count, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 3);
        double[] chosen = new double[count * 5];
        for (int i = 0; i < count; i++)
        {
            values.AsSpan((int)(random.NextUniform() * (values.Length / 5)) * 5, 5).CopyTo(chosen.AsSpan(i * 5));
        }

        return new InMemoryRows(chosen, 5);
    }

    private static double LogNormal(double x, double mean, double logVariance)
    {
        double[] natural = new double[2];
        GaussianDiagonal family = new(1);
        family.ToNatural([mean, Math.Exp(logVariance)], natural);
        return family.LogDensity([x], natural);
    }
}
