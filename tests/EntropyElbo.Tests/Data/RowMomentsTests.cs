using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Data;

[TestClass]
public sealed class RowMomentsTests
{
    [TestMethod]
    [DataRow(1, 5)]
    [DataRow(7, 3)]
    [DataRow(130, 1)]
    [DataRow(64, 700)]
    [DataRow(65, 1100)]
    [DataRow(200, 513)]
    public void MeanAndCovariance_AreTheTwoPassSums(int columns, int rows)
    {
        double[] values = Values(rows, columns, 1, 1000);
        RowMoments moments = RowMoments.Read(new InMemoryRows(values, columns), Scaling.Identity(columns), 2, default);
        double[] mean = new double[columns];
        for (int i = 0; i < values.Length; i++)
        {
            mean[i % columns] += values[i] / rows;
        }

        double[] covariance = moments.Covariance();
        Assert.AreEqual(rows, moments.Rows);
        for (int a = 0; a < columns; a++)
        {
            Assert.AreEqual(mean[a], moments.Mean[a], 1e-9);
            for (int b = 0; b < columns; b++)
            {
                double sum = 0;
                for (int i = 0; i < rows; i++)
                {
                    sum += (values[(i * columns) + a] - mean[a]) * (values[(i * columns) + b] - mean[b]);
                }

                Assert.AreEqual(sum / rows, covariance[(a * columns) + b], 1e-10, $"{a}, {b}");
                Assert.AreEqual(covariance[(a * columns) + b], moments.Covariance(a, b));
            }
        }
    }

    [TestMethod]
    public void TwoHalvesMerged_AreTheWhole()
    {
        double[] values = Values(1500, 70, 2, 10);
        RowMoments whole = new(70);
        RowMoments left = new(70);
        RowMoments right = new(70);
        whole.Add(values);
        left.Add(values.AsSpan(0, 613 * 70));
        right.Add(values.AsSpan(613 * 70));
        left.Merge(right);
        left.Merge(new RowMoments(70));
        Assert.AreEqual(whole.Rows, left.Rows);
        double[] expected = whole.Covariance();
        double[] actual = left.Covariance();
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], actual[i], 1e-12);
        }
    }

    [TestMethod]
    public void Bits_DoNotDependOnThreads()
    {
        double[] values = Values(5300, 150, 3, 1);
        RowMoments one = new(150);
        one.Add(values);
        RowMoments three = RowMoments.Read(new InMemoryRows(values, 150), Scaling.Identity(150), 3, default);
        CollectionAssert.AreEqual(one.Covariance(), three.Covariance());
        CollectionAssert.AreEqual(one.Mean.ToArray(), three.Mean.ToArray());
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(4)]
    public void ABadRow_IsNamed_WhateverTheThreads(int threads)
    {
        double[] values = Values(9000, 40, 4, 1);
        values[(7000 * 40) + 3] = double.NaN;
        CheckedRows rows = new(new InMemoryRows(values, 40));
        BadDataException error = Assert.ThrowsExactly<BadDataException>(
            () => RowMoments.Read(rows, Scaling.Identity(40), threads, CancellationToken.None));
        StringAssert.Contains(error.Message, "row 7001");
        StringAssert.Contains(error.Message, "'c3'");
        Assert.ThrowsExactly<OperationCanceledException>(
            () => RowMoments.Read(rows, Scaling.Identity(40), threads, new CancellationToken(true)));
    }

    [TestMethod]
    public void LargeOffsets_CostNoDigits_AndConstantColumnsHaveNoVariance()
    {
        // -1, 0, 1 about 1e9: variance 2/3 exactly, whatever the offset.
        double[] values = new double[3000 * 2];
        for (int i = 0; i < 3000; i++)
        {
            values[2 * i] = 1e9 + (i % 3) - 1;
            values[(2 * i) + 1] = 0.1;
        }

        RowMoments moments = new(2);
        moments.Add(values);
        Assert.AreEqual(2.0 / 3, moments.Covariance(0, 0), 1e-9);
        Assert.AreEqual(0, moments.Covariance(1, 1));
        Assert.AreEqual(0, moments.Covariance(0, 1));
    }

    [TestMethod]
    public void TooManyColumns_AreRefused() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<BadDataException>(() => new RowMoments(RowMoments.MaxColumns + 1)).Message, "8193");

    private static double[] Values(int rows, int columns, ulong seed, double offset)
    {
        double[] values = new double[rows * columns];
        RandomStream random = new(seed, RandomPurpose.Generation);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = offset + random.NextGaussian() + (i % columns * 0.1);
        }

        return values;
    }
}
