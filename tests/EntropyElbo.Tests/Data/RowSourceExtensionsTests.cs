using EntropyElbo.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class RowSourceExtensionsTests
{
    [TestMethod]
    public void Read_all_single_scales_on_the_way()
    {
        InMemoryRows rows = DataTest.Numbered(50_000, 3);
        Scaling scaling = new(ScalingKind.Standard, [1, 2, 3], [0.5, 0.25, 2]);
        foreach (IRowSource source in new IRowSource[] { rows, new CheckedRows(rows, MissingValues.SkipRow) })
        {
            (float[] values, int count) = source.ReadAllSingle(scaling);
            Assert.AreEqual(50_000, count);
            Assert.HasCount(150_000, values);
            for (int i = 0; i < values.Length; i++)
            {
                Assert.AreEqual((float)((i - scaling.Offset[i % 3]) * scaling.Factor[i % 3]), values[i]);
            }
        }

        CollectionAssert.AreEqual(new float[] { 0, 1, 2 }, DataTest.Numbered(1, 3).ReadAllSingle().Values);
    }

    /// <summary>One array of the result's size and little else.</summary>
    [TestMethod]
    public void Read_all_single_needs_no_second_copy()
    {
        InMemoryRows rows = new(new float[4_000_000], 8);
        rows.Take(10).ReadAllSingle();
        long before = GC.GetAllocatedBytesForCurrentThread();
        rows.ReadAllSingle();
        Assert.IsLessThan(16_000_000 + 2_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Read_all_single_names_what_single_precision_cannot_hold()
    {
        foreach (double bad in new[] { double.NaN, 1e300 })
        {
            double[] values = new double[20];
            values[13] = bad;
            BadDataException e = Assert.ThrowsExactly<BadDataException>(() => new InMemoryRows(values, 2).ReadAllSingle());
            Assert.AreEqual(6L, e.Row);
            Assert.AreEqual("c1", e.Column);
        }
    }

    [TestMethod]
    public void Scaling_of_another_width_is_refused() => StringAssert.Contains(
        Assert.ThrowsExactly<BadDataException>(() => DataTest.Numbered(2, 3).ReadAllSingle(Scaling.Identity(2))).Message, "3 columns");

    [TestMethod]
    public void Take_gives_the_first_rows()
    {
        InMemoryRows rows = DataTest.Numbered(100, 2);
        DataTest.AssertRows([.. Enumerable.Range(0, 14).Select(i => (double)i)], rows.Take(7));
        DataTest.AssertRows(rows.ReadAll().Values, rows.Take(long.MaxValue));
        DataTest.AssertRows([], rows.Take(0));
        DataTest.AssertRows([0, 1], new CheckedRows(rows, MissingValues.SkipRow).Take(1));
        Assert.ThrowsExactly<BadOptionException>(() => rows.Take(-1));
    }

    [TestMethod]
    public void A_source_that_changes_between_passes_is_noticed()
    {
        foreach (int delivered in new[] { 0, 2, 4 })
        {
            Assert.ThrowsExactly<BadDataException>(() => new ChangingRows(3, delivered).ReadAll());
            Assert.ThrowsExactly<BadDataException>(() => new ChangingRows(3, delivered).ReadAllSingle());
        }

        Assert.AreEqual(3, new ChangingRows(3, 3).ReadAll().Rows);
    }

    [TestMethod]
    public void Cancellation_stops_reading()
    {
        using CancellationTokenSource stop = new();
        stop.Cancel();
        InMemoryRows rows = DataTest.Numbered(10, 1);
        Assert.ThrowsExactly<OperationCanceledException>(() => rows.ReadAll(stop.Token));
        Assert.ThrowsExactly<OperationCanceledException>(() => rows.ReadAllSingle(null, stop.Token));
        Assert.ThrowsExactly<OperationCanceledException>(
            () => new CheckedRows(rows, MissingValues.SkipRow).CountRows(stop.Token));
    }

    /// <summary>Promises one number of rows and delivers another.</summary>
    private sealed class ChangingRows(int promised, int delivered) : IRowSource
    {
        public int Columns => 1;

        public IReadOnlyList<string> ColumnNames => ["x"];

        public long? RowCount => promised;

        public IRowCursor Open() => DataTest.Numbered(delivered, 1).Open();
    }
}
