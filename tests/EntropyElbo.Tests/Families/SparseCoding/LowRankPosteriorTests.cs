using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>Covariances V V' + diag d: formulas against dense matrices and differences, optima between those of the other kinds.</summary>
[TestClass]
public sealed class LowRankPosteriorTests
{
    private const int Latents = 7;
    private const int Side = 3;
    private static readonly double[] Rows = Bars.Create(21, 3, side: Side).ReadAll().Values;

    /// <summary>The bound is that of the dense covariance, and so are diagonal and inverse; derivatives are those of central differences.</summary>
    [TestMethod]
    [DataRow(0, 1.0, 1.0)]
    [DataRow(1, 1.0, 1.0)]
    [DataRow(3, 2.0, 0.5)]
    public void BoundAndDerivatives_AreThoseOfTheDenseCovariance(int rank, double prior, double noise)
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(Side, Latents);
        LowRankTerms terms = new(Latents, rank);
        terms.Use(new PosteriorModel(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise));
        RandomStream random = new(3, RandomPurpose.Generation, 1);
        random.FillGaussian(terms.Vectors[0]);
        for (int k = 1; k <= rank; k++)
        {
            random.FillGaussian(terms.Vectors[k]);
        }

        for (int h = 0; h < Latents; h++)
        {
            terms.Deviations[h] = 0.2 + (0.1 * h);
        }

        double[] row = Rows[..(Side * Side)], pulls = Pulls(parameters, row, noise);
        double value = terms.Evaluate(pulls), centred = row.Select((x, d) => (x - parameters.Mean[d]) * (x - parameters.Mean[d])).Sum();
        double[] factor = Dense(terms);
        Assert.IsTrue(Cholesky.TryFactor(factor, Latents, out _));
        double[] point = [.. terms.Vectors[0], .. Enumerable.Range(0, Latents).SelectMany(h => Enumerable.Range(0, h + 1), (h, k) =>
            h == k ? Math.Log(factor[(h * Latents) + h]) : factor[(h * Latents) + k])];
        double expected = -new PlainBound(parameters, row, false, prior, noise).Evaluate(point, new double[point.Length]);
        Assert.AreEqual(expected, value - (0.5 * noise * centred / parameters.NoiseVariance), 1e-10);

        double[] inverse = new double[Latents * Latents], precision = new double[Latents * Latents];
        Cholesky.Inverse(factor, Latents, inverse);
        terms.Precision(precision);
        for (int i = 0; i < inverse.Length; i++)
        {
            Assert.AreEqual(inverse[i], precision[i], 1e-9 * inverse.Max());
        }

