using EntropyElbo.Data.Synthetic;
using EntropyElbo.Data;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Families.SparseCoding;

/// <summary>E-steps against a plain L-BFGS on the bound of a row, in nu and the Cholesky factor of T or the logarithms of deviations.</summary>
[TestClass]
public sealed class RowPosteriorTests
{
    [TestMethod]
    [DataRow(false, 3, 1.0, 1.0, 10)]
    [DataRow(true, 3, 1.0, 1.0, 10)]
    [DataRow(false, 3, 2.0, 0.5, 4)]
    [DataRow(true, 3, 2.0, 0.5, 4)]
    [DataRow(false, 2, 1.0, 1.0, 9)]
    [DataRow(true, 2, 1.0, 1.0, 9)]
    public void TheOptimum_IsThatOfAPlainOptimiser(bool isDiagonal, int side, double prior, double noise, int latents)
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(side, latents);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise) { Tolerance = 1e-12, MaxEvaluations = 1000 };
        double[] rows = Bars.Create(20, 3, side: side).ReadAll().Values;
        SparseCodingWorker worker = PosteriorCases.Inferred(model, parameters, isDiagonal, rows);
        for (int row = 0; row < 20; row++)
        {
            PlainBound bound = new(parameters, rows.AsSpan(row * side * side, side * side).ToArray(), isDiagonal, prior, noise);
            double best = bound.Best();
            double found = PosteriorCases.Value(worker, row, parameters, prior, noise);
            Assert.AreEqual(best, found, 1e-8, $"row {row}");
            Assert.IsGreaterThan(best - 1e-9, found);
        }
    }

    /// <summary>10 latents: to 1e-9 nats in at most 15 evaluations of the bound, in the median.</summary>
    [TestMethod]
    public void ABarsRow_TakesFewEvaluations()
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(5, 10);
        double[] rows = Bars.Create(200, 3).ReadAll().Values;
        PosteriorModel loose = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = 1e-9 };
        PosteriorModel tight = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = 1e-13 };
        SparseCodingWorker quick = PosteriorCases.Inferred(loose, parameters, false, rows), exact = PosteriorCases.Inferred(tight, parameters, false, rows);
        Assert.IsLessThanOrEqualTo(15, quick.Posterior.Evaluations.Order().ElementAt(100));
        for (int row = 0; row < 200; row++)
        {
            Assert.AreEqual(PosteriorCases.Value(exact, row, parameters, 1, 1), PosteriorCases.Value(quick, row, parameters, 1, 1), 1e-9);
        }
    }

    /// <summary>A row's bits depend neither on its neighbours nor on its place.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ARowAlone_HasTheBitsOfARowAmongOthers(bool isDiagonal)
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(3, 7);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance);
        double[] rows = Bars.Create(21, 3, side: 3).ReadAll().Values;
        SparseCodingWorker all = PosteriorCases.Inferred(model, parameters, isDiagonal, rows);
        for (int row = 0; row < 21; row++)
        {
            SparseCodingWorker one = PosteriorCases.Inferred(model, parameters, isDiagonal, rows[(row * 9)..((row + 1) * 9)]);
            CollectionAssert.AreEqual(all.Posterior.Means[row].ToArray(), one.Posterior.Means[0].ToArray());
            CollectionAssert.AreEqual(all.Posterior.Variances[row].ToArray(), one.Posterior.Variances[0].ToArray());
        }
    }

    /// <summary>From the optimum an E-step ends at once and stays; sums of covariances are those of the rows.</summary>
    [TestMethod]
    [DataRow(false, 7)]
    [DataRow(false, 12)]
    [DataRow(true, 7)]
    public void AWarmStart_StaysAtTheOptimum(bool isDiagonal, int latents)
    {
        SparseCodingParameters parameters = PosteriorCases.Parameters(3, latents);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance);
        double[] rows = Bars.Create(21, 3, side: 3).ReadAll().Values;
        SparseCodingWorker worker = PosteriorCases.Inferred(model, parameters, isDiagonal, rows);
        double[] before = worker.Posterior.Means[4].ToArray();
        worker.Infer(21, isWarm: true, withSums: true);
        Assert.IsLessThanOrEqualTo(2, worker.Posterior.Evaluations.Max());
        Assert.IsLessThan(1e-4, before.Zip(worker.Posterior.Means[4].ToArray(), (a, b) => Math.Abs(a - b)).Max());
        double[] covariances = new double[latents * latents], precision = new double[covariances.Length], inverse = new double[covariances.Length];
        for (int row = 0; row < 21; row++)
        {
            worker.Posterior.Precision(row, precision);
            Assert.IsTrue(Cholesky.TryFactor(precision, latents, out _));
            Cholesky.Inverse(precision, latents, inverse);
            for (int i = 0; i < latents; i++)
            {
                Assert.AreEqual(inverse[(i * latents) + i], worker.Posterior.Variances[row][i], 1e-9 * inverse[(i * latents) + i]);
                for (int j = 0; j < latents; j++)
                {
                    covariances[(i * latents) + j] += inverse[(i * latents) + j] + (worker.Posterior.Means[row][i] * worker.Posterior.Means[row][j]);
                }
            }
        }

        for (int i = 0; i < covariances.Length; i++)
        {
            Assert.AreEqual(covariances[i], worker.Sums.Seconds[i / latents][i % latents], 1e-9 * covariances.Max());
        }
    }
}
