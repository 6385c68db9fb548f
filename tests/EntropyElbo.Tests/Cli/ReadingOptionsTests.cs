using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>How files are read, said on the command line and said back.</summary>
[TestClass]
public sealed class ReadingOptionsTests
{
    private const string Rows = "0.5,1\n0.25,3\n0.75,2\n0.1,4\n";

    [TestMethod]
    [DataRow("0,5;1\n0,25;3\n0,75;2\n0,1;4\n", "")]
    [DataRow("0.5;1\n0.25;3\n0.75;2\n0.1;4\n", "--delimiter ; --decimal . --header no")]
    [DataRow("0.5 1\n0.25\t3\n0.75 2\n0.1 4\n", "--delimiter space")]
    [DataRow("0,5;1\n0,25;3\n0,75;2\n0,1;4\n", "--delimiter semicolon --decimal comma --header auto")]
    [DataRow("0.5,1\n0.25,3\n-9,5\n0.75,2\n5,x\n0.1,4\n", "--missing -9,x --skip-missing")]
    [DataRow("8,9\n0.5,1\n0.25,3\n0.75,2\n0.1,4\n", "--header yes")]
    public void EveryCommandReadsTheSameRows(string table, string options)
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        string[] extra = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string plain = folder.Write("plain.csv", Rows);
        string data = folder.Write("other.csv", table);
        JsonElement expected = CliRun.Of("fit", plain, "--model", "ppca", "--latents", "1", "--json", "--out", model).Json;
        CliRun fit = CliRun.Of(["fit", data, "--model", "ppca", "--latents", "1", "--json", "--test", data, .. extra]);
        Assert.AreEqual(0, fit.Status, fit.Error);
        Assert.AreEqual(Elbo(expected), Elbo(fit.Json));
        Assert.AreEqual(Elbo(expected), Elbo(fit.Json.GetProperty("test")), 1e-12);
        string[] names = options.Contains("yes", StringComparison.Ordinal) ? ["--columns", "1-2"] : [];
        CliRun evaluate = CliRun.Of(["evaluate", model, data, "--json", .. extra, .. names]);
        Assert.AreEqual(Elbo(expected), Elbo(evaluate.Json), 1e-12);
        string codes = CliRun.Of("encode", model, plain, "--out", "-").Out;
        Assert.AreEqual(codes, CliRun.Of(["encode", model, data, "--out", "-", .. extra, .. names]).Out);
        CliRun select = CliRun.Of(["select", data, "--model", "ppca", "--latents", "1", "--json", .. extra]);
        Assert.AreEqual(4, select.Json.GetProperty("trials")[0].GetProperty("rows").GetInt32());
    }

    [TestMethod]
    public void TestRowsByPositionAreSaid()
    {
        using CliFolder folder = new();
        string renamed = folder.Write("renamed.csv", "p,q,r,s\n" + File.ReadAllText(folder.Data).Split('\n', 2)[1]);
        CliRun run = CliRun.Of(folder.Fit("--json", "--test", renamed));
        StringAssert.Contains(run.Json.GetProperty("warnings")[0].GetString(), "by position");
        StringAssert.Contains(CliRun.Of(folder.Fit("--test", renamed)).Out, "by position");
        Assert.IsFalse(CliRun.Of(folder.Fit("--test", folder.Labelled)).Out.Contains("by position", StringComparison.Ordinal));
    }

    /// <summary>Numbers as names: read as such and said, and a row for every line of a file without names.</summary>
    [TestMethod]
    public void TheFirstLineIsSaidAndNoRowIsLost()
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        string pandas = folder.Write("pandas.csv", "0,1,2\n0.5,1.5,-1\n0.25,3,0.5\n0.75,2.5,4\n0.1,4,1.5\n");
        CliRun fit = CliRun.Of("fit", pandas, "--model", "ppca", "--latents", "1", "--json", "--out", model);
        Assert.AreEqual(4, fit.Json.GetProperty("rows").GetInt32());
        StringAssert.Contains(fit.Json.GetProperty("warnings")[0].GetString(), "--header no");
        Assert.AreEqual(5, Lines(CliRun.Of("encode", model, pandas, "--out", "-")));

        string flowers = folder.Write("flowers.data", "0.5,1.5,-1,setosa\n0.25,3,0.5,setosa\n0.75,2.5,4,virginica\n0.1,4,1.5,setosa\n");
        Assert.AreEqual(4, CliRun.Of("fit", flowers, "--columns", "1-3", "--model", "ppca", "--latents", "1", "--json", "--out", model).Json.GetProperty("rows").GetInt32());
        Assert.AreEqual(5, Lines(CliRun.Of("encode", model, flowers, "--out", "-")));
        Assert.AreEqual(5, Lines(CliRun.Of("encode", model, flowers, "--columns", "1-3", "--out", "-")));
        Assert.AreEqual(5, Lines(CliRun.OfInput(File.ReadAllText(flowers), "encode", model, "-", "--out", "-")));
    }

    [TestMethod]
    [DataRow("--delimiter", "::", 1)]
    [DataRow("--delimiter", "x", 1)]
    [DataRow("--decimal", ";", 1)]
    [DataRow("--header", "maybe", 2)]
    public void OptionsThatCannotBe(string option, string value, int status)
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(folder.Fit(option, value));
        Assert.AreEqual(status, run.Status, run.Error);
        StringAssert.Contains(run.Error, status == 2 ? value : option);
    }

    [TestMethod]
    public void RemediesAreInTheToolsTerms()
    {
        using CliFolder folder = new();
        string either = folder.Write("either.csv", "a;b\n1,234;5\n2,345;6\n");
        StringAssert.Contains(CliRun.Of("fit", either, "--model", "ppca", "--latents", "1").Error, "--decimal comma");
        string own = folder.Write("own.csv", "a,b\n1,5\nn.a.,6\n");
        StringAssert.Contains(CliRun.Of("fit", own, "--model", "ppca", "--latents", "1").Error, "--missing");
        StringAssert.Contains(CliRun.Of("fit", folder.Write("ragged.csv", "a,b\n1,2,3\n"), "--model", "ppca", "--latents", "1").Error, "--delimiter");
    }

    private static double Elbo(JsonElement report) => report.GetProperty("elbo").GetDouble();

    private static int Lines(CliRun run) => run.Out.TrimEnd().Split('\n').Length;
}
