using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

[TestClass]
public sealed class VectorFoldTests
{
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
