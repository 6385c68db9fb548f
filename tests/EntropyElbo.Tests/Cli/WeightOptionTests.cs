using System.Globalization;
using System.Text.Json;

namespace EntropyElbo.Tests.Cli;

/// <summary><c>--weight COLUMN</c>.</summary>
[TestClass]
public sealed class WeightOptionTests
{
    [TestMethod]
    public void FitAndEvaluate_CountRowsByTheirWeights()
    {
        using CliFolder folder = new();
        (string weighted, string repeated) = Tables(folder);
        string model = folder["model.eelbo"];
        string[] settings = ["--model", "ppca", "--latents", "1", "--json"];
        JsonElement own = Json("fit", [weighted, "--weight", "w", "--out", model, .. settings]);
        JsonElement all = Json("fit", [repeated, .. settings]);
        foreach (string name in (string[])["elbo", "entropySum", "bic"])
        {
            Assert.AreEqual(all.GetProperty(name).GetDouble(), own.GetProperty(name).GetDouble(), 1e-8 * (1 + Math.Abs(all.GetProperty(name).GetDouble())), name);
        }

        Assert.AreEqual(4, own.GetProperty("columns").GetInt32());
        Assert.AreEqual(all.GetProperty("rows").GetDouble(), own.GetProperty("rowWeight").GetDouble());
        Assert.IsFalse(all.TryGetProperty("rowWeight", out _));
        JsonElement evaluated = Json("evaluate", [model, weighted, "--weight", "w", "--json"]);
        Assert.AreEqual(own.GetProperty("elbo").GetDouble(), evaluated.GetProperty("elbo").GetDouble(), 1e-12);
        Assert.AreEqual(own.GetProperty("rowWeight").GetDouble(), evaluated.GetProperty("rowWeight").GetDouble());
        Assert.AreNotEqual(own.GetProperty("elbo").GetDouble(), Json("evaluate", [model, weighted, "--json"]).GetProperty("elbo").GetDouble(), 1e-4);
        StringAssert.Contains(CliRun.Of("evaluate", model, weighted, "--weight", "w").Out, "of weight ");
    }

    [TestMethod]
    public void Encode_PassesItBy()
    {
        using CliFolder folder = new();
        (string weighted, _) = Tables(folder);
        string model = folder["model.eelbo"], codes = folder["codes.csv"];
        Json("fit", [weighted, "--weight", "w", "--model", "ppca", "--latents", "1", "--out", model, "--json"]);
        Assert.AreEqual(0, CliRun.Of("encode", model, weighted, "--weight", "w", "--out", codes).Status);
        Assert.HasCount(File.ReadLines(weighted).Count(), File.ReadAllLines(codes), "rows of weight 0 have codes");
        Assert.AreEqual("mean_1,variance_1", File.ReadLines(codes).First());
    }

    [TestMethod]
    public void SelectionAndTestRows_HaveWeights()
    {
        using CliFolder folder = new();
        (string weighted, string repeated) = Tables(folder);
        string[] settings = ["--model", "ppca", "--latents", "1,2", "--json"];
        JsonElement own = Json("select", [weighted, "--weight", "w", .. settings]), all = Json("select", [repeated, .. settings]);
        for (int trial = 0; trial < 2; trial++)
        {
            double expected = all.GetProperty("trials")[trial].GetProperty("score").GetDouble();
            Assert.AreEqual(expected, own.GetProperty("trials")[trial].GetProperty("score").GetDouble(), 1e-8 * Math.Abs(expected));
        }

        JsonElement held = Json("select", [weighted, "--weight", "w", "--criterion", "held-out", .. settings]);
        Assert.IsTrue(double.IsFinite(held.GetProperty("trials")[0].GetProperty("score").GetDouble()));
        JsonElement tested = Json("fit", [weighted, "--weight", "w", "--test-fraction", "0.3", "--report", folder["page.html"], "--model", "ppca", "--latents", "1", "--json"]);
        Assert.IsTrue(tested.GetProperty("test").TryGetProperty("rowWeight", out JsonElement weight), "test rows are counted, too");
        StringAssert.Contains(File.ReadAllText(folder["page.html"]), "<td>weight</td>");
        Assert.IsTrue(weight.GetDouble() > 0);
        JsonElement other = Json("fit", [weighted, "--weight", "w", "--test", weighted, "--model", "ppca", "--latents", "1", "--json"]);
        Assert.AreEqual(other.GetProperty("elbo").GetDouble(), other.GetProperty("test").GetProperty("elbo").GetDouble(), 1e-9);
    }

    [TestMethod]
    public void BadWeights_AreNamed()
    {
        using CliFolder folder = new();
        string bad = folder.Write("bad.csv", "a,b,w\n1,2,1\n2,1,-3\n3,5,1\n4,4,1\n");
        CliRun run = CliRun.Of("fit", bad, "--weight", "w", "--model", "ppca", "--latents", "1");
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, "row 2");
        StringAssert.Contains(run.Error, "'w'");
        CliRun unknown = CliRun.Of("fit", bad, "--weight", "q", "--model", "ppca", "--latents", "1");
        Assert.AreEqual(1, unknown.Status);
        StringAssert.Contains(unknown.Error, "--weight: ");
        File.WriteAllBytes(folder["rows.idx"], [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4]);
        StringAssert.Contains(CliRun.Of("fit", folder["rows.idx"], "--weight", "1", "--model", "ppca", "--latents", "1").Error, "IDX");
        CliRun refused = CliRun.Of("fit", folder.Data, "--weight", "d", "--model", "sparse-coding", "--latents", "1", "--set", "optimizer=joint");
        Assert.AreEqual(1, refused.Status);
        StringAssert.Contains(refused.Error, "--weight: ");
        CliRun stream = CliRun.OfInput(CliFolder.Table(20, 1), "watch", "-", "--weight", "d");
        Assert.AreEqual(1, stream.Status);
        StringAssert.Contains(stream.Error, "--weight: ");
    }

    private static JsonElement Json(string command, string[] arguments)
    {
        CliRun run = CliRun.Of([command, .. arguments]);
        Assert.AreEqual(0, run.Status, run.Error);
        return run.Json;
    }

    private static (string Weighted, string Repeated) Tables(CliFolder folder)
    {
        string[] lines = File.ReadAllLines(folder.Data);
        List<string> weighted = [$"w,{lines[0]}"], repeated = [lines[0]];
        for (int i = 1; i < lines.Length; i++)
        {
            int weight = i % 4;
            weighted.Add($"{weight.ToString(CultureInfo.InvariantCulture)},{lines[i]}");
            repeated.AddRange(Enumerable.Repeat(lines[i], weight));
        }

        return (folder.Write("weighted.csv", string.Join('\n', weighted)), folder.Write("repeated.csv", string.Join('\n', repeated)));
    }
}
