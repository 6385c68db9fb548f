using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>
/// Small whole numbers and slopes that are powers of two make every product exact whatever the order of summation, so
/// the oracle, integer arithmetic on plain arrays, must be met to the bit: a term left out, added twice or taken from
/// padding cannot hide in a tolerance. Rounding is tested apart, on uniform factors.
/// </summary>
[TestClass]
public sealed unsafe class MatrixProductTests
{
    private static readonly SimdWidth[] s_widths =
        [SimdWidth.Scalar, SimdWidth.Vector128, SimdWidth.Vector256, SimdWidth.Vector512];

    /// <summary>A view does not keep its memory alive: the owners stay here until the test is over.</summary>
    private readonly List<GuardedMatrix<float>> _owners = [];

    [TestCleanup]
    public void Release() => _owners.Clear();

    private MatrixView<float> Filled(int rows, int columns, Func<float>? next, int? stride = null)
    {
        GuardedMatrix<float> owner = new(rows, columns, 0f, stride);
        _owners.Add(next is null ? owner : owner.Fill(next));
        return owner.View;
    }

    [TestMethod]
    public void FloatExactOnEverySmallShape() => EverySmallShape<float>();

    [TestMethod]
    public void DoubleExactOnEverySmallShape() => EverySmallShape<double>();

    [TestMethod]
    public void FloatExactOnLargeShapes() => LargeShapes<float>();

    [TestMethod]
    public void DoubleExactOnLargeShapes() => LargeShapes<double>();

