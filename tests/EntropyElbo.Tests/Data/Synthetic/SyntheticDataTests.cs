using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data.Synthetic;

[TestClass]
public class SyntheticDataTests
{
    [TestMethod]
    [DataRow("pca", 10, 10_000)]
    [DataRow("pca-ring", 10, 10_000)]
    [DataRow("manifold", 100, 50_000)]
    [DataRow("sparse-bernoulli", 200, 10_000)]
    [DataRow("bars", 25, 1_000)]
    [DataRow("streaming", 10, 30_000)]
    public void Every_generator_is_seeded(string name, int columns, int defaultRows)
    {
        CollectionAssert.Contains(SyntheticData.Names.ToArray(), name);
        Assert.AreEqual(defaultRows, SyntheticData.DefaultRows(name));
        InMemoryRows first = SyntheticData.Create(name, 30, 7);
        Assert.AreEqual(30, first.Rows);
        Assert.AreEqual(columns, first.Columns);
        double[] values = first.ReadAll().Values;
        Assert.IsTrue(values.All(double.IsFinite));
        DataTest.AssertSameBits(values, SyntheticData.Create(name, 30, 7).ReadAll().Values);
        CollectionAssert.AreNotEqual(values, SyntheticData.Create(name, 30, 8).ReadAll().Values);
    }

    [TestMethod]
    public void There_are_seven() => Assert.HasCount(7, SyntheticData.Names);

    [TestMethod]
    public void Rows_go_on_where_others_end()
    {
        AssertContinues((rows, first) => PcaData.Create(rows, 3, first));
        AssertContinues((rows, first) => PcaRing.Create(rows, 3, first));
        AssertContinues((rows, first) => SparseBernoulli.Create(rows, 3, first));
        AssertContinues((rows, first) => Bars.Create(rows, 3, first));
    }

    [TestMethod]
    public void Bad_options_are_refused()
    {
        StringAssert.Contains(Fail(() => SyntheticData.Create("moons", 10, 1)).Message, "pca-ring");
        Assert.AreEqual("name", Fail(() => SyntheticData.DefaultRows("PCA")).Option);
        foreach (string name in SyntheticData.Names)
        {
            Assert.AreEqual("rows", Fail(() => SyntheticData.Create(name, 0, 1)).Option);
            Assert.AreEqual("rows", Fail(() => SyntheticData.Create(name, -5, 1)).Option);
            Assert.AreEqual("rows", Fail(() => SyntheticData.Create(name, int.MaxValue, 1)).Option);
        }

        Assert.AreEqual("latents", Fail(() => PcaData.Create(1, 1, latents: 0)).Option);
        Assert.AreEqual("columns", Fail(() => PcaData.Create(1, 1, columns: 0)).Option);
        Assert.AreEqual("columns", Fail(() => PcaRing.Create(1, 1, columns: 100_000)).Option);
        Assert.AreEqual("firstRow", Fail(() => PcaData.Create(1, 1, firstRow: -1)).Option);
        Assert.AreEqual("noise", Fail(() => PcaData.Create(1, 1, noise: double.NaN)).Option);
        Assert.AreEqual("columns", Fail(() => ManifoldData.Create(1, 1, columns: 5, intrinsic: 6)).Option);
        Assert.AreEqual("columns", Fail(() => SparseBernoulli.Create(1, 1, columns: 39)).Option);
        Assert.AreEqual("side", Fail(() => Bars.Create(1, 1, side: 0)).Option);
        Assert.AreEqual("side", Fail(() => Bars.Create(1, 1, side: 50_000)).Option);
        Assert.AreEqual("scale", Fail(() => Bars.Create(1, 1, scale: -1)).Option);
        Assert.AreEqual("rows", Fail(() => StreamingChunks.Create(2, 1)).Option);
        Assert.AreEqual("columns", Fail(() => StreamingChunks.Create(9, 1, columns: 5)).Option);
        Assert.AreEqual("dimensions", Fail(() => StreamingChunks.Create(9, 1, dimensions: [])).Option);
    }

    private static BadOptionException Fail(Action action) => Assert.ThrowsExactly<BadOptionException>(action);

    private static void AssertContinues(Func<int, long, InMemoryRows> create)
    {
        InMemoryRows all = create(20, 0);
        double[] tail = all.ReadAll().Values[(12 * all.Columns)..];
        DataTest.AssertSameBits(tail, create(8, 12).ReadAll().Values);
    }
}
