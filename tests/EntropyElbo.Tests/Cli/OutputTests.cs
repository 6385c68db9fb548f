using EntropyElbo.Files;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>Where results go: never over what a run reads, never lost, never raw to the eye.</summary>
[TestClass]
public sealed class OutputTests
{
    private const string Hostile = "x\u001b[31m\u202Ey\u200B\u0085z";

    /// <summary>The data are no data: an error about them would show that they were read first.</summary>
    [TestMethod]
    [DataRow("out", "fit", "D", "--model", "ppca", "--latents", "1", "--out", "D")]
    [DataRow("report", "fit", "D", "--model", "ppca", "--latents", "1", "--report", "D")]
    [DataRow("checkpoint", "fit", "D", "--model", "vae-1", "--latents", "1", "--checkpoint", "D")]
    [DataRow("out", "fit", "D", "--model", "ppca", "--latents", "1", "--test", "T", "--out", "T")]
    [DataRow("report", "fit", "D", "--model", "ppca", "--latents", "1", "--out", "N", "--report", "N")]
    [DataRow("checkpoint", "fit", "D", "--model", "vae-1", "--latents", "1", "--out", "N", "--checkpoint", "N")]
    [DataRow("out", "select", "D", "--model", "ppca", "--latents", "1", "--out", "D")]
    [DataRow("out", "encode", "M", "D", "--out", "D")]
    [DataRow("out", "encode", "M", "D", "--out", "M")]
    [DataRow("out", "sample", "M", "--rows", "3", "--out", "M")]
    public void AnOutputThatIsAnInputIsRefused(string option, params string[] args)
    {
        using CliFolder folder = new();
        Dictionary<string, string> files = new()
        {
            ["D"] = folder.Write("no-data", "text,\n"),
            ["T"] = folder.Write("no-test", "text,\n"),
            ["M"] = folder.Write("no-model", "text,\n"),
            ["N"] = folder["new"],
        };
        string[] before = [.. folder.Files];
        CliRun run = CliRun.Of([.. args.Select(a => files.GetValueOrDefault(a, a))]);
        Assert.AreEqual(1, run.Status, run.Error);
        StringAssert.Contains(run.Error, $"--{option}: ");
        StringAssert.Contains(run.Error, "written over");
        CollectionAssert.AreEqual(before, folder.Files.ToArray());
        Assert.IsTrue(files.Values.Where(File.Exists).All(f => File.ReadAllText(f) == "text,\n"));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux | OperatingSystems.OSX)]
    public void OtherNamesOfAnInputAreSeenThrough()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string text = File.ReadAllText(folder.Data);
        Directory.CreateDirectory(folder["real"]);
        File.Move(folder.Data, Path.Combine(folder["real"], "d.csv"));
        Directory.CreateSymbolicLink(folder["linked"], folder["real"]);
        File.CreateSymbolicLink(folder["link.csv"], Path.Combine(folder["linked"], "d.csv"));
        string data = Path.Combine(folder["real"], "d.csv");
        string[] names =
        [
            Path.Combine(folder["linked"], "d.csv"),
            folder["link.csv"],
            Path.Combine(folder["real"], "..", "real", "d.csv"),
            Path.GetRelativePath(Environment.CurrentDirectory, data),
        ];
        foreach (string name in names)
        {
            StringAssert.Contains(CliRun.Of("encode", model, data, "--out", name).Error, "written over");
            StringAssert.Contains(CliRun.Of("encode", model, name, "--out", data).Error, "written over");
        }

        Assert.AreEqual(text, File.ReadAllText(data));
        Assert.AreEqual(0, CliRun.Of("encode", model, data, "--out", folder["codes.csv"]).Status);
    }

    [TestMethod]
    public void AFileThatAnotherProcessWritesIsRefused()
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        foreach (string option in new[] { "--out", "--report", "--checkpoint" })
        {
            using FileClaim other = FileClaim.Take(model);
            CliRun run = CliRun.Of(folder.Fit(option, model));
            Assert.AreEqual(1, run.Status);
            StringAssert.Contains(run.Error, "another process");
            Assert.AreEqual("", run.Out);
        }

        Assert.AreEqual(0, CliRun.Of(folder.Fit("--out", model, "--checkpoint", folder["c"])).Status);
        CollectionAssert.AreEqual(new[] { "c", "data.csv", "labelled.csv", "m.eelbo" }, folder.Files.ToArray());
    }

    [TestMethod]
    public void AnEmptyNameIsSaid()
    {
        using CliFolder folder = new();
        foreach (string option in new[] { "--out", "--report", "--checkpoint" })
        {
            StringAssert.Contains(CliRun.Of(folder.Fit(option, "")).Error, $"{option}: The name of a file to write is empty");
        }

        StringAssert.Contains(CliRun.Of("evaluate", "", folder.Data).Error, "name of the model is empty");
        StringAssert.Contains(CliRun.Of("evaluate", "m", "").Error, "name of the data is empty");
        StringAssert.Contains(CliRun.Of(folder.Fit("--test", "")).Error, "name of the test rows is empty");
    }

    [TestMethod]
    public void SizesBeyondAnyMemoryAreSaid()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of("fit", folder.Data, "--model", "vae-1", "--latents", "1", "--hidden", "22000,22000");
        Assert.AreEqual(1, run.Status);
        Assert.IsFalse(run.Error.Contains("unexpected", StringComparison.Ordinal), run.Error);
    }

    /// <summary>What is seen has no control characters, marks of direction or zero width; files keep the names as they are.</summary>
    [TestMethod]
    public void NamesAreShownWithoutWhatIsNotSeen()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", $"\"{Hostile}\",b\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{i},{i * i % 7}\n")));
        string gap = folder.Write("gap.csv", $"\"{Hostile}\",b\n1,2\n,3\n");
        string model = folder["m.eelbo"];
        CliRun fit = CliRun.Of("fit", data, "--model", "ppca", "--latents", "1", "--out", model);
        Assert.AreEqual(0, fit.Status, fit.Error);
        CliRun missing = CliRun.Of("evaluate", model, gap);
        StringAssert.Contains(missing.Error, @"x\u001B[31m\u202Ey\u200B\u0085z");
        AssertSeen(missing.Error);
        AssertSeen(CliRun.Of("fit", data, "--model", Hostile, "--latents", "1").Error);
        AssertSeen(CliRun.Of("fit", folder[Hostile], "--model", "ppca", "--latents", "1").Error);
        AssertSeen(CliRun.Of("generate", "pca", "--rows", "3", "--out", folder[Hostile]).Out);
        StringAssert.StartsWith(CliRun.Of("sample", model, "--rows", "1", "--out", "-").Out, Hostile);
    }

    [TestMethod]
    public void TheReportShowsNamesWithoutWhatIsNotSeen()
    {
        using CliFolder folder = new();
        string data = folder.Write("d.csv", $"\"{Hostile}<\",b,c\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"5,{i},{i * i % 7}\n")));
        CliRun run = CliRun.Of("fit", data, "--model", "factor-analysis", "--latents", "1", "--report", folder["r.html"]);
        Assert.AreEqual(0, run.Status, run.Error);
        string page = File.ReadAllText(folder["r.html"]);
        AssertSeen(page);
        AssertSeen(run.Out);
        StringAssert.Contains(run.Out, @"\u202E");
        StringAssert.Contains(page, @"\u202Ey\u200B\u0085z&lt;");
    }

    private static void AssertSeen(string text)
    {
        Assert.AreNotEqual("", text);
        Assert.IsFalse(text.Any(c => (char.IsControl(c) && c is not ('\n' or '\r')) || c is '\u202E' or '\u200B'), text);
    }
}
