using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed unsafe class VectorFoldTests
{
    [TestMethod]
    public void Exponentials_AreThoseOfMath()
    {
        AlignedBuffer<double> x = new(8192);
        AlignedBuffer<double> e = new(8192);
        RandomStream random = new(1, RandomPurpose.Generation);
        for (int i = 0; i < 8192; i++)
        {
            x.Span[i] = i < 4096 ? -708 * random.NextUniform() : -Math.Pow(10, (-18 * random.NextUniform()) + 1);
        }

        double[] special = [0, -0.0, -707.999999, -708, -708.0001, -745, -1e4, -1e300, double.NegativeInfinity, -Math.Log(2) / 2, -Math.Log(2)];
        special.CopyTo(x.Span);
        VectorFold.ExpOfNegatives(x.Pointer, e.Pointer, 8192);
        for (int i = 0; i < 8192; i++)
        {
            double expected = x.Span[i] < -708 ? 0 : Math.Exp(x.Span[i]);
            Assert.AreEqual(expected, e.Span[i], 5e-16 * expected, $"exp({x.Span[i]:R})");
        }

        Assert.AreEqual(1, e.Span[0]);
    }

    [TestMethod]
    public void SumsAndProducts_AreExactOnWholeNumbers()
    {
        for (int length = 0; length <= 70; length++)
        {
            double[] x = [.. Enumerable.Range(1, length).Select(i => (double)(i * i))];
            double[] y = [.. Enumerable.Range(1, length).Select(i => i % 2 == 0 ? 3.0 : -2)];
            Assert.AreEqual(Enumerable.Range(1, length).Sum(i => i * i), VectorFold.Sum(x));
            Assert.AreEqual(Enumerable.Range(1, length).Sum(i => i * i * (i % 2 == 0 ? 3 : -2)), VectorFold.Dot(x, y));
        }

        Assert.AreEqual(36, VectorFold.Sum(System.Runtime.Intrinsics.Vector512.Create(1.0, 2, 3, 4, 5, 6, 7, 8)));
        Assert.AreEqual(9, VectorFold.Max(System.Runtime.Intrinsics.Vector512.Create(1.0, 2, 9, 4, 5, 6, 7, 8)));
    }
}
