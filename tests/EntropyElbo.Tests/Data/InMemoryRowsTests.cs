using EntropyElbo.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class InMemoryRowsTests
{
    [TestMethod]
    public void Flat_double_and_float_arrays_give_their_rows()
    {
        DataTest.AssertRows([1, 2, 3, 4, 5, 6], new InMemoryRows(new double[] { 1, 2, 3, 4, 5, 6 }, 2));
        DataTest.AssertRows([0.5, -0.25, float.MaxValue, float.Epsilon], new InMemoryRows(new[] { 0.5f, -0.25f, float.MaxValue, float.Epsilon }, 2));
        DataTest.AssertRows(
            [double.NaN, double.PositiveInfinity], new InMemoryRows(new[] { float.NaN, float.PositiveInfinity }, 1));
    }

    [TestMethod]
    public void Two_dimensional_array_is_copied_rows_first()
    {
        double[,] table = { { 1, 2, 3 }, { 4, 5, 6 } };
        InMemoryRows rows = new(table);
        table[0, 0] = 99;
        DataTest.AssertRows([1, 2, 3, 4, 5, 6], rows);
        Assert.AreEqual(0, new InMemoryRows(new double[0, 3]).Rows);
    }

    [TestMethod]
    public void Flat_arrays_are_not_copied()
    {
        double[] values = [1, 2];
        InMemoryRows rows = new(values, 1);
        values[1] = 7;
        DataTest.AssertRows([1, 7], rows);
    }

    [TestMethod]
    public void Names_are_given_or_numbered()
    {
        CollectionAssert.AreEqual(new[] { "c0", "c1" }, DataTest.Numbered(1, 2).ColumnNames.ToArray());
        CollectionAssert.AreEqual(
            new[] { "a", "b" }, new InMemoryRows(new double[2], 2, ["a", "b"]).ColumnNames.ToArray());
    }

    [TestMethod]
    public void Bad_shapes_are_refused()
    {
        Assert.ThrowsExactly<BadDataException>(() => new InMemoryRows(new double[5], 2));
        Assert.AreEqual("columns", Assert.ThrowsExactly<BadOptionException>(() => new InMemoryRows(new double[5], 0)).Option);
        Assert.ThrowsExactly<BadOptionException>(() => new InMemoryRows(new double[4], 2, ["a"]));
        Assert.ThrowsExactly<BadOptionException>(() => new InMemoryRows(new double[2, 0]));
        Assert.ThrowsExactly<ArgumentNullException>(() => new InMemoryRows((float[])null!, 2));
    }

    [TestMethod]
    public void A_block_that_holds_no_whole_row_is_refused()
    {
        using IRowCursor cursor = DataTest.Numbered(3, 2).Open();
        Assert.ThrowsExactly<ArgumentException>(() => cursor.Read(new double[3]));
        Assert.ThrowsExactly<ArgumentException>(() => cursor.Read([]));
    }

    [TestMethod]
    public void Cursors_on_several_threads_do_not_disturb_each_other()
    {
        InMemoryRows rows = DataTest.Numbered(1000, 3);
        double[] expected = rows.ReadAll().Values;
        Parallel.For(1, 20, blockRows => DataTest.AssertSameBits(expected, DataTest.Read(rows, blockRows)));
    }
}
