using EntropyElbo.Data;
using EntropyElbo.Data.Csv;

[assembly: Parallelize(Scope = ExecutionScope.ClassLevel)]

namespace EntropyElbo.DuckDB.Tests;

[TestClass]
public sealed class DuckDbRowsTests
{
    [TestMethod]
    public void Parquet_HasTheBitsOfTheSameCsv()
    {
        using DuckFolder folder = new();
        DuckDbRows parquet = DuckDbRows.OfFiles(folder.Numbers("a.parquet"));
        CsvRows csv = new(folder.Numbers("a.csv"));
        CollectionAssert.AreEqual(csv.ColumnNames.ToArray(), parquet.ColumnNames.ToArray());
        CollectionAssert.AreEqual(DuckFolder.All(csv), DuckFolder.All(parquet));
    }

    [TestMethod]
    public void EveryTypeOfNumber_IsTheNearestDouble()
    {
        using DuckFolder folder = new();
        string path = folder.Write(
            "types.parquet",
            "SELECT true AS a, (-7)::TINYINT AS b, 200::UTINYINT AS c, 9007199254740993::BIGINT AS d, 0.1::FLOAT AS e, 0.1::DECIMAL(18, 3) AS f, "
                + "12345678901234567890.123456789::DECIMAL(38, 9) AS g, 1e300 AS h");
        double[] expected = [1, -7, 200, 9007199254740992, 0.1f, 0.1, 12345678901234567890.123456789, 1e300];
        CollectionAssert.AreEqual(expected, DuckFolder.All(DuckDbRows.OfFiles(path)));
    }

    [TestMethod]
    public void Rows_ComeInTheOrderOfFilesAndTheirRows_InEveryPass()
    {
        using DuckFolder folder = new();
        folder.Write("part-1.parquet", "SELECT i::DOUBLE AS i FROM range(100000) t(i)", "(ROW_GROUP_SIZE 2048)");
        folder.Write("part-2.parquet", "SELECT i::DOUBLE AS i FROM range(100000, 150000) t(i)", "(ROW_GROUP_SIZE 2048)");
        DuckDbRows rows = DuckDbRows.OfFiles(folder["part-*.parquet"]);
        double[] expected = [.. Enumerable.Range(0, 150_000).Select(i => (double)i)];
        Assert.AreEqual(150_000, rows.CountRows());
        CollectionAssert.AreEqual(expected, DuckFolder.All(rows));
        CollectionAssert.AreEqual(expected, DuckFolder.All(rows));
    }

    [TestMethod]
    public void NamesWithSignsOfPatternsAndQuotes_AreFiles()
    {
        using DuckFolder folder = new();
        File.Move(folder.Numbers("plain.parquet"), folder["it's [1].parquet"]);
        Assert.AreEqual(300, DuckFolder.All(DuckDbRows.OfFiles(folder["it's [1].parquet"])).Length);
        Assert.AreEqual(300, DuckFolder.All(DuckDbRows.OfFiles(folder["it's*.parquet"])).Length);
    }

