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
        SparseCodingParameters parameters = Parameters(side, latents);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise) { Tolerance = 1e-12, MaxEvaluations = 1000 };
        double[] rows = Bars.Create(20, 3, side: side).ReadAll().Values;
        SparseCodingWorker worker = Inferred(model, parameters, isDiagonal, rows);
        for (int row = 0; row < 20; row++)
        {
            PlainBound bound = new(parameters, rows.AsSpan(row * side * side, side * side).ToArray(), isDiagonal, prior, noise);
            double best = bound.Best();
            double found = Value(worker, row, parameters, prior, noise);
            Assert.AreEqual(best, found, 1e-8, $"row {row}");
            Assert.IsGreaterThan(best - 1e-9, found);
        }
    }

    /// <summary>10 latents: to 1e-9 nats in at most 15 evaluations of the bound, in the median.</summary>
    [TestMethod]
    public void ABarsRow_TakesFewEvaluations()
    {
        SparseCodingParameters parameters = Parameters(5, 10);
        double[] rows = Bars.Create(200, 3).ReadAll().Values;
        PosteriorModel loose = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = 1e-9 };
        PosteriorModel tight = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = 1e-13 };
        SparseCodingWorker quick = Inferred(loose, parameters, false, rows), exact = Inferred(tight, parameters, false, rows);
        Assert.IsLessThanOrEqualTo(15, quick.Posterior.Evaluations.Order().ElementAt(100));
        for (int row = 0; row < 200; row++)
        {
            Assert.AreEqual(Value(exact, row, parameters, 1, 1), Value(quick, row, parameters, 1, 1), 1e-9);
        }
    }

    /// <summary>A row's bits depend neither on its neighbours nor on its place.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void ARowAlone_HasTheBitsOfARowAmongOthers(bool isDiagonal)
    {
        SparseCodingParameters parameters = Parameters(3, 7);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance);
        double[] rows = Bars.Create(21, 3, side: 3).ReadAll().Values;
        SparseCodingWorker all = Inferred(model, parameters, isDiagonal, rows);
        for (int row = 0; row < 21; row++)
        {
            SparseCodingWorker one = Inferred(model, parameters, isDiagonal, rows[(row * 9)..((row + 1) * 9)]);
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
        SparseCodingParameters parameters = Parameters(3, latents);
        PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance);
        double[] rows = Bars.Create(21, 3, side: 3).ReadAll().Values;
        SparseCodingWorker worker = Inferred(model, parameters, isDiagonal, rows);
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

    private static SparseCodingParameters Parameters(int side, int latents)
    {
        RandomStream random = new(9, RandomPurpose.Generation);
        double[][] fields = new double[latents][];
        for (int h = 0; h < latents; h++)
        {
            fields[h] = new double[side * side];
            random.FillGaussian(fields[h]);
            for (int d = 0; d < fields[h].Length; d++)
            {
                // Fields that overlap, as bars do.
                fields[h][d] = (0.3 * fields[h][d]) + (h < 2 * side && (h < side ? d / side == h : d % side == h - side) ? 1 : 0);
            }
        }

        return SparseCodingParameters.Of(fields, [.. Enumerable.Range(0, latents).Select(h => 0.8 + (0.2 * h))], 0.05, [.. Enumerable.Repeat(0.1, side * side)]);
    }

    private static SparseCodingWorker Inferred(PosteriorModel model, SparseCodingParameters parameters, bool isDiagonal, double[] rows)
    {
        int count = rows.Length / parameters.Columns;
        SparseCodingWorker worker = new(count, parameters.Columns, parameters.Latents, isDiagonal);
        worker.Use(model, parameters.Mean);
        worker.Load(rows, count);
        worker.Infer(count, isWarm: false, withSums: false);
        return worker;
    }

    private static double Value(SparseCodingWorker worker, int row, SparseCodingParameters parameters, double prior, double noise)
    {
        double value = worker.Posterior.HalfLogDeterminants[row] - (0.5 * noise * worker.Error(row) / parameters.NoiseVariance);
        for (int h = 0; h < parameters.Latents; h++)
        {
            value -= prior * worker.Posterior.Sizes[row][h] / parameters.Scales[h];
        }

        return value;
    }
}
