using System.Globalization;
using System.Text.RegularExpressions;
using EntropyElbo.Catalog;
using EntropyElbo.Data.Csv;
using EntropyElbo.Models;
using EntropyElbo.Tests.Cli;

namespace EntropyElbo.DuckDB.Tests;

/// <summary>The tool over what DuckDB reads.</summary>
[TestClass]
public sealed class ToolTests
{
    [TestMethod]
    public void ParquetFit_HasTheBitsOfTheCsvFit()
    {
        using DuckFolder folder = new();
        foreach (string model in new[] { "ppca --latents 1", "mixture:gaussian-diagonal --components 2", "vae-1 --latents 1 --hidden 4 --epochs 3" })
        {
            byte[] parquet = Fit(folder, folder.Numbers("a.parquet"), model), csv = Fit(folder, folder.Numbers("a.csv"), model);
            CollectionAssert.AreEqual(csv, parquet, model);
        }
    }

    [TestMethod]
    public void EveryCommandThatReadsRows_ReadsParquetPatternsQueriesAndTables()
    {
        using DuckFolder folder = new();
        string path = folder.Numbers("a.parquet");
        DuckFolder.Run($"CREATE TABLE t AS SELECT * FROM '{path}'", folder["a.duckdb"]);
        Succeed("fit", path, "--model", "ppca", "--latents", "1", "--out", folder["m"], "--test", path);
        string[][] data = [[path], [folder["*.parquet"]], ["--query", $"SELECT c, b, a FROM '{path}'"], ["t", "--database", folder["a.duckdb"]]];
        string first = Succeed(["evaluate", folder["m"], .. data[0], "--json"]).Json.GetProperty("elbo").GetRawText();
        foreach (string[] rows in data)
        {
            Assert.AreEqual(first, Succeed(["evaluate", folder["m"], .. rows, "--json"]).Json.GetProperty("elbo").GetRawText());
            Succeed(["encode", folder["m"], .. rows, "--out", folder["codes.csv"]]);
            Assert.AreEqual(101, File.ReadAllLines(folder["codes.csv"]).Length);
            Succeed(["select", .. rows, "--model", "ppca", "--latents", "1,2"]);
            Succeed(["fit", .. rows, "--model", "ppca", "--latents", "1", "--test-fraction", "0.2", "--columns", "a,c"]);
        }
    }

    [TestMethod]
    public void Encode_WritesParquetAndArrow()
    {
        using DuckFolder folder = new();
        string path = folder.Write("a.parquet", "SELECT sin(i) AS a, cos(i) AS b FROM range(10000) t(i)");
        Succeed("fit", path, "--model", "ppca", "--latents", "1", "--out", folder["m"]);
        foreach (string name in new[] { "codes.csv", "codes.parquet", "codes.arrow" })
        {
            Succeed("encode", folder["m"], path, "--score", "--out", folder[name]);
        }

        CsvRows csv = new(folder["codes.csv"]);
        DuckDbRows parquet = DuckDbRows.OfFiles(folder["codes.parquet"]);
        CollectionAssert.AreEqual(csv.ColumnNames.ToArray(), parquet.ColumnNames.ToArray());
        CollectionAssert.AreEqual(DuckFolder.All(csv), DuckFolder.All(parquet));
        (string[] names, double[] values) = ReadArrow(folder["codes.arrow"]);
        CollectionAssert.AreEqual(csv.ColumnNames.ToArray(), names);
        CollectionAssert.AreEqual(DuckFolder.All(csv), values);
    }

