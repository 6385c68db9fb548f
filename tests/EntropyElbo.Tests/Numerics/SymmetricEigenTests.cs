using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>
/// Against spectra that are known by construction (reflections of a diagonal matrix), against MathNet's full
/// decomposition, and by residuals.
/// </summary>
[TestClass]
public sealed class SymmetricEigenTests
{
    [TestMethod]
    [DataRow("distinct")]
    [DataRow("equal")]
    [DataRow("two-clusters")]
    [DataRow("tight-cluster")]
    [DataRow("rank-one")]
    [DataRow("low-rank")]
    [DataRow("wide")]
    [DataRow("indefinite")]
    [DataRow("identity-plus-one")]
    public void KnownSpectra_AreFound_WithOrthonormalVectors(string spectrum)
    {
        foreach (int n in new[] { 1, 2, 3, 5, 16, 33, 64, 130 })
        {
            double[] expected = [.. Enumerable.Range(0, n).Select(i => Value(spectrum, i, n)).OrderDescending()];
            double[] matrix = Rotated(expected, (ulong)n);
            foreach (int count in new[] { 1, (n + 3) / 4, n })
            {
                EigenPairs pairs = SymmetricEigen.Top(matrix, n, count);
                double norm = Math.Max(Math.Abs(expected[0]), Math.Abs(expected[^1]));
                RequirePairs(matrix, n, pairs, norm);
                for (int j = 0; j < count; j++)
                {
                    Assert.AreEqual(expected[j], pairs.Values[j], 1e-13 * norm * Math.Sqrt(n), $"{spectrum} n {n} count {count} value {j}");
                }
            }
        }
    }

    [TestMethod]
    public void SpecialMatrices()
    {
        // Zero, the identity (nothing to reduce), 2 x 2 blocks without coupling, and values near the ends of the range.
        EigenPairs zero = SymmetricEigen.Top(new double[25], 5, 5);
        RequirePairs(new double[25], 5, zero, 1);
        Assert.IsTrue(zero.Values.All(v => v == 0));
        double[] identity = Diagonal(7, _ => 1);
        EigenPairs units = SymmetricEigen.Top(identity, 7, 7);
        RequirePairs(identity, 7, units, 1);
        Assert.IsTrue(units.Values.All(v => Math.Abs(v - 1) < 1e-15));
        double[] blocks = Diagonal(6, _ => 2);
        for (int i = 0; i < 6; i += 2)
        {
            blocks[(i * 6) + i + 1] = blocks[((i + 1) * 6) + i] = 1;
        }

        foreach (double scale in new[] { 1, 1e-290, 1e290 })
        {
            double[] scaled = Array.ConvertAll(blocks, b => b * scale);
            EigenPairs pairs = SymmetricEigen.Top(scaled, 6, 6);
            RequirePairs(scaled, 6, pairs, scale);
            for (int j = 0; j < 6; j++)
            {
                Assert.AreEqual(j < 3 ? 3 : 1, pairs.Values[j] / scale, 1e-14);
            }
        }
    }

    [TestMethod]
    public void Tridiagonal_HasTheAnalyticSpectrum()
    {
        // The second difference matrix: 2 - 2 cos(pi k / (n + 1)).
        const int n = 100;
        double[] matrix = Diagonal(n, _ => 2);
        for (int i = 0; i + 1 < n; i++)
        {
            matrix[(i * n) + i + 1] = matrix[((i + 1) * n) + i] = -1;
        }

        EigenPairs pairs = SymmetricEigen.Top(matrix, n, 20);
        for (int j = 0; j < 20; j++)
        {
            Assert.AreEqual(2 - (2 * Math.Cos(Math.PI * (n - j) / (n + 1))), pairs.Values[j], 1e-14);
        }
    }

