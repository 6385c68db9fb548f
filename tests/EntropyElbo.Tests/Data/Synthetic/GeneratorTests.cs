using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data.Synthetic;

/// <summary>Generated rows against the moments and equations of the models they are drawn from.</summary>
[TestClass]
public class GeneratorTests
{
    [TestMethod]
    public void Pca_rows_have_mean_mu_and_covariance_of_the_model()
    {
        const int n = 40_000;
        double[] x = PcaData.Create(n, 4).ReadAll().Values;
        (double[] w, double[] mu) = PcaData.Parameters(4);
        Assert.IsTrue(w.Concat(mu).All(p => p is >= 0 and < 1));
        Assert.AreEqual(0.5, w.Concat(mu).Average(), 5 / Math.Sqrt(12 * 30));
        double[] covariance = Multiply(w, 10, 2, 1);
        AssertMoments(x, n, mu, covariance, 0.1 * 0.1);
    }

    /// <summary>x = 10 (r - 1) u, where x' - mu = r u with |u| = 1, takes the ring back to the plane.</summary>
    [TestMethod]
    public void Ring_rows_are_pca_rows_pushed_outwards()
    {
        double[] plane = PcaData.Create(500, 6).ReadAll().Values;
        double[] ring = PcaRing.Create(500, 6).ReadAll().Values;
        double[] mu = PcaData.Parameters(6).Mean;
        for (int n = 0; n < 500; n++)
        {
            double[] radial = [.. Enumerable.Range(0, 10).Select(d => ring[(10 * n) + d] - mu[d])];
            double r = Math.Sqrt(radial.Sum(v => v * v));
            Assert.IsGreaterThan(1.0, r);
            for (int d = 0; d < 10; d++)
            {
                Assert.AreEqual(plane[(10 * n) + d] - mu[d], 10 * (r - 1) * radial[d] / r, 1e-12);
            }
        }
    }

    [TestMethod]
    public void Manifold_rows_obey_their_equation()
    {
        const int n = 3000;
        int[] pairs = ManifoldData.Pairs(2);
        double[] exact = ManifoldData.Create(n, 2, noise: 0, scaled: false).ReadAll().Values;
        double[] noisy = ManifoldData.Create(n, 2, scaled: false).ReadAll().Values;
        Assert.HasCount(2 * 91, pairs);
        CollectionAssert.AreEquivalent(Enumerable.Range(0, 9).ToArray(), pairs.Distinct().ToArray());
        double squares = 0;
        for (int i = 0; i < exact.Length; i++)
        {
            int column = i % 100;
            int start = i - column;
            if (column >= 9)
            {
                double r = exact[start + pairs[2 * (column - 9)]];
                double s = exact[start + pairs[(2 * (column - 9)) + 1]];
                Assert.AreEqual(Math.Cos((r * r) + (s * s)), exact[i], 1e-14);
            }

            squares += Math.Pow(noisy[i] - exact[i], 2);
        }

        Assert.AreEqual(0.01, Math.Sqrt(squares / exact.Length), 0.01 * 5 / Math.Sqrt(2.0 * exact.Length));
        AssertMoments(exact, n, new double[100], Identity(100), 0, columns: 9);
    }

    [TestMethod]
    public void Manifold_columns_fill_the_unit_interval()
    {
        double[] x = ManifoldData.Create(2000, 5).ReadAll().Values;
        for (int d = 0; d < 100; d++)
        {
            double[] column = [.. Enumerable.Range(0, 2000).Select(n => x[(100 * n) + d])];
            Assert.AreEqual(0.0, column.Min());
            Assert.AreEqual(1.0, column.Max(), 1e-15);
        }
    }

    /// <summary>E x = 1/2 by symmetry; columns of one group covary by Var sigmoid(a), here by the trapezoidal rule.</summary>
    [TestMethod]
    public void Sparse_bernoulli_rows_have_the_models_covariances()
    {
        const int n = 10_000;
        double[] x = SparseBernoulli.Create(n, 1).ReadAll().Values;
        Assert.IsTrue(x.All(v => v is 0 or 1));
        (int First, int Second, double Covariance)[] groups =
        [
            (0, 0, SigmoidVariance(0.3)), (1, 1, SigmoidVariance(0.5)), (0, 1, 0), (0, 2, 0), (2, 2, 0),
        ];
        foreach ((int first, int second, double expected) in groups)
        {
            // Mean product of the two groups' centred sums over distinct columns.
            double sum = 0;
            for (int row = 0; row < n; row++)
            {
                double[] a = [.. Enumerable.Range(20 * first, 20).Select(d => x[(200 * row) + d] - 0.5)];
                double[] b = [.. Enumerable.Range(20 * second, 20).Select(d => x[(200 * row) + d] - 0.5)];
                sum += first == second ? (a.Sum() * a.Sum()) - a.Sum(v => v * v) : a.Sum() * b.Sum();
            }

            double covariance = sum / n / (first == second ? 380 : 400);
            Assert.AreEqual(expected, covariance, 5 * 0.025 / Math.Sqrt(n), $"groups {first}, {second}");
        }

        Assert.AreEqual(0.5, x.Average(), 5 * 0.5 / Math.Sqrt(x.Length / 10.0));
    }

