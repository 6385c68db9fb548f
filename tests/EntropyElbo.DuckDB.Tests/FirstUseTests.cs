using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Tests.Cli;

namespace EntropyElbo.DuckDB.Tests;

/// <summary>Mistakes of a new user with tables and queries.</summary>
[TestClass]
public sealed class FirstUseTests
{
    private const string Cities = "SELECT sin(i) AS x, cos(i) AS y, ['Rome', 'Oslo'][i % 2 + 1] AS city FROM range(60) t(i)";

    [TestMethod]
    public void TextThatIsNotRead()
    {
        using DuckFolder folder = new();
        string data = folder.Write("a.parquet", Cities), csv = folder.Write("a.csv", Cities), model = folder["m"];
        string[] fit = ["fit", data, "--model", "ppca", "--latents", "1", "--categorical"];
        Assert.AreEqual(0, CliRun.Of([.. fit, "city", "--out", model]).Status);
        Refuses("--categorical: no column is named 'town'", [.. fit, "town"]);
        Refuses("--categorical: column 'city' is there, but is not among the columns that are read", [.. fit, "city", "--columns", "x,y"]);
        string codes = folder["c.csv"];
        Refuses("the model encodes the text of column 'city'", "encode", model, "--query", $"SELECT x, y FROM '{data}'", "--out", codes);
        Refuses($"--query \"SELECT * FROM '{csv}'\"", "encode", model, csv, "--out", codes);
        Refuses($"--query \"SELECT * FROM '{csv}'\"", [.. fit, "city", "--test", csv]);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{}")]
    public void JsonWithoutRows(string text)
    {
        using DuckFolder folder = new();
        File.WriteAllText(folder["a.json"], text);
        Refuses("there are no objects with names and numbers in it", "fit", folder["a.json"], "--model", "ppca", "--latents", "1");
    }

    /// <summary>A query's own files are not written over: those that stand in it, whatever path leads to them.</summary>
    [TestMethod]
    public void TheFileOfAQueryIsNoOutput()
    {
        using DuckFolder folder = new();
        string csv = folder.Numbers("a.csv"), model = folder["m"], before = File.ReadAllText(csv);
        Assert.AreEqual(0, CliRun.Of("fit", csv, "--model", "ppca", "--latents", "1", "--out", model).Status);
        foreach (string query in new[] { $"SELECT * FROM '{csv}'", $"FROM read_csv(\"{csv}\")", $"SELECT * FROM read_csv(['{csv}'])" })
        {
            string other = Path.Combine(Path.GetDirectoryName(csv)!, ".", "a.csv");
            Refuses("is a file of the query, which would be written over", "encode", model, "--query", query, "--out", other);
        }

        Assert.AreEqual(before, File.ReadAllText(csv));
        string[] beside = ["encode", model, "--query", $"SELECT *, 'nofile' AS f FROM '{csv}'", "--columns", "a,b,c", "--out", folder["nofile"]];
        CliRun run = CliRun.Of(beside);
        Assert.AreEqual(0, run.Status, run.Error);
    }

    [TestMethod]
    public void SamplesAndSyntheticRowsAreParquetByName()
    {
        using DuckFolder folder = new();
        string csv = folder.Numbers("a.csv"), model = folder["m"];
        Assert.AreEqual(0, CliRun.Of("fit", csv, "--model", "ppca", "--latents", "1", "--out", model).Status);
        Assert.AreEqual(0, CliRun.Of("sample", model, "--rows", "7", "--out", folder["s.parquet"]).Status);
        Assert.AreEqual(0, CliRun.Of("sample", model, "--rows", "7", "--out", folder["s.csv"]).Status);
        CollectionAssert.AreEqual(
            DuckFolder.All(new CsvRows(folder["s.csv"])), DuckFolder.All(DuckDbRows.OfFiles(folder["s.parquet"])));
        Assert.AreEqual(0, CliRun.Of("generate", "bars", "--rows", "5", "--out", folder["g.parquet"]).Status);
        Assert.AreEqual(5 * 25, DuckFolder.All(DuckDbRows.OfFiles(folder["g.parquet"])).Length);
    }

    /// <summary>A join that takes minutes before it gives a row ends at once where the run is cancelled.</summary>
    [TestMethod]
    public void AStatementThatTakesLongIsInterrupted()
    {
        const string Long = "SELECT sum(a.i * b.i % 7) AS s, count(*) AS n FROM range(1000000) a(i), range(1000000) b(i)";
        using CancellationTokenSource stop = new();
        DuckDbRows rows = DuckDbRows.OfQuery(Long, options: new DuckDbOptions { Cancellation = stop.Token });
        stop.CancelAfter(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsExactly<OperationCanceledException>(() => DuckFolder.All(rows));
        using CancellationTokenSource count = new(TimeSpan.FromMilliseconds(200));
        DuckDbRows counted = DuckDbRows.OfQuery(Long);
        Assert.ThrowsExactly<OperationCanceledException>(() => counted.CountRows(count.Token));
    }

    /// <summary>The figures of an interrupted run come from a pass that begins after the interruption.</summary>
    [TestMethod]
    public void APassAfterTheInterruptionIsWhole()
    {
        using CancellationTokenSource stopped = new();
        DuckDbRows rows = DuckDbRows.OfQuery("SELECT i AS a FROM range(5000) t(i)", options: new DuckDbOptions { Cancellation = stopped.Token });
        stopped.Cancel();
        Assert.AreEqual(5000, DuckFolder.All(rows).Length);
    }

    private static void Refuses(string expected, params string[] args)
    {
        CliRun run = CliRun.Of(args);
        Assert.AreEqual(1, run.Status, run.Error);
        StringAssert.Contains(run.Error, expected);
        Assert.AreEqual(1, run.Error.TrimEnd('\n').Split('\n').Length, run.Error);
    }
}
