using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Models;

namespace EntropyElbo.Tests.Cli;

/// <summary>Test rows that have no figures cost neither the model nor the report.</summary>
[TestClass]
public sealed class TestRowsTests
{
    /// <summary>1e200 is a number, and its square is not.</summary>
    [TestMethod]
    public void RowsTooFarAwayLeaveTheModel()
    {
        using CliFolder folder = new();
        string test = folder.Write("test.csv", "a,b,c,d\n0.1,0.9,0.5,0.3\n0.2,0.8,0.5,0.6\n1e200,0.9,0.5,0.3\n");
        string model = folder["m.eelbo"];
        CliRun run = CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "1", "--test", test, "--out", model, "--report", folder["r.html"], "--json");
        Assert.AreEqual(1, run.Status);
        Assert.AreEqual(JsonValueKind.Null, run.Json.GetProperty("test").ValueKind);
        Assert.AreEqual(JsonValueKind.Number, run.Json.GetProperty("elbo").ValueKind);
        string warning = run.Json.GetProperty("warnings").EnumerateArray().Single().GetString()!;
        StringAssert.Contains(warning, "The first such row is test row 3.");
        StringAssert.Contains(run.Error, $"The model is saved in {model}");
        Assert.IsTrue(File.Exists(folder["r.html"]));
        Assert.AreEqual(4, ModelFamilies.Load(model).ObservedDimension);
    }

    /// <summary>A component's density there is 0, so the mean is minus infinity: a right figure, and said.</summary>
    [TestMethod]
    public void AnImpossibleRowIsNamed()
    {
        using CliFolder folder = new();
        string test = folder.Write("test.csv", "a,b,c,d\n0.1,0.9,0.5,0.3\n1e200,0.8,0.5,0.6\n");
        CliRun run = CliRun.Of("fit", folder.Data, "--model", "mixture:gaussian-diagonal", "--components", "1", "--test", test, "--json");
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual(2, run.Json.GetProperty("test").GetProperty("rows").GetInt64());
        StringAssert.Contains(run.Json.GetProperty("warnings").EnumerateArray().Single().GetString()!, "The first such row is test row 2.");
    }

    /// <summary>What can be known before training is refused before it.</summary>
    [TestMethod]
    [DataRow("a,b,c,d\n0.1,0.9,0.5,0.3\n0.2,,0.5,0.6\n", "row 2", "'b'")]
    [DataRow("a,b,c,d\n0.1,0.9,0.5,0.3\n0.2,x,0.5,0.6\n", "line 3", "x")]
    public void RowsThatCannotBeReadAreRefusedAtOnce(string rows, string place, string what)
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        CliRun run = CliRun.Of(folder.Fit("--test", folder.Write("test.csv", rows), "--out", model));
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, "Test rows: ");
        StringAssert.Contains(run.Error, place);
        StringAssert.Contains(run.Error, what);
        Assert.IsFalse(File.Exists(model));
        Assert.IsFalse(run.Error.Contains("unexpected", StringComparison.Ordinal), run.Error);
    }
}