    /// <summary>Cov x = 2 lambda^2 W W' + sigma^2 I.</summary>
    [TestMethod]
    public void Bars_rows_have_the_covariance_of_the_model()
    {
        const int n = 40_000;
        double[] w = Bars.Weights();
        for (int h = 0; h < 10; h++)
        {
            int[] pixels = [.. Enumerable.Range(0, 25).Where(p => w[(10 * p) + h] == 1)];
            CollectionAssert.AreEqual(
                Enumerable.Range(0, 5).Select(i => h < 5 ? (5 * h) + i : (5 * i) + h - 5).ToArray(), pixels);
        }

        double[] x = Bars.Create(n, 12, scale: 0.7).ReadAll().Values;
        AssertMoments(x, n, new double[25], Multiply(w, 25, 10, 2 * 0.7 * 0.7), 0.01, kurtosis: 6);
    }

    /// <summary>A Laplace variable has E|z| = lambda, E z^2 = 2 lambda^2 and P(|z| > lambda log 2) = 1/2.</summary>
    [TestMethod]
    public void Laplace_numbers_have_their_moments()
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        double[] z = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextLaplace(2))];
        double error = 5 / Math.Sqrt(z.Length);
        Assert.AreEqual(0, z.Average(), error * Math.Sqrt(8));
        Assert.AreEqual(2, z.Average(Math.Abs), error * 2);
        Assert.AreEqual(8, z.Average(v => v * v), error * Math.Sqrt((24 - 4) * 16));
        Assert.AreEqual(0.5, z.Average(v => Math.Abs(v) > 2 * Math.Log(2) ? 1.0 : 0), error * 0.5);
    }

    [TestMethod]
    public void Streaming_chunks_have_their_eigenvalues()
    {
        const int rows = 30_000;
        double[] vectors = StreamingChunks.Directions(8);
        double[] gram = Multiply(vectors, 10, 10, 1);
        for (int i = 0; i < 100; i++)
        {
            Assert.AreEqual(i % 11 == 0 ? 1 : 0, gram[i], 1e-14);
        }

        double[] x = StreamingChunks.Create(rows, 8).ReadAll().Values;
        for (int chunk = 0; chunk < 3; chunk++)
        {
            int dimension = 2 + (2 * chunk);
            double[] expected = new double[100];
            for (int i = 0; i < 10; i++)
            {
                expected[11 * i] = i < dimension ? 1 : 0.01;
            }

            double[] rotated = Rotate(x.AsSpan(100_000 * chunk, 100_000), vectors);
            AssertMoments(rotated, rows / 3, new double[10], expected, 0);
        }

        CollectionAssert.AreEqual(new[] { 0, 3, 6, 10 }, Enumerable.Range(0, 4).Select(c => StreamingChunks.ChunkStart(10, c)).ToArray());
    }

    private static double SigmoidVariance(double deviation)
    {
        double sum = 0;
        for (int i = -8000; i <= 8000; i++)
        {
            double t = i / 1000.0;
            double s = 1 / (1 + Math.Exp(-deviation * t));
            sum += Math.Exp(-0.5 * t * t) / Math.Sqrt(2 * Math.PI) * (s - 0.5) * (s - 0.5) / 1000;
        }

        return sum;
    }

    private static double[] Identity(int n) => [.. Enumerable.Range(0, n * n).Select(i => i % (n + 1) == 0 ? 1.0 : 0)];

    /// <summary>factor * A A'.</summary>
    private static double[] Multiply(double[] a, int rows, int columns, double factor) =>
    [
        .. Enumerable.Range(0, rows * rows).Select(ij => factor * Enumerable.Range(0, columns)
            .Sum(k => a[(ij / rows * columns) + k] * a[(ij % rows * columns) + k])),
    ];

    private static double[] Rotate(ReadOnlySpan<double> x, double[] vectors)
    {
        double[] rotated = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            for (int d = 0; d < 10; d++)
            {
                rotated[i] += x[i - (i % 10) + d] * vectors[(i % 10 * 10) + d];
            }
        }

        return rotated;
    }

    /// <summary>Means and covariances within 5 standard errors of covariance + noise I; fourth moments bounded by a kurtosis.</summary>
    private static void AssertMoments(
        double[] x, int n, double[] mean, double[] covariance, double noise, int? columns = null, double kurtosis = 3)
    {
        int width = x.Length / n;
        int size = (int)Math.Sqrt(covariance.Length);
        double Expected(int i, int j) => covariance[(i * size) + j] + (i == j ? noise : 0);
        for (int i = 0; i < (columns ?? width); i++)
        {
            double deviation = Math.Sqrt(Expected(i, i));
            Assert.AreEqual(mean[i], Enumerable.Range(0, n).Average(r => x[(r * width) + i]), 5 * deviation / Math.Sqrt(n), $"mean {i}");
            for (int j = 0; j <= i; j++)
            {
                double actual = Enumerable.Range(0, n).Average(r => (x[(r * width) + i] - mean[i]) * (x[(r * width) + j] - mean[j]));
                double error = deviation * Math.Sqrt(Expected(j, j) * kurtosis / n);
                Assert.AreEqual(Expected(i, j), actual, 5 * error, $"covariance {i}, {j}");
            }
        }
    }
}
