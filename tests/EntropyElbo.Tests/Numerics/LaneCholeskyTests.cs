using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class LaneCholeskyTests
{
    /// <summary>Eight different matrices of every size around the blocks of four, beside the factor of one.</summary>
    [TestMethod]
    public void EveryLaneIsItsOwnMatrix()
    {
        for (int n = 1; n <= 19; n++)
        {
            double[][] matrices = [.. Enumerable.Range(0, LaneCholesky.Lanes).Select(lane => Positive(n, (ulong)((n * 8) + lane)))];
            Vector512<double>[] packed = new Vector512<double>[LaneCholesky.Length(n)], inverse = new Vector512<double>[packed.Length], sums = new Vector512<double>[packed.Length];
            Pack(matrices, n, packed);
            LaneCholesky.Factor(packed, n);
            LaneCholesky.Invert(packed, n, inverse);
            LaneCholesky.AddInverse(inverse, n, Lanes.FirstLanes<double>(7), sums);
            Vector512<double>[] diagonal = new Vector512<double>[n], v = new Vector512<double>[n], work = new Vector512<double>[n], product = new Vector512<double>[n];
            LaneCholesky.Diagonal(inverse, n, diagonal);
            v.AsSpan().Fill(Vector512.Create(1.0, 2, 3, 4, 5, 6, 7, 8));
            LaneCholesky.Multiply(inverse, n, v, work, product);
            for (int lane = 0; lane < LaneCholesky.Lanes; lane++)
            {
                double[] expected = Inverse(matrices[lane], n);
                for (int i = 0; i < n; i++)
                {
                    Assert.AreEqual(expected[(i * n) + i], diagonal[i][lane], 1e-12, $"n {n}, lane {lane}");
                    Assert.AreEqual((lane + 1) * expected.AsSpan(i * n, n).ToArray().Sum(), product[i][lane], 1e-11);
                    for (int j = 0; j <= i; j++)
                    {
                        Assert.AreEqual(lane < 7 ? expected[(i * n) + j] : 0, sums[LaneCholesky.Length(i) + j][lane], 1e-12);
                    }
                }
            }
        }
    }

    /// <summary>A lane that has no factor is not a number, and its neighbours keep their bits.</summary>
    [TestMethod]
    public void ALaneWithoutAFactor_DoesNotHurtTheOthers()
    {
        const int n = 6;
        double[][] matrices = [.. Enumerable.Range(0, LaneCholesky.Lanes).Select(lane => Positive(n, (ulong)lane))];
        Vector512<double>[] good = new Vector512<double>[LaneCholesky.Length(n)], bad = new Vector512<double>[good.Length];
        Pack(matrices, n, good);
        matrices[3][0] = -1;
        Pack(matrices, n, bad);
        LaneCholesky.Factor(good, n);
        LaneCholesky.Factor(bad, n);
        Assert.IsTrue(double.IsNaN(bad[^1][3]));
        Assert.AreEqual(good[^1].WithElement(3, 0), bad[^1].WithElement(3, 0));
    }

    private static double[] Positive(int n, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 3);
        double[] root = new double[n * n], matrix = new double[n * n];
        random.FillGaussian(root);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                matrix[(i * n) + j] = VectorFold.Dot(root.AsSpan(i * n, n), root.AsSpan(j * n, n)) + (i == j ? 1 : 0);
            }
        }

        return matrix;
    }

    private static double[] Inverse(double[] matrix, int n)
    {
        double[] factor = [.. matrix], inverse = new double[matrix.Length];
        Assert.IsTrue(Cholesky.TryFactor(factor, n, out _));
        Cholesky.Inverse(factor, n, inverse);
        return inverse;
    }

    private static void Pack(double[][] matrices, int n, Vector512<double>[] packed)
    {
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                packed[LaneCholesky.Length(i) + j] = Vector512.Create([.. matrices.Select(m => m[(i * n) + j])]);
            }
        }
    }
}