    [TestMethod]
    public void FilesOfAPattern_AreMatchedByTheNamesOfTheirColumns()
    {
        using DuckFolder folder = new();
        folder.Write("1.parquet", "SELECT 1.5 AS a, 2.5 AS b");
        folder.Write("2.parquet", "SELECT 4.5 AS b, 3.5 AS a");
        CollectionAssert.AreEqual(new[] { 1.5, 2.5, 3.5, 4.5 }, DuckFolder.All(DuckDbRows.OfFiles(folder["*.parquet"])));
        folder.Write("3.parquet", "SELECT 4.5 AS b, 3.5 AS c");
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => DuckFolder.All(DuckDbRows.OfFiles(folder["*.parquet"])));
        StringAssert.Contains(error.Message, "3.parquet");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(7)]
    [DataRow(5000)]
    public void BlocksOfAnySize_GiveTheSameRows(int size)
    {
        using DuckFolder folder = new();
        DuckDbRows rows = DuckDbRows.OfFiles(folder.Write("a.parquet", "SELECT i::DOUBLE AS i, -i AS j FROM range(5001) t(i)"));
        List<double> read = [];
        double[] block = new double[size * 2];
        using IRowCursor cursor = rows.Open();
        for (int n = cursor.Read(block); n > 0; n = cursor.Read(block))
        {
            read.AddRange(block.AsSpan(0, n * 2));
        }

        Assert.AreEqual(0, cursor.Read(block));
        CollectionAssert.AreEqual(Enumerable.Range(0, 5001).SelectMany(i => new double[] { i, -i }).ToArray(), read);
    }

    [TestMethod]
    public void Query_KeepsItsOrder_AndJoinsComeAlikeInEveryPass()
    {
        using DuckFolder folder = new();
        string path = folder.Write("a.parquet", "SELECT i AS i, i % 97 AS k FROM range(20000) t(i)");
        double[] down = DuckFolder.All(DuckDbRows.OfQuery($"SELECT i FROM '{path}' ORDER BY i DESC -- the last first"));
        CollectionAssert.AreEqual(Enumerable.Range(0, 20_000).Select(i => 19_999.0 - i).ToArray(), down);
        DuckDbRows joined = DuckDbRows.OfQuery(
            $"SELECT a.i, n FROM '{path}' a JOIN (SELECT k, count(*) AS n FROM '{path}' GROUP BY k) g ON a.k = g.k");
        CollectionAssert.AreEqual(DuckFolder.All(joined), DuckFolder.All(joined));
    }

    [TestMethod]
    public void RowsThatDifferBetweenPasses_AreAnError()
    {
        DuckDbRows rows = DuckDbRows.OfQuery("SELECT random() AS r FROM range(10)");
        DuckFolder.All(rows.Take(5)); // Not a whole pass.
        using IRowCursor first = rows.Open();
        Assert.AreEqual(10, first.Read(new double[11]));
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => rows.Open().Read(new double[11]));
        StringAssert.Contains(error.Message, "a second pass gave other rows");
    }

    [TestMethod]
    public void NullAndNaNAndTokens_AreMissing()
    {
        using DuckFolder folder = new();
        string path = folder.Write("a.parquet", "SELECT * FROM (VALUES (1.5, 1), (NULL, 2), ('nan'::DOUBLE, 3), (-999, 4)) t(x, y)");
        DuckDbRows rows = DuckDbRows.OfFiles(path, new DuckDbOptions { MissingTokens = ["-999", "n.a."] });
        double[] read = DuckFolder.All(rows);
        CollectionAssert.AreEqual(new[] { 1.5, 1, double.NaN, 2, double.NaN, 3, double.NaN, 4 }, read);
        CheckedRows skipping = new(rows, MissingValues.SkipRow);
        CollectionAssert.AreEqual(new[] { 1.5, 1 }, DuckFolder.All(skipping));
        Assert.AreEqual(3, skipping.SkippedRows);
        BadDataException error = Assert.ThrowsExactly<BadDataException>(() => DuckFolder.All(new CheckedRows(rows)));
        Assert.AreEqual(1, error.Row);
        Assert.AreEqual("x", error.Column);
    }

    [TestMethod]
    public void Database_IsReadAndNeverWritten()
    {
        using DuckFolder folder = new();
        DuckFolder.Run("CREATE TABLE sales AS SELECT i AS i, i / 2 AS h FROM range(10) t(i)", folder["shop.duckdb"]);
        byte[] before = File.ReadAllBytes(folder["shop.duckdb"]);
        DuckDbRows rows = DuckDbRows.OfTable(folder["shop.duckdb"], "sales");
        Assert.AreEqual(20, DuckFolder.All(rows).Length);
        CollectionAssert.AreEqual(new[] { 9.0 }, DuckFolder.All(DuckDbRows.OfQuery("SELECT max(i) AS m FROM sales", folder["shop.duckdb"])));
        Assert.ThrowsExactly<BadDataException>(() => DuckDbRows.OfQuery("DROP TABLE sales", folder["shop.duckdb"]));
        CollectionAssert.AreEqual(before, File.ReadAllBytes(folder["shop.duckdb"]));
        Assert.AreEqual(1, folder.Files.Count(), "no log beside the database");
    }

    [TestMethod]
    public void JsonLines_AreRows()
    {
        using DuckFolder folder = new();
        File.WriteAllText(folder["a.jsonl"], "{\"a\": 1, \"b\": 2.5}\n{\"a\": 3}\n");
        CollectionAssert.AreEqual(new[] { 1, 2.5, 3, double.NaN }, DuckFolder.All(DuckDbRows.OfFiles(folder["a.jsonl"])));
    }
}
