using System.Diagnostics;
using System.Text.Json;
using EntropyElbo.Cli;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Tests.Cli;

/// <summary>What <c>select</c> has for long searches: studies, reports, random search and halving, all models that fit.</summary>
[TestClass]
public sealed class SelectStudyTests
{
    private const int Patience = 60_000;

    /// <summary>Killed without a chance to say anything, while its trials are under way.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AKilledStudyGoesOn_WithTheSameTable()
    {
        using CliFolder folder = new();
        string study = folder["study.jsonl"];
        string[] arguments =
        [
            "select", folder.Data, "--model", "ppca,vae-1", "--latents", "1,2,3", "--hidden", "4", "--epochs", "150", "--criterion", "held-out",
            "--folds", "3", "--json",
        ];
        string[] whole = Table(CliRun.Of(arguments));
        using (Process process = ProcessTests.Start([.. arguments, "--study", study, "--threads", "1"]))
        {
            SpinWait.SpinUntil(() => Lines(study) >= 3 || process.HasExited, Patience);
            process.Kill();
            Assert.IsTrue(process.WaitForExit(Patience));
            Assert.AreNotEqual(0, process.ExitCode, "killed before its end");
        }

        CliRun resumed = CliRun.Of([.. arguments, "--study", study]);
        CollectionAssert.AreEqual(whole, Table(resumed));
        bool[] known = [.. resumed.Json.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("fromStudy").GetBoolean())];
        Assert.IsGreaterThanOrEqualTo(2, known.Count(k => k));
        Assert.IsGreaterThanOrEqualTo(1, known.Count(k => !k));
    }

    [TestMethod]
    public void TheReport_HasTheTrials_AndNothingFromElsewhere()
    {
        using CliFolder folder = new();
        string page = folder["study.html"];
        CliRun run = CliRun.Of(
            "select", folder.Data, "--models", "ppca,factor-analysis", "--latents", "1..3,9", "--criterion", "icl", "--report", page);
        Assert.AreEqual(0, run.Status, run.Error);
        StringAssert.Contains(run.Out, $"report written: {page}");
        string html = File.ReadAllText(page);
        Assert.AreEqual(6, Count(html, "<tr><td class=\"n\">"), "a row for each trial that gave a model");
        Assert.AreEqual(12, Count(html, "<circle"), "two charts");
        Assert.AreEqual(4, Count(html, "stroke-width=\"2.5\"") * 2, "the best is marked in each");
        StringAssert.Contains(html, "icl by number of latents");
        StringAssert.Contains(html, "Failed");
        foreach (string outside in new[] { "http:", "https:", "src=", "<link", "@import", "url(" })
        {
            Assert.DoesNotContain(outside, html);
        }

        static int Count(string text, string part) => text.Split(part).Length - 1;
    }

    [TestMethod]
    [DataRow("icl")]
    [DataRow("entropy-bic")]
    [DataRow("importance-weighted", "--samples", "5", "--folds", "2")]
    public void EveryCriterion_IsTheScore_WithItsValueBesideIt(string criterion, params string[] more)
    {
        using CliFolder folder = new();
        JsonElement json = CliRun.Of(["select", folder.Data, "--model", "ppca", "--latents", "1,2", "--criterion", criterion, "--json", .. more]).Json;
        Assert.AreEqual(criterion, json.GetProperty("criterion").GetString());
        JsonElement best = json.GetProperty("trials")[0];
        JsonElement value = criterion switch
        {
            "icl" => best.GetProperty("icl"),
            "entropy-bic" => best.GetProperty("entropyBic"),
            _ => best.GetProperty("test").GetProperty("logLikelihood"),
        };
        Assert.AreEqual(value.GetDouble(), best.GetProperty("score").GetDouble());
    }

    [TestMethod]
    public void AllModels_AreThoseThatFitTheColumns_AndWhatIsLeftOutIsSaid()
    {
        using CliFolder folder = new();
        string bits = folder.Write("bits.csv", string.Join('\n', Enumerable.Range(0, 40).Select(i => $"{i % 2},{i / 2 % 2},{i / 3 % 2}")) + "\n");
        CliRun run = CliRun.Of("select", bits, "--header", "no", "--models", "all", "--latents", "1,2", "--epochs", "3", "--json");
        Assert.AreEqual(0, run.Status, run.Error);
        string[] models = [.. run.Json.GetProperty("trials").EnumerateArray().Select(t => t.GetProperty("model").GetString()!).Distinct()];
        CollectionAssert.IsSubsetOf(new[] { "sbn", "mixture:bernoulli", "vae-1" }, models);
        CollectionAssert.DoesNotContain(models, "ppca");
        StringAssert.Contains(run.Error, "note: ppca is left out:");
        string[] warnings = [.. run.Json.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()!)];
        Assert.IsTrue(warnings.Any(w => w.StartsWith("mixture:gamma is left out", StringComparison.Ordinal)), string.Join('\n', warnings));
    }

    [TestMethod]
    public void RandomSearchAndHalving_TakeRanges()
    {
        using CliFolder folder = new();
        string[] arguments = ["select", folder.Data, "--model", "vae-1", "--latents", "1..3", "--learning-rate", "1e-4..0.1", "--hidden", "3", "--epochs", "9", "--json"];
        JsonElement drawn = CliRun.Of([.. arguments, "--search", "random", "--max-trials", "4"]).Json;
        Assert.AreEqual(4, drawn.GetProperty("trials").GetArrayLength());
        JsonElement halved = CliRun.Of([.. arguments, "--search", "halving", "--max-trials", "4"]).Json;
        Assert.AreEqual(2, halved.GetProperty("rounds").GetInt32());
        Assert.AreEqual(2, halved.GetProperty("trials").EnumerateArray().Count(t => t.GetProperty("epochLimit").ValueKind == JsonValueKind.Number));
        CliRun grid = CliRun.Of(arguments);
        Assert.AreEqual(1, grid.Status);
        StringAssert.Contains(grid.Error, "draw at random");
    }

    [TestMethod]
    public void OnATerminal_EveryTrialIsALineWithTheTimeLeft()
    {
        using CliFolder folder = new();
        using StringWriter output = new(), error = new();
        using ToolHost host = new(output, error) { ErrorIsTerminal = true };
        Assert.AreEqual(0, Program.Run(["select", folder.Data, "--model", "ppca", "--latents", "1,2,3"], host));
        string[] lines = error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(3, lines);
        StringAssert.StartsWith(lines[0], "1/3  ppca (latents ");
        StringAssert.Contains(lines[0], "ETA 0:0");
        Assert.DoesNotContain("ETA", lines[2]);
    }

    [TestMethod]
    public void BadInput_IsNamed()
    {
        using CliFolder folder = new();
        Failed(1, "halving", "--halving-factor", "1");
        Failed(1, "starts", "--starts", "0");
        Failed(1, "samples", "--samples", "0");
        Failed(1, "parallel", "--parallel", "0");
        Failed(1, "be written over", "--study", folder.Data);
        Failed(1, "device", "--study", "/dev/null");
        Failed(1, "file", "--report", "-");
        Failed(2, "entropy-bic", "--criterion", "dic");
        Failed(2, "halving", "--search", "best");
        Assert.IsFalse(File.ReadAllText(folder.Data).Contains("study", StringComparison.Ordinal));

        void Failed(int status, string what, params string[] options)
        {
            CliRun run = CliRun.Of(["select", folder.Data, "--model", "ppca", "--latents", "2", .. options]);
            Assert.AreEqual(status, run.Status, run.Error);
            StringAssert.Contains(run.Error, what);
        }
    }

    private static int Lines(string path)
    {
        if (!File.Exists(path))
        {
            return 0;
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    /// <summary>The trials without what a clock says.</summary>
    private static string[] Table(CliRun run)
    {
        Assert.AreEqual(0, run.Status, run.Error);
        return [.. run.Json.GetProperty("trials").EnumerateArray().Select(trial => string.Join(
            ' ',
            trial.EnumerateObject()
                .Where(p => p.Name is not ("seconds" or "rowsPerSecond" or "fromStudy"))
                .Select(p => $"{p.Name}={p.Value.GetRawText()}")))];
    }
}