        double[][] gradients = [.. Enumerable.Range(0, 2 + rank).Select(k => terms.Gradients[k].ToArray())];
        for (int k = 0; k < 2 + rank; k++)
        {
            for (int h = 0; h < Latents; h++)
            {
                Assert.AreEqual(Difference(terms, pulls, k, h), gradients[k][h], 1e-6 * Math.Max(1, Math.Abs(gradients[k][h])), $"{k}, {h}");
            }
        }
    }

    /// <summary>Every row: full at least low rank, that at least diagonal; more columns are no worse, and H - 1 reach the full optimum.</summary>
    [TestMethod]
    [DataRow(1.0, 1.0)]
    [DataRow(2.0, 0.5)]
    public void OptimaLieBetweenThoseOfTheOtherKinds(double prior, double noise)
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(Side, Latents);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise) { Tolerance = 1e-12, MaxEvaluations = 2000 };
        SparseCodingWorker full = PosteriorCases.Inferred(model, parameters, false, Rows), diagonal = PosteriorCases.Inferred(model, parameters, true, Rows);
        SparseCodingWorker[] lowRank = [.. new[] { 1, 3, Latents - 1 }.Select(r => PosteriorCases.Inferred(model, parameters, CovarianceShape.LowRank(r, Latents), Rows))];
        for (int row = 0; row < 21; row++)
        {
            double[] values = [.. new[] { diagonal, lowRank[0], lowRank[1], full }.Select(w => PosteriorCases.Value(w, row, parameters, prior, noise))];
            for (int i = 1; i < values.Length; i++)
            {
                Assert.IsGreaterThan(values[i - 1] - 1e-9, values[i], $"row {row}, {string.Join(' ', values)}");
            }

            Assert.IsGreaterThan(values[0] + 0.01, values[2], "correlations are worth something here");
            Assert.AreEqual(values[3], PosteriorCases.Value(lowRank[2], row, parameters, prior, noise), 1e-6, $"row {row}");
        }
    }

    [TestMethod]
    public void ARowAlone_HasTheBitsOfARowAmongOthers_AndAWarmStartStays()
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(Side, Latents);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { MaxEvaluations = 1000 };
        SparseCodingWorker all = PosteriorCases.Inferred(model, parameters, CovarianceShape.LowRank(2, Latents), Rows);
        for (int row = 0; row < 21; row += 5)
        {
            SparseCodingWorker one = PosteriorCases.Inferred(model, parameters, CovarianceShape.LowRank(2, Latents), Rows[(row * 9)..((row + 1) * 9)]);
            CollectionAssert.AreEqual(all.Posterior.Means[row].ToArray(), one.Posterior.Means[0].ToArray());
            CollectionAssert.AreEqual(all.Posterior.Variances[row].ToArray(), one.Posterior.Variances[0].ToArray());
        }

        double before = PosteriorCases.Value(all, 4, parameters, 1, 1), mean = all.Posterior.Means[4][0];
        all.Infer(21, isWarm: true, withSums: true);
        Assert.AreEqual(before, PosteriorCases.Value(all, 4, parameters, 1, 1), 1e-8);
        Assert.AreEqual(mean, all.Posterior.Means[4][0], 1e-3);
        RequireSumsOfRows(all);
    }

    private static void RequireSumsOfRows(SparseCodingWorker worker)
    {
        double[] sums = new double[Latents * Latents];
        for (int row = 0; row < 21; row++)
        {
            // Not the inverse of the precision: where s is at its least that is known to few digits only.
            double[] covariance = Dense(((LowRankPosterior)worker.Posterior).Evaluate(row));
            for (int i = 0; i < sums.Length; i++)
            {
                sums[i] += covariance[i] + (worker.Posterior.Means[row][i / Latents] * worker.Posterior.Means[row][i % Latents]);
            }
        }

        for (int i = 0; i < sums.Length; i++)
        {
            Assert.AreEqual(sums[i], worker.Sums.Seconds[i / Latents][i % Latents], 1e-12 * sums.Max());
        }
    }

    private static double Difference(LowRankTerms terms, double[] pulls, int part, int latent)
    {
        const double step = 1e-5;
        double At(double change)
        {
            ref double value = ref (part == 1 ? ref terms.Deviations[latent] : ref terms.Vectors[part == 0 ? 0 : part - 1][latent]);
            value += change;
            double bound = terms.Evaluate(pulls);
            value -= change;
            return bound;
        }

        return (At(step) - At(-step)) / (2 * step);
    }

    private static double[] Dense(LowRankTerms terms)
    {
        double[] covariance = new double[Latents * Latents];
        for (int i = 0; i < Latents; i++)
        {
            for (int j = 0; j < Latents; j++)
            {
                covariance[(i * Latents) + j] = Enumerable.Range(1, terms.Rank).Sum(k => terms.Vectors[k][i] * terms.Vectors[k][j])
                    + (i == j ? terms.Deviations[i] * terms.Deviations[i] : 0);
            }
        }

        return covariance;
    }

    private static double[] Pulls(SparseCodingParameters parameters, double[] row, double noise)
    {
        double[] pulls = new double[MatrixView<double>.PaddedStride(Latents)];
        for (int h = 0; h < Latents; h++)
        {
            pulls[h] = noise / parameters.NoiseVariance * Enumerable.Range(0, row.Length).Sum(d => parameters.Fields[d][h] * (row[d] - parameters.Mean[d]));
        }

        return pulls;
    }
}
