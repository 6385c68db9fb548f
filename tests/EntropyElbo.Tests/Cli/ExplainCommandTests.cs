using System.Text.Json;
using EntropyElbo.Cli.Host;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary><c>explain</c>, what commands say comes next, and the course in the progress line.</summary>
[TestClass]
public sealed class ExplainCommandTests
{
    [TestMethod]
    public void AModelIsExplainedAsTheFitReportedIt()
    {
        using CliFolder folder = new();
        string path = folder["m.eelbo"];
        JsonElement fit = CliRun.Of(folder.Fit("--json", "--out", path)).Json;
        CliRun run = CliRun.Of("explain", path, "--json");
        Assert.AreEqual(0, run.Status, run.Error);
        JsonElement model = run.Json.GetProperty("model");
        Assert.AreEqual("model", run.Json.GetProperty("kind").GetString());
        foreach (string field in new[] { "elbo", "entropySum", "kl", "relativeGap", "bic" })
        {
            Assert.AreEqual(fit.GetProperty(field).GetRawText(), model.GetProperty("report").GetProperty(field).GetRawText(), field);
        }

        foreach (string field in new[] { "latents", "columns", "rows", "epochs", "converged", "stopReason" })
        {
            Assert.AreEqual(fit.GetProperty(field).GetRawText(), model.GetProperty(field).GetRawText(), field);
        }

        Assert.AreEqual("[4]", run.Json.GetProperty("settings").GetProperty("hidden").GetRawText());
        Assert.AreEqual("[\"a\",\"b\",\"c\",\"d\"]", model.GetProperty("columnNames").GetRawText());
        string text = CliRun.Of("explain", path).Out;
        foreach (string said in new[] { "vae-1", "2 latents, 4 columns", "a, b, c, d", "minmax", "60 rows", "hidden [4]", run.Json.GetProperty("sha256").GetString()! })
        {
            StringAssert.Contains(text, said);
        }
    }

    /// <summary>The checksum is that of the bytes, found here without the library.</summary>
    [TestMethod]
    public void TheChecksumIsTheFilesOwn()
    {
        using CliFolder folder = new();
        string path = folder.FitModel();
        string said = CliRun.Of("explain", path, "--json").Json.GetProperty("sha256").GetString()!;
        string file = System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path));
        int at = file.IndexOf(said, StringComparison.Ordinal);
        byte[] zeroed = System.Text.Encoding.Latin1.GetBytes(file.Remove(at, 64).Insert(at, new string('0', 64)));
        Assert.AreEqual(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(zeroed)), said);

        byte[] damaged = File.ReadAllBytes(path);
        damaged[^1] ^= 1;
        File.WriteAllBytes(path, damaged);
        CliRun run = CliRun.Of("explain", path);
        Assert.AreEqual(1, run.Status);
        Assert.AreEqual("", run.Out);
        StringAssert.Contains(run.Error, "checksum");
    }

    [TestMethod]
    public void StatesAndCheckpointsAreNamedAsWhatTheyAre()
    {
        using CliFolder folder = new();
        string state = folder["s.eelbo"], checkpoint = folder["c.eelbo"];
        Assert.AreEqual(0, CliRun.Of("watch", folder.Data, "--window", "20", "--state", state).Status);
        Assert.AreEqual(0, CliRun.Of(folder.Fit("--checkpoint", checkpoint)).Status);
        Assert.AreEqual("stream", CliRun.Of("explain", state, "--json").Json.GetProperty("kind").GetString());
        StringAssert.Contains(CliRun.Of("explain", state).Out, "60 rows");
        CliRun run = CliRun.Of("explain", folder.Data);
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, "data.csv");
        StringAssert.Contains(CliRun.Of("explain", checkpoint).Out, "no model to use yet");
        Assert.AreEqual("checkpoint", CliRun.Of("explain", checkpoint, "--json").Json.GetProperty("kind").GetString());
    }

    /// <summary>One way to do a thing: the list of families sends those with a file to where they are answered.</summary>
    [TestMethod]
    public void ModelsOfAFileSendsToExplain()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of("models", folder.FitModel());
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, "entropy-elbo explain ");
    }

    /// <summary>The steps run as they are printed, paths with spaces too, and JSON has none.</summary>
    [TestMethod]
    public void NextStepsRunAsTheyArePrinted()
    {
        using CliFolder folder = new();
        string model = folder["my model.eelbo"];
        string step = Step(CliRun.Of(folder.Fit("--out", model)).Out);
        StringAssert.Contains(step, OperatingSystem.IsWindows() ? $"\"{model}\"" : $"'{model}'");
        string[] words = [.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(step.Replace('\'', '"'))];
        Assert.AreEqual("encode", words[1]);
        words[^1] = folder["codes.csv"];
        CliRun encoded = CliRun.Of(words[1..]);
        Assert.AreEqual(0, encoded.Status, encoded.Error);
        StringAssert.Contains(Step(encoded.Out), "entropy-elbo evaluate ");
        Assert.IsFalse(CliRun.Of("evaluate", model, folder.Data, "--json").Out.Contains("entropy-elbo ", StringComparison.Ordinal));
    }

    [TestMethod]
    public void TheCourseIsDrawnFromLeastToMost()
    {
        Sparkline line = new();
        Assert.AreEqual("", line.Text(unicode: true));
        foreach (double value in new[] { 0, double.NaN, 1, 2, 3, 4, 5, 6, 7.0 })
        {
            line.Add(value);
        }

        Assert.AreEqual("\u2581\u2582\u2583\u2584\u2585\u2586\u2587\u2588", line.Text(unicode: true));
        Assert.AreEqual("_.-~=*^#", line.Text(unicode: false));
        Sparkline level = new();
        level.Add(3);
        level.Add(3);
        Assert.AreEqual("__", level.Text(unicode: false));
    }

    /// <summary>The first and the last of very many figures are in the line.</summary>
    [TestMethod]
    public void ALongCourseFits()
    {
        Sparkline line = new();
        for (int i = 0; i < 100_000; i++)
        {
            line.Add(i);
        }

        string text = line.Text(unicode: false);
        Assert.IsTrue(text.Length is > Sparkline.Width / 2 and <= Sparkline.Width, text);
        Assert.AreEqual('_', text[0]);
        Assert.AreEqual('#', text[^1]);
        CollectionAssert.AreEqual(text.OrderBy(c => "_.-~=*^#".IndexOf(c, StringComparison.Ordinal)).ToArray(), text.ToCharArray());
    }

    private static string Step(string text)
    {
        string line = text.Split('\n').Single(l => l.TrimStart().StartsWith("then", StringComparison.Ordinal)).Trim();
        return line[line.IndexOf("entropy-elbo", StringComparison.Ordinal)..];
    }
}