    /// <summary>All pairs of each two of m, n and k from 0 to 33, the third running through its values alongside.</summary>
    private static void EverySmallShape<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int x = 0; x <= 33; x++)
        {
            for (int y = 0; y <= 33; y++)
            {
                int z = ((7 * x) + (5 * y)) % 34;
                Check<T>(x, y, z);
                Check<T>(x, z, y);
                Check<T>(z, x, y);
            }
        }
    }

    private static void LargeShapes<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int[] sizes = [1, 2, 6, 12, 13, 18, 24, 40, 61, 100, 128, 256];
        foreach (int m in sizes)
        {
            foreach (int n in sizes)
            {
                Check<T>(m, n, m == n ? 257 : 100 - (m % 7));
            }

            Check<T>(13, m, 1100);
        }

        foreach (int k in (int[])[34, 35, 36, 37, 38, 39, 40, 41, 128, 255, 256, 513, 784, 4103])
        {
            foreach (int n in (int[])[1, 3, 4, 7, 8, 12, 14, 16, 18, 20, 24, 28, 32, 40, 44, 50, 64, 72, 84, 100])
            {
                Check<T>(k > 1000 ? 2 : 13, n, k);
            }
        }
    }

    private static void Check<T>(int m, int n, int k)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ExactCase<T> example = new(m, n, k);
        foreach (SimdWidth width in s_widths)
        {
            example.Check(width);
        }
    }

    [TestMethod]
    public void BestIsOneOfTheWidths() => new ExactCase<float>(14, 50, 70).Check(SimdWidth.Best);

    /// <summary>Factors whose sums round, in every form of the product: columns at each place of a line, inner lengths around the groups' and the blocks' bounds.</summary>
    [TestMethod]
    public void FloatBitsDoNotDependOnTheWidthOfVectors() => SameBits<float>();

    [TestMethod]
    public void DoubleBitsDoNotDependOnTheWidthOfVectors() => SameBits<double>();

    private static void SameBits<T>()
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        Func<T> next = () => T.CreateTruncating(random.NextUniform() - 0.5);
        ProductScratch<T> scratch = new();
        foreach (int k in (int[])[1, 11, 12, 13, 30, 1037])
        {
            for (int n = 1; n <= 49; n++)
            {
                const int M = 7;
                GuardedMatrix<T> a = new GuardedMatrix<T>(M, k, T.Zero).Fill(next), b = new GuardedMatrix<T>(k, n, T.Zero).Fill(next);
                GuardedMatrix<T> bTransposed = new GuardedMatrix<T>(n, k, T.Zero).Fill(next), aTransposed = new GuardedMatrix<T>(k, M, T.Zero).Fill(next);
                GuardedMatrix<T> bias = new GuardedMatrix<T>(1, n, T.Zero).Fill(next), gate = new GuardedMatrix<T>(M, n, T.Zero).Fill(next);
                T[][]? expected = null;
                foreach (SimdWidth width in (SimdWidth[])[SimdWidth.Vector128, SimdWidth.Vector256, SimdWidth.Vector512])
                {
                    GuardedMatrix<T> product = new(M, n, T.Zero), right = new(M, n, T.Zero), left = new(M, n, T.Zero);
                    MatrixProduct.Multiply(a.View, b.View, product.View, bias.View.PaddedRow(0), T.CreateTruncating(0.01), width);
                    MatrixProduct.MultiplyTransposedRight(a.View, bTransposed.View, right.View, gate.View, T.CreateTruncating(0.01), scratch, width);
                    MatrixProduct.MultiplyTransposedLeft(aTransposed.View, b.View, left.View, width);
                    T[][] actual = [.. new[] { product, right, left }.SelectMany(p => Enumerable.Range(0, M).Select(i => p.View[i].ToArray()))];
                    expected ??= actual;
                    for (int i = 0; i < actual.Length; i++)
                    {
                        CollectionAssert.AreEqual(expected[i], actual[i], $"{width}, {k} inner entries, {n} columns, product {i / M}, row {i % M}");
                    }
                }

                GC.KeepAlive((a, b, bTransposed, aTransposed));
                GC.KeepAlive((bias, gate));
            }
        }
    }

    [TestMethod]
    public void BitsOfARowDoNotDependOnItsNeighbours()
    {
        foreach ((int n, int k) in ((int, int)[])[(18, 128), (24, 33), (128, 18), (100, 300), (7, 1100), (40, 40), (1, 64), (12, 784)])
        {
            foreach (SimdWidth width in s_widths)
            {
                RowsAlone(n, k, width);
            }
        }
    }

    private void RowsAlone(int n, int k, SimdWidth width)
    {
        RandomStream random = new(5, RandomPurpose.Generation, (ulong)n, (ulong)k);
        float Next() => (float)random.NextGaussian();
        MatrixView<float> a = Filled(47, k, Next);
        MatrixView<float> b = Filled(k, n, Next), bt = Filled(n, k, Next);
        MatrixView<float> bias = Filled(1, n, Next);
        MatrixView<float> all = Filled(47, n, null), one = Filled(1, n, null);
        MatrixView<float> allRight = Filled(47, n, null), oneRight = Filled(1, n, null);
        ProductScratch<float> scratch = new();
        MatrixProduct.Multiply(a, b, all, bias.PaddedRow(0), 0.01f, width);
        MatrixProduct.MultiplyTransposedRight(a, bt, allRight, default, 1f, scratch, width);
        for (int i = 0; i < 47; i++)
        {
            MatrixProduct.Multiply(a.Slice(i, 1), b, one, bias.PaddedRow(0), 0.01f, width);
            MatrixProduct.MultiplyTransposedRight(a.Slice(i, 1), bt, oneRight, default, 1f, scratch, width);
            Assert.IsTrue(one[0].SequenceEqual(all[i]), $"row {i} of {n} x {k}, {width}");
            Assert.IsTrue(oneRight[0].SequenceEqual(allRight[i]), $"row {i} of {n} x {k}, {width}, transposed");
        }
    }

    /// <summary>
    /// Any order of k fused multiply-adds errs by at most (k + 2) u times the product of absolute values (Higham, Accuracy
    /// and Stability of Numerical Algorithms, section 3.1); the reference is summed in double precision.
    /// </summary>
    [TestMethod]
    public void RoundingStaysWithinTheBoundOfADotProduct()
    {
        foreach ((int m, int n, int k) in ((int, int, int)[])[(13, 18, 128), (40, 24, 784), (18, 128, 256), (100, 12, 300)])
        {
            foreach (SimdWidth width in s_widths)
            {
                Rounding(m, n, k, width);
            }
        }
    }

    private void Rounding(int m, int n, int k, SimdWidth width)
    {
        RandomStream random = new(7, RandomPurpose.Generation, (ulong)n, (ulong)k);
        float Next() => (float)random.NextGaussian();
        MatrixView<float> a = Filled(m, k, Next), b = Filled(k, n, Next);
        MatrixView<float> at = Transpose(a), bt = Transpose(b);
        MatrixView<float> plain = Filled(m, n, null), right = Filled(m, n, null);
        MatrixView<float> left = Filled(m, n, null);
        MatrixProduct.Multiply(a, b, plain, default, 1f, width);
        MatrixProduct.MultiplyTransposedRight(a, bt, right, default, 1f, new ProductScratch<float>(), width);
        MatrixProduct.MultiplyTransposedLeft(at, b, left, width);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = 0, size = 0;
                for (int s = 0; s < k; s++)
                {
                    double term = (double)a[i][s] * b[s][j];
                    sum += term;
                    size += Math.Abs(term);
                }

                double bound = (k + 2) * Math.Pow(2, -24) * size;
                Assert.AreEqual(sum, plain[i][j], bound, $"{i}, {j} of {m} x {n} x {k}, {width}");
                Assert.AreEqual(sum, right[i][j], bound, $"{i}, {j} of {m} x {n} x {k}, {width}, transposed right");
                Assert.AreEqual(sum, left[i][j], bound, $"{i}, {j} of {m} x {n} x {k}, {width}, transposed left");
            }
        }
    }

    private MatrixView<float> Transpose(MatrixView<float> x)
    {
        MatrixView<float> result = Filled(x.Columns, x.Rows, null);
        for (int i = 0; i < x.Rows; i++)
        {
            for (int j = 0; j < x.Columns; j++)
            {
                result[j][i] = x[i][j];
            }
        }

        return result;
    }

    /// <summary>Not an error masked: what is not a number in, comes out as such, activation and gate or not.</summary>
    [TestMethod]
    public void NotANumberComesThrough()
    {
        foreach (SimdWidth width in s_widths)
        {
            MatrixView<float> a = Filled(5, 40, () => 1f), b = Filled(40, 18, () => 1f);
            MatrixView<float> bt = Transpose(b), c = Filled(5, 18, null), gate = Filled(5, 18, () => -1f);
            a[3][39] = float.NaN;
            MatrixProduct.Multiply(a, b, c, default, 0.25f, width);
            Assert.IsTrue(float.IsNaN(c[3][0]) && float.IsNaN(c[3][17]) && c[2][17] == 40f, $"{width}");
            MatrixProduct.MultiplyTransposedRight(a, bt, c, gate, 0.25f, new ProductScratch<float>(), width);
            Assert.IsTrue(float.IsNaN(c[3][0]) && float.IsNaN(c[3][17]) && c[2][17] == 10f, $"{width}");
        }
    }

    [TestMethod]
    public void WrongShapesAndUnpaddedMatricesAreRefused()
    {
        MatrixView<float> a = Filled(4, 5, null), b = Filled(5, 6, null);
        MatrixView<float> c = Filled(4, 6, null), unpadded = Filled(4, 6, null, 7);
        Assert.ThrowsExactly<ArgumentException>(() => MatrixProduct.Multiply(b, a, c, default, 1f));
        Assert.ThrowsExactly<ArgumentException>(() => MatrixProduct.Multiply(a, b, unpadded, default, 1f));
        Assert.ThrowsExactly<ArgumentException>(() => MatrixProduct.MultiplyTransposedLeft(a, b, c));
        Assert.ThrowsExactly<ArgumentException>(
            () => MatrixProduct.MultiplyTransposedRight(a, b, c, default, 1f, new ProductScratch<float>()));
        Assert.ThrowsExactly<ArgumentException>(
            () => MatrixProduct.MultiplyTransposedRight(c, b, a, c, 1f, new ProductScratch<float>()));
    }
}