    [TestMethod]
    public void CategoricalColumns_AreKeptInTheModelAndUsedAgain()
    {
        using DuckFolder folder = new();
        string train = folder.Write("a.parquet", "SELECT sin(i) AS x, ['red', 'blue', 'a,b'][i % 3 + 1] AS colour, cos(i) AS y FROM range(60) t(i)");
        string next = folder.Write("b.parquet", "SELECT * FROM (VALUES (0.5, 'blue', 0.25), (0.5, 'green', 0.25)) t(y, colour, x)");
        string byHand = folder.Write("c.csv", "SELECT * FROM (VALUES (0.25, 0, 1, 0, 0.5), (0.25, 0, 0, 0, 0.5)) t(x, \"colour=a,b\", \"colour=blue\", \"colour=red\", y)");
        Assert.AreEqual(1, CliRun.Of("fit", train, "--model", "ppca", "--latents", "1").Status);
        Succeed("fit", train, "--model", "ppca", "--latents", "2", "--categorical", "colour", "--out", folder["m"]);
        LatentModel model = ModelFamilies.Load(folder["m"]);
        CollectionAssert.AreEqual(new[] { "x", "colour=a,b", "colour=blue", "colour=red", "y" }, model.ColumnNames.ToArray());
        CollectionAssert.AreEqual(new[] { "a,b", "blue", "red" }, model.Encodings.Single().Values.ToArray());
        CliRun encoded = Succeed("encode", folder["m"], next, "--out", folder["codes.csv"]);
        StringAssert.Contains(encoded.Error, "column 'colour' has a value not seen in training in 1 row:");
        Succeed("encode", folder["m"], byHand, "--out", folder["expected.csv"]);
        CollectionAssert.AreEqual(File.ReadAllBytes(folder["expected.csv"]), File.ReadAllBytes(folder["codes.csv"]));
        Succeed("evaluate", folder["m"], train);
        string[] factors = ["fit", train, "--model", "factor-analysis", "--latents", "1"];
        Succeed([.. factors, "--categorical", "colour", "--out", folder["fa"]]);
        Succeed([.. factors, "--from", folder["fa"], "--out", folder["on"]]);
        CollectionAssert.AreEqual(new[] { "a,b", "blue", "red" }, ModelFamilies.Load(folder["on"]).Encodings.Single().Values.ToArray());
        model.Save(folder["again"]);
        Assert.AreEqual("colour", ModelFamilies.Load(folder["again"]).Encodings.Single().Column);
    }

    [TestMethod]
    [DataRow("no rows", "fit {0} --model ppca --latents 1", "SELECT 1.0 AS a, 2.0 AS b WHERE false")]
    [DataRow("column 'a'", "fit {0} --model ppca --latents 1", "SELECT CASE WHEN i = 3 THEN NULL ELSE i END AS a, i AS b FROM range(9) t(i)")]
    [DataRow("column 'a'", "fit {0} --model ppca --latents 1", "SELECT 1 / (i - 3) AS a, i AS b FROM range(9) t(i)")]
    [DataRow("--categorical", "fit {0} --model ppca --latents 1", "SELECT i AS a, 'x' AS town FROM range(9) t(i)")]
    [DataRow("--header", "fit {0} --model ppca --latents 1 --header yes", "SELECT i AS a FROM range(9) t(i)")]
    public void BadRows_AreOneLine(string expected, string command, string select)
    {
        using DuckFolder folder = new();
        CliRun run = CliRun.Of(string.Format(null, command, folder.Write("a.parquet", select)).Split(' '));
        Assert.AreEqual(1, run.Status, run.Error);
        StringAssert.Contains(run.Error, expected);
        Assert.AreEqual(1, run.Error.TrimEnd('\n').Split('\n').Length, run.Error);
    }

