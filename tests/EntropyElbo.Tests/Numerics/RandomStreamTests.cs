using System.Globalization;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Reference;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using MathNetFunctions = MathNet.Numerics.SpecialFunctions;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class RandomStreamTests
{
    private const int Draws = 200_000;

    [TestMethod]
    [DataRow("0", "0", "0", "0", "c2b6e3a8c2c69865", "6f81ed42f350084d")]
    [DataRow("ffffffffffffffff", "ffffffffffffffff", "ffffffffffffffff", "ffffffffffffffff", "e02cb7c4d95d277a", "d06633d0893b8b68")]
    [DataRow("a4093822299f31d0", "082efa98ec4e6c89", "243f6a8885a308d3", "13198a2e03707344", "263c7d30bb0f0af1", "56be8361d3311526")]
    public void ThreefryGivesTheKnownAnswersOfRandom123(string k0, string k1, string c0, string c1, string first, string second) =>
        Assert.AreEqual((Hex(first), Hex(second)), RandomStream.Threefry(Hex(k0), Hex(k1), Hex(c0), Hex(c1)));

    [TestMethod]
    public void BlocksAndStreamsMatchAnIndependentImplementation()
    {
        List<string[]> table = ReferenceTable.Read("threefry.csv");
        Assert.HasCount(208, table);
        foreach (string[] cells in table)
        {
            ulong[] input = cells[1..5].Select(Hex).ToArray();
            ulong[] words = cells[5].Split(' ').Select(Hex).ToArray();
            if (cells[0] == "block")
            {
                Assert.AreEqual((words[0], words[1]), RandomStream.Threefry(input[0], input[1], input[2], input[3]));
                continue;
            }

            RandomStream stream = new(input[0], (RandomPurpose)input[1], input[2], input[3]);
            CollectionAssert.AreEqual(words, words.Select(_ => stream.NextBits()).ToArray());
        }
    }

    [TestMethod]
    public void VectorNoiseEqualsItsDefinitionFromScalarBlocksBitForBit()
    {
        foreach (int length in Enumerable.Range(0, 70).Append(1000))
        {
            float[] block = new float[length];
            new RandomStream(9, RandomPurpose.TrainingNoise, 4, 6).FillGaussian(block);
            for (int i = 0; i < length; i++)
            {
                Assert.AreEqual(BitConverter.SingleToInt32Bits(NoiseByDefinition(9, (ulong)RandomPurpose.TrainingNoise, 4, 6, i)),
                    BitConverter.SingleToInt32Bits(block[i]), $"{i} of {length}");
            }
        }
    }

    [TestMethod]
    public void EveryCallOfVectorNoiseStartsOnFreshCounters()
    {
        RandomStream stream = new(9, RandomPurpose.TrainingNoise);
        float[] first = new float[40];
        float[] second = new float[32];
        stream.FillGaussian(first);
        stream.FillGaussian(second);
        for (int i = 0; i < 32; i++)
        {
            Assert.AreEqual(NoiseByDefinition(9, (ulong)RandomPurpose.TrainingNoise, 0, 0, 64 + i), second[i]);
        }
    }

    [TestMethod]
    public void VectorNoiseIsBoxMullerOfThe24BitUniforms()
    {
        float[] block = new float[3200];
        new RandomStream(1, RandomPurpose.EvaluationNoise).FillGaussian(block);
        for (int i = 0; i < block.Length; i++)
        {
            (uint radius, uint angle) = NoiseBits(1, (ulong)RandomPurpose.EvaluationNoise, 0, 0, i);
            double r = Math.Sqrt(-2 * Math.Log((radius + 1) / 16777216.0));
            double turn = 2 * Math.PI * (angle / 16777216.0);
            double expected = i % 32 < 16 ? r * Math.Cos(turn) : r * Math.Sin(turn);
            Assert.AreEqual(expected, block[i], 4e-6);
        }

        Assert.IsLessThan(5.8f, block.Max(Math.Abs));
    }

    [TestMethod]
    public void UniformsAreUniform()
    {
        RandomStream stream = new(2, RandomPurpose.Sampling);
        double[] x = Enumerable.Range(0, Draws).Select(_ => stream.NextUniform()).ToArray();
        Assert.IsTrue(x.All(u => u is >= 0 and < 1));
        Assert.AreEqual(0.5, x.Average(), 5 / Math.Sqrt(12.0 * Draws));
        AssertKolmogorov(x, u => u);
    }

    [TestMethod]
    public void GaussiansAreGaussian()
    {
        RandomStream stream = new(3, RandomPurpose.Sampling);
        double[] x = new double[Draws];
        stream.FillGaussian(x);
        AssertGaussian(x);
    }

    [TestMethod]
    public void SinglePrecisionGaussiansAreGaussian()
    {
        float[] x = new float[Draws];
        new RandomStream(3, RandomPurpose.Sampling).FillGaussian(x);
        AssertGaussian(x.Select(v => (double)v).ToArray());
    }

    [TestMethod]
    public void FilledBlockEqualsSingleGaussians()
    {
        double[] block = new double[101];
        new RandomStream(3, RandomPurpose.Sampling).FillGaussian(block);
        RandomStream stream = new(3, RandomPurpose.Sampling);
        CollectionAssert.AreEqual(block, block.Select(_ => stream.NextGaussian()).ToArray());
    }

    [TestMethod]
    public void StreamsOfOtherSeedPurposeOrIndexShareNoNumberAndDoNotCorrelate()
    {
        RandomStream[] streams =
        [
            new(1, RandomPurpose.Sampling), new(2, RandomPurpose.Sampling), new(1, RandomPurpose.Shuffling),
            new(1, RandomPurpose.Sampling, 1), new(1, RandomPurpose.Sampling, 0, 1), new(1, RandomPurpose.Sampling, 1, 1),
            new(1, RandomPurpose.Generation), new(1, RandomPurpose.Sampling, 2), new(1, RandomPurpose.Sampling, 0, 2),
        ];
        const int length = 20_000;
        double[][] values = streams.Select(s => Enumerable.Range(0, length).Select(_ => s.NextUniform() - 0.5).ToArray()).ToArray();
        Assert.AreEqual(streams.Length * length, values.SelectMany(v => v).Distinct().Count());
        for (int i = 0; i < values.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                double correlation = 12 * values[i].Zip(values[j], (a, b) => a * b).Average();
                Assert.AreEqual(0, correlation, 5 / Math.Sqrt(length), $"{i} {j}");
            }
        }
    }

    [TestMethod]
    public void IntegersStayBelowTheirBoundAndAreUniform()
    {
        RandomStream stream = new(4, RandomPurpose.Sampling);
        foreach (int bound in new[] { 1, 2, 3, 10, 1000, int.MaxValue })
        {
            int[] x = Enumerable.Range(0, 50_000).Select(_ => stream.NextInt(bound)).ToArray();
            Assert.IsTrue(x.All(v => v >= 0 && v < bound));
            Assert.AreEqual((bound - 1) / 2.0, x.Average(), (5.0 * bound / Math.Sqrt(12.0 * x.Length)) + 1e-9);
            if (bound <= 10)
            {
                double expected = (double)x.Length / bound;
                double statistic = x.GroupBy(v => v).Sum(g => (g.Count() - expected) * (g.Count() - expected) / expected);
                Assert.HasCount(bound, x.Distinct().ToArray());
                Assert.IsLessThan(bound + 30, statistic);
            }
        }
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    [DataRow(int.MinValue)]
    public void IntegersNeedAPositiveBound(int bound) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new RandomStream(1, RandomPurpose.Sampling).NextInt(bound));

    [TestMethod]
    public void PermutationsAreUniform()
    {
        RandomStream stream = new(5, RandomPurpose.Shuffling);
        Dictionary<string, int> counts = [];
        int[] order = new int[4];
        const int draws = 48_000;
        for (int i = 0; i < draws; i++)
        {
            stream.FillPermutation(order);
            string key = string.Concat(order);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }

        Assert.HasCount(24, counts);
        const double expected = draws / 24.0;
        double statistic = counts.Values.Sum(c => (c - expected) * (c - expected) / expected);
        Assert.IsLessThan(23 + (5 * Math.Sqrt(46)), statistic);
    }

    [TestMethod]
    public void LongPermutationsHoldEveryIndexOnce()
    {
        int[] order = new int[10_000];
        new RandomStream(6, RandomPurpose.Shuffling).FillPermutation(order);
        CollectionAssert.AreNotEqual(Enumerable.Range(0, order.Length).ToArray(), order);
        CollectionAssert.AreEqual(Enumerable.Range(0, order.Length).ToArray(), order.Order().ToArray());
        new RandomStream(6, RandomPurpose.Shuffling).FillPermutation([]);
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>
    /// The 24-bit radius and angle of number i: 32 numbers come from eight blocks; block b gives lanes 2b (low halves of
    /// its two words) and 2b+1 (high halves); the first 16 numbers are cosines, the other 16 sines.
    /// </summary>
    private static (uint Radius, uint Angle) NoiseBits(ulong seed, ulong purpose, ulong major, ulong minor, int i)
    {
        int lane = i % 16;
        ulong position = (ulong)((i / 32 * 8) + (lane / 2));
        (ulong first, ulong second) = RandomStream.Threefry(seed, (purpose << 56) ^ major, minor, position);
        int shift = lane % 2 == 0 ? 8 : 40;
        return ((uint)(first >> shift) & 0xFFFFFF, (uint)(second >> shift) & 0xFFFFFF);
    }

    private static float NoiseByDefinition(ulong seed, ulong purpose, ulong major, ulong minor, int i)
    {
        (uint radiusBits, uint angleBits) = NoiseBits(seed, purpose, major, minor, i);
        const float scale = 1f / (1 << 24);

        // One number at a time: the result must not depend on the lane that it comes from.
        float radius = MathF.Sqrt(VectorFunctions.Log(Vector512.Create((radiusBits + 1) * scale))[0] * -2f);
        (Vector512<float> sin, Vector512<float> cos) = VectorFunctions.Turn(Vector512.Create(angleBits * scale));
        return i % 32 < 16 ? radius * cos[0] : radius * sin[0];
    }

    private static void AssertGaussian(double[] x)
    {
        double error = 1 / Math.Sqrt(x.Length);
        Assert.AreEqual(0, x.Average(), 5 * error);
        Assert.AreEqual(1, x.Average(v => v * v), 5 * Math.Sqrt(2) * error);
        Assert.AreEqual(0, x.Average(v => v * v * v), 5 * Math.Sqrt(15) * error);
        Assert.AreEqual(3, x.Average(v => v * v * v * v), 5 * Math.Sqrt(96) * error);
        Assert.AreEqual(0, x.Zip(x.Skip(1), (a, b) => a * b).Average(), 5 * error);
        Assert.AreEqual(0, x.Zip(x.Skip(16), (a, b) => a * b).Average(), 5 * error);
        AssertKolmogorov(x, v => MathNetFunctions.Erfc(-v / Math.Sqrt(2)) / 2);
    }

    /// <summary>Kolmogorov's distance below its 1e-6 quantile, 2.69 / sqrt(n).</summary>
    private static void AssertKolmogorov(double[] samples, Func<double, double> distribution)
    {
        double[] sorted = (double[])samples.Clone();
        Array.Sort(sorted);
        int n = sorted.Length;
        double distance = sorted.Select((x, i) => distribution(x) is var f ? Math.Max(f - ((double)i / n), ((i + 1.0) / n) - f) : 0).Max();
        Assert.IsLessThan(2.69 / Math.Sqrt(n), distance);
    }
}