    [TestMethod]
    public void AgreesWithTheFullDecomposition()
    {
        const int n = 300;
        double[] matrix = Rotated([.. Enumerable.Range(0, n).Select(i => 100 * Math.Pow(0.9, i))], 3);
        EigenPairs one = SymmetricEigen.Top(matrix, n, 12);
        EigenPairs full = SymmetricEigen.ByFullDecomposition(matrix, n, 12);
        for (int j = 0; j < 12; j++)
        {
            Assert.AreEqual(full.Values[j], one.Values[j], 1e-11);
            double product = Enumerable.Range(0, n).Sum(i => full.Vectors[(j * n) + i] * one.Vectors[(j * n) + i]);
            Assert.AreEqual(1, Math.Abs(product), 1e-11);
        }
    }

    [TestMethod]
    public void BadInput_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => SymmetricEigen.Top([1, double.NaN, double.NaN, 1], 2, 1));
        Assert.ThrowsExactly<ArgumentException>(() => SymmetricEigen.Top([double.PositiveInfinity], 1, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SymmetricEigen.Top([1], 1, 2));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => SymmetricEigen.Top([1], 1, 0));
    }

    private static double Value(string spectrum, int i, int n) => spectrum switch
    {
        "distinct" => i + 1,
        "equal" => 3,
        "two-clusters" => i % 2 == 0 ? 5 : 2,
        "tight-cluster" => 1 + (1e-14 * i),
        "rank-one" => i == 0 ? 4 : 0,
        "low-rank" => i < n / 3 ? 1 + (i / 4) : 0,
        "wide" => Math.Pow(10, -20.0 * i / n),
        "indefinite" => i - (n / 2.0),
        "identity-plus-one" => i == 0 ? 1 + n : 1,
        _ => throw new ArgumentOutOfRangeException(nameof(spectrum)),
    };

    /// <summary>A diagonal matrix between a few random reflections.</summary>
    private static double[] Rotated(double[] values, ulong seed)
    {
        int n = values.Length;
        double[] matrix = Diagonal(n, i => values[i]);
        RandomStream random = new(seed, RandomPurpose.Generation, 17);
        double[] v = new double[n];
        for (int k = 0; k < 4; k++)
        {
            random.FillGaussian(v);
            double scale = 2 / v.Sum(x => x * x);
            double[] p = [.. Enumerable.Range(0, n).Select(i => scale * Enumerable.Range(0, n).Sum(j => matrix[(i * n) + j] * v[j]))];
            double half = 0.5 * scale * p.Zip(v, (a, b) => a * b).Sum();
            for (int i = 0; i < n; i++)
            {
                for (int j = 0; j <= i; j++)
                {
                    double w = matrix[(i * n) + j] - (v[i] * (p[j] - (half * v[j]))) - (v[j] * (p[i] - (half * v[i])));
                    matrix[(i * n) + j] = matrix[(j * n) + i] = w;
                }
            }
        }

        return matrix;
    }

    private static double[] Diagonal(int n, Func<int, double> value)
    {
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            matrix[(i * n) + i] = value(i);
        }

        return matrix;
    }

    private static void RequirePairs(double[] matrix, int n, EigenPairs pairs, double norm)
    {
        int count = pairs.Values.Length;
        for (int j = 0; j < count; j++)
        {
            double[] vector = pairs.Vectors[(j * n)..((j + 1) * n)];
            double residual = Math.Sqrt(Enumerable.Range(0, n).Sum(i => Math.Pow(
                (Enumerable.Range(0, n).Sum(c => matrix[(i * n) + c] * vector[c]) - (pairs.Values[j] * vector[i])) / norm, 2)));
            Assert.IsLessThan(1e-12, residual, $"n {n} count {count} pair {j}");
            Assert.IsTrue(j == 0 || pairs.Values[j] <= pairs.Values[j - 1]);
            for (int i = 0; i <= j; i++)
            {
                double product = Enumerable.Range(0, n).Sum(c => pairs.Vectors[(i * n) + c] * vector[c]);
                Assert.AreEqual(i == j ? 1 : 0, product, 1e-12, $"n {n} count {count} vectors {i} and {j}");
            }
        }
    }
}
