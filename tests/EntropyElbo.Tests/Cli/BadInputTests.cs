using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>Bad input: status 1 and one line on standard error; wrong usage: status 2; never anything on standard output.</summary>
[TestClass]
public sealed class BadInputTests
{
    [TestMethod]
    [DataRow("", "empty", DisplayName = "empty file")]
    [DataRow("a,b,c,d\n", "row", DisplayName = "header only")]
    [DataRow("a,b,c,d\n1,2,3,4\n", "row", DisplayName = "a single row")]
    [DataRow("a,b,c,d\n1,2,3,4\n1,2,NaN,4\n", "row 2", DisplayName = "NaN")]
    [DataRow("a,b,c,d\n1,2,3,4\n1,2,inf,4\n", "'c'", DisplayName = "infinity")]
    [DataRow("a,b,c,d\n1,2,3,4\n1,2,,4\n", "--skip-missing", DisplayName = "missing value")]
    [DataRow("a,b,c,d\n1,2,3,4\n1,2,3\n", "line 3", DisplayName = "ragged line")]
    [DataRow("a,b,c,d\n1,2,3,4\n1,2,x,4\n", "line 3", DisplayName = "text")]
    public void BadRowsInEveryCommand(string table, string names)
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        byte[] before = File.ReadAllBytes(model);
        folder.Write("data.csv", table);
        AssertRefused(CliRun.Of(folder.Fit("--json", "--out", model)), names);
        CollectionAssert.AreEqual(before, File.ReadAllBytes(model));
        if (table.Split('\n').Length == 3)
        {
            return; // One row can be evaluated and encoded.
        }

