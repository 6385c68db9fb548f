using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

[TestClass]
public class CheckedRowsTests
{
    [TestMethod]
    public void Finite_rows_pass()
    {
        InMemoryRows rows = DataTest.Numbered(50, 3);
        DataTest.AssertRows(rows.ReadAll().Values, new CheckedRows(rows));
        CheckedRows skipping = new(rows, MissingValues.SkipRow);
        DataTest.AssertRows(rows.ReadAll().Values, skipping);
        Assert.AreEqual(0L, skipping.SkippedRows);
    }

    [TestMethod]
    [DataRow(double.NaN)]
    [DataRow(double.PositiveInfinity)]
    [DataRow(double.NegativeInfinity)]
    public void The_first_bad_value_is_named(double bad)
    {
        double[] values = new double[40 * 3];
        values[(16 * 3) + 1] = bad;
        values[(16 * 3) + 2] = bad;
        values[119] = bad;
        CheckedRows rows = new(new InMemoryRows(values, 3, ["p01", "p02", "p03"]));
        foreach (int blockRows in new[] { 1, 5, 17, 100 })
        {
            BadDataException e = Assert.ThrowsExactly<BadDataException>(() => DataTest.Read(rows, blockRows));
            Assert.AreEqual(16L, e.Row);
            Assert.AreEqual("p02", e.Column);
            StringAssert.Contains(e.Message, "row 17 ");
            StringAssert.Contains(e.Message, "'p02'");
        }
    }

    [TestMethod]
    public void Bad_rows_are_skipped_and_counted()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => (double)i)];
        List<double> kept = [];
        for (int row = 0; row < 200; row++)
        {
            if (row % 3 == 0 || row >= 190)
            {
                values[(2 * row) + (row % 2)] = row % 2 == 0 ? double.NaN : double.NegativeInfinity;
            }
            else
            {
                kept.AddRange([2 * row, (2 * row) + 1]);
            }
        }

        CheckedRows rows = new(new InMemoryRows(values, 2), MissingValues.SkipRow);
        Assert.IsNull(rows.SkippedRows);
        Assert.IsNull(rows.RowCount);
        DataTest.AssertRows([.. kept], rows);
        Assert.AreEqual(200 - (kept.Count / 2), rows.SkippedRows);
        Parallel.For(0, 8, _ => DataTest.Read(rows, 9));
        Assert.AreEqual(200 - (kept.Count / 2), rows.SkippedRows);
    }

    [TestMethod]
    public void A_pass_broken_off_counts_nothing()
    {
        CheckedRows rows = new(new InMemoryRows(new[] { double.NaN, 1, 2 }, 1), MissingValues.SkipRow);
        using (IRowCursor cursor = rows.Open())
        {
            Assert.AreEqual(1, cursor.Read(new double[1]));
        }

        Assert.IsNull(rows.SkippedRows);
    }

    [TestMethod]
    public void All_rows_bad_leaves_none()
    {
        CheckedRows rows = new(new InMemoryRows(new[] { double.NaN, double.NaN }, 1), MissingValues.SkipRow);
        DataTest.AssertRows([], rows);
        Assert.AreEqual(2L, rows.SkippedRows);
    }

    [TestMethod]
    public void Missing_cells_of_a_table_are_named_by_their_column() => Assert.AreEqual(
        "mass",
        Assert.ThrowsExactly<BadDataException>(
            () => new CheckedRows(new CsvRows(new StringReader("speed,mass\n1,2\n3,\n"))).ReadAll()).Column);

    [TestMethod]
    public void Unknown_policy_is_refused() =>
        Assert.ThrowsExactly<BadOptionException>(() => new CheckedRows(DataTest.Numbered(1, 1), (MissingValues)7));
}