    [TestMethod]
    public void WrongWidthAtEncode_AndOutputThatIsAnInput_AreRefused()
    {
        using DuckFolder folder = new();
        string path = folder.Numbers("a.parquet");
        Succeed("fit", path, "--model", "ppca", "--latents", "1", "--out", folder["m"]);
        CliRun narrow = CliRun.Of("encode", folder["m"], "--query", "SELECT 1 AS q", "--out", folder["c.csv"]);
        Assert.AreEqual(1, narrow.Status);
        StringAssert.Contains(narrow.Error, "the query has 1 columns, the model takes 3");
        byte[] before = File.ReadAllBytes(path);
        Assert.AreEqual(1, CliRun.Of("encode", folder["m"], folder["*.parquet"], "--out", path).Status);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(path));
        Assert.AreEqual(2, CliRun.Of("fit", "--model", "ppca", "--latents", "1").Status);
        Assert.AreEqual(2, CliRun.Of("fit", path, "--query", "SELECT 1", "--model", "ppca", "--latents", "1").Status);
    }

    [TestMethod]
    public void Report_HasLabelsOfParquetAndQueries_ThatAreNoData()
    {
        using DuckFolder folder = new();
        string path = folder.Write("a.parquet", "SELECT sin(i) AS x, 'town ' || i AS town, cos(i) AS y FROM range(60) t(i)");
        string[][] data = [[path], ["--query", $"SELECT * FROM '{path}'"]];
        foreach (string[] rows in data)
        {
            Succeed(["fit", .. rows, "--model", "ppca", "--latents", "1", "--label", "town", "--report", folder["r.html"], "--out", folder["m"]]);
            CollectionAssert.AreEqual(new[] { "x", "y" }, ModelFamilies.Load(folder["m"]).ColumnNames.ToArray());
            string page = File.ReadAllText(folder["r.html"]);
            StringAssert.Contains(page, "a.parquet");
            Match[] strangest = [.. (IEnumerable<Match>)Regex.Matches(page, "<td class=\"n\">(\\d+)</td><td>town (\\d+)</td>")];
            Assert.HasCount(10, strangest);
            CollectionAssert.AreEqual(
                strangest.Select(m => Number(m, 1)).ToArray(), strangest.Select(m => Number(m, 2) + 1).ToArray(), "rows count from 1, towns from 0");
        }

        CliRun none = CliRun.Of("fit", path, "--model", "ppca", "--latents", "1", "--label", "city", "--report", folder["r.html"]);
        Assert.AreEqual(1, none.Status);
        StringAssert.StartsWith(none.Error, "entropy-elbo: --label: ");
    }

    [TestMethod]
    public void Weights_CountAsRepeatedRows()
    {
        using DuckFolder folder = new();
        string weighted = folder.Write("w.parquet", "SELECT sin(i) AS x, 'town ' || i AS town, (i % 3)::INT AS n, cos(i) AS y FROM range(60) t(i)");
        string repeated = $"SELECT x, y FROM '{weighted}' w, range(2) r(k) WHERE k < n";
        double Elbo(params string[] data) => Succeed(["fit", .. data, "--model", "ppca", "--latents", "1", "--json"]).Json.GetProperty("elbo").GetDouble();
        double expected = Elbo("--query", repeated);
        Assert.AreEqual(expected, Elbo(weighted, "--columns", "x,y", "--weight", "n"), 1e-9);
        Assert.AreEqual(expected, Elbo("--query", $"SELECT x, n, y FROM '{weighted}'", "--weight", "2"), 1e-9);
        Assert.AreNotEqual(expected, Elbo(weighted, "--columns", "x,y"), 1e-6);
        Succeed(
            "fit", weighted, "--model", "ppca", "--latents", "1", "--weight", "n", "--label", "town", "--report", folder["r.html"], "--out", folder["m"]);
        Succeed("encode", folder["m"], weighted, "--weight", "n", "--out", folder["c.csv"]);
        Assert.HasCount(61, File.ReadAllLines(folder["c.csv"]));
    }

    [TestMethod]
    public void Watch_SaysThatItReadsText()
    {
        using DuckFolder folder = new();
        CliRun run = CliRun.Of("watch", folder.Numbers("a.parquet"));
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, "write the rows as CSV");
        Assert.AreEqual(2, CliRun.Of("watch", "--query", "SELECT 1").Status);
    }

    /// <summary>What is printed as the next step can be typed.</summary>
    [TestMethod]
    public void NextStep_NamesTheQuery()
    {
        using DuckFolder folder = new();
        string path = folder.Numbers("a.parquet"), query = $"SELECT a, b FROM '{path}'";
        CliRun run = Succeed("fit", "--query", query, "--model", "ppca", "--latents", "1", "--out", folder["m"]);
        StringAssert.Contains(run.Out, $"encode {folder["m"]} --query '{query.Replace("'", "'\\''", StringComparison.Ordinal)}' --out codes.csv");
        Succeed("evaluate", folder["m"], "--query", query);
        Succeed("select", "--query", query, "--model", "ppca", "--latents", "1", "--out", folder["m"]);
    }

    private static int Number(Match match, int group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static byte[] Fit(DuckFolder folder, string data, string model)
    {
        Succeed(["fit", data, "--out", folder["m"], "--model", .. model.Split(' ')]);
        return File.ReadAllBytes(folder["m"]);
    }

    private static CliRun Succeed(params string[] args)
    {
        CliRun run = CliRun.Of(args);
        Assert.AreEqual(0, run.Status, run.Error);
        return run;
    }

    private static (string[] Names, double[] Values) ReadArrow(string path)
    {
        using FileStream file = File.OpenRead(path);
        using Apache.Arrow.Ipc.ArrowFileReader reader = new(file);
        List<double> values = [];
        string[] names = [];
        for (Apache.Arrow.RecordBatch? batch = reader.ReadNextRecordBatch(); batch is not null; batch = reader.ReadNextRecordBatch())
        {
            names = [.. batch.Schema.FieldsList.Select(f => f.Name)];
            for (int row = 0; row < batch.Length; row++)
            {
                values.AddRange(batch.Arrays.Select(a => ((Apache.Arrow.DoubleArray)a).GetValue(row)!.Value));
            }
        }

        return (names, [.. values]);
    }
}