        AssertRefused(CliRun.Of("evaluate", model, folder.Data, "--json"), names);
        AssertRefused(CliRun.Of("encode", model, folder.Data, "--out", folder["codes.csv"]), names);
        CollectionAssert.AreEqual(new[] { "data.csv", "labelled.csv", "model.eelbo" }, folder.Files.ToArray());
    }

    [TestMethod]
    [DataRow("--latents", "0", "latents")]
    [DataRow("--latents", "-3", "latents")]
    [DataRow("--latents", "1000000", "latents")]
    [DataRow("--epochs", "0", "epochs")]
    [DataRow("--batch", "0", "batch")]
    [DataRow("--learning-rate", "0", "'learning-rate' is 0; it must be above 0 and at most 1")]
    [DataRow("--learning-rate", "NaN", "'learning-rate' is NaN")]
    [DataRow("--beta", "-1", "'beta' is -1; it must be at least 0")]
    [DataRow("--hidden", "4,0", "hidden")]
    [DataRow("--threads", "-1", "threads")]
    [DataRow("--threads", "1000000", "threads")]
    [DataRow("--test-fraction", "1", "'test-fraction' is")]
    [DataRow("--test-fraction", "0", "'test-fraction' is")]
    [DataRow("--columns", "a,nosuch", "nosuch")]
    [DataRow("--columns", "1-9", "column 9")]
    [DataRow("--columns", "0", "start at 1")]
    [DataRow("--model", "vae-9", "vae-9")]
    [DataRow("--likelihood", "poisson", "likelihood")]
    [DataRow("--components", "3", "components")]
    [DataRow("--device", "cuda:0", "no GPU")]
    [DataRow("--device", "cuda:99999999999", "cuda:99999999999")]
    [DataRow("--test", "nosuch.csv", "nosuch.csv")]
    [DataRow("--out", "nosuch/model.eelbo", "nosuch")]
    [DataRow("--out", "-", "--out")]
    [DataRow("--report", "nosuch/report.html", "nosuch")]
    [DataRow("--report", "-", "--report")]
    [DataRow("--checkpoint", "nosuch/state", "nosuch")]
    public void OptionsOutOfRange(string option, string value, string names)
    {
        using CliFolder folder = new();
        string[] args = ["fit", folder.Data, "--json", .. Defaults(option), option, value];
        AssertRefused(CliRun.Of(args), names);
    }

    [TestMethod]
    [DataRow("fit")]
    [DataRow("fit", "data.csv")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "two")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--nosuch", "1")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--hidden", "4,x")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--learning-rate", "1,5")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--scale", "log")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--device", "gpu")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--test", "x", "--test-fraction", "0.1")]
    [DataRow("fit", "data.csv", "--model", "vae-1", "--latents", "2", "--resume")]
    [DataRow("evaluate", "model.eelbo")]
    [DataRow("encode", "model.eelbo", "data.csv")]
    [DataRow("generate", "pca")]
    [DataRow("generate", "pca", "--out", "x.csv", "--rows", "ten")]
    [DataRow("nosuch")]
    [DataRow]
    public void WrongUsage(params string[] args)
    {
        CliRun run = CliRun.Of(args);
        Assert.AreEqual(2, run.Status, run.Error);
        Assert.AreEqual("", run.Out);
        StringAssert.StartsWith(run.Error, "entropy-elbo: ");
        StringAssert.Contains(run.Error, "--help");
        Assert.IsFalse(run.Error.Contains("   at ", StringComparison.Ordinal));
    }

    [TestMethod]
    public void BadModelFiles()
    {
        using CliFolder folder = new();
        string path = folder.FitModel();
        byte[] sound = File.ReadAllBytes(path);
        byte[] flipped = [.. sound];
        flipped[^20] ^= 1;
        string state = folder["state"];
        Assert.AreEqual(0, CliRun.Of(folder.Fit("--checkpoint", state)).Status);
        ModelRecord foreign = new("no-such-family", 1);
        ModelFile.Write(folder["foreign"], foreign);
        File.WriteAllBytes(folder["cut"], sound[..^7]);
        File.WriteAllBytes(folder["flipped"], flipped);
        foreach (string bad in new[] { folder["cut"], folder["flipped"], folder["foreign"], state, folder.Data, folder["nosuch"] })
        {
            AssertRefused(CliRun.Of("evaluate", bad, folder.Data, "--json"), bad);
            AssertRefused(CliRun.Of("encode", bad, folder.Data, "--out", folder["codes.csv"]), bad);
        }

        AssertRefused(CliRun.Of(folder.Fit("--checkpoint", path, "--resume")), "checkpoint");
        Assert.IsFalse(File.Exists(folder["codes.csv"]));
    }

    [TestMethod]
    public void WrongWidth()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string narrow = folder.Write("narrow.csv", "a,b,c\n1,2,3\n4,5,6\n");
        AssertRefused(CliRun.Of("evaluate", model, narrow, "--json"), "3 columns");
        AssertRefused(CliRun.Of("encode", model, narrow, "--out", folder["codes.csv"]), "3 columns");
        AssertRefused(CliRun.Of("encode", model, folder.Data, "--columns", "a,b", "--out", folder["codes.csv"]), "2 columns");
        AssertRefused(CliRun.Of(folder.Fit("--test", narrow)), "3 columns");
        Assert.IsFalse(File.Exists(folder["codes.csv"]));
    }

    [TestMethod]
    public void TheRowIsNamedByItsPlaceInTheFile()
    {
        using CliFolder folder = new();
        folder.Write("data.csv", CliFolder.Table(60, 1) + "1,,2,3\n");
        AssertRefused(CliRun.Of(folder.Fit("--test-fraction", "0.5")), "row 61");
    }

    [TestMethod]
    public void BothSidesOfASplitHaveRows()
    {
        using CliFolder folder = new();
        Assert.AreEqual(1, CliRun.Of(folder.Fit("--json", "--test-fraction", "0.0001")).Json.GetProperty("test").GetProperty("rows").GetInt64());
    }

    [TestMethod]
    public void OtherRefusals()
    {
        using CliFolder folder = new();
        AssertRefused(CliRun.Of("generate", "nosuch", "--out", folder["x.csv"]), "pca");
        AssertRefused(CliRun.Of("generate", "pca", "--rows", "0", "--out", folder["x.csv"]), "rows");
        AssertRefused(CliRun.Of("generate", "pca", "--out", folder["nosuch/x.csv"]), "nosuch");
        AssertRefused(CliRun.Of("evaluate", folder.FitModel(), folder.Data, "--samples", "1"), "samples");
        AssertRefused(CliRun.OfInput("1,2\n3,4\n5,7\n", "fit", "-", "--model", "vae-1", "--latents", "1", "--test", "-"), "only once");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AFullDiskIsSaidAndDevicesStayDevices()
    {
        using CliFolder folder = new();
        AssertRefused(CliRun.Of("generate", "pca", "--rows", "100", "--out", "/dev/full"), "space");
        CliRun run = CliRun.Of("generate", "pca", "--rows", "100", "--out", "/dev/null");
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual(0, new FileInfo("/dev/null").Length);
    }

    private static IEnumerable<string> Defaults(string given) =>
        new (string Option, string Value)[] { ("--model", "vae-1"), ("--latents", "2"), ("--hidden", "4"), ("--epochs", "2") }
            .Where(d => d.Option != given)
            .SelectMany(d => new[] { d.Option, d.Value });

    private static void AssertRefused(CliRun run, string names)
    {
        Assert.AreEqual(1, run.Status, run.Out + run.Error);
        Assert.AreEqual("", run.Out);
        StringAssert.StartsWith(run.Error, "entropy-elbo: ");
        StringAssert.Contains(run.Error, names);
        Assert.AreEqual(1, run.Error.TrimEnd().Split('\n').Length, run.Error);
        Assert.IsFalse(run.Error.Contains("unexpected", StringComparison.Ordinal), run.Error);
    }
}
