using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Cli.Commands;
using EntropyElbo.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

[TestClass]
public sealed class SelectCommandTests
{
    [TestMethod]
    public void Json_HasOneObject_TrialsBestFirst_WithTheFieldsOfAFit()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of("select", folder.Data, "--model", "ppca,vae-1", "--latents", "1,2,9", "--hidden", "4", "--epochs", "3", "--json");
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual(1, run.Out.Count(c => c == '\n'));
        Assert.AreEqual("bic", run.Json.GetProperty("criterion").GetString());
        JsonElement[] trials = [.. run.Json.GetProperty("trials").EnumerateArray()];
        Assert.HasCount(6, trials);
        JsonElement[] good = [.. trials.Where(t => t.GetProperty("failure").ValueKind == JsonValueKind.Null)];
        Assert.HasCount(5, good, "probabilistic PCA has no 9 latents on 4 columns");
        StringAssert.Contains(trials[^1].GetProperty("failure").GetString(), "9");
        Assert.AreEqual(JsonValueKind.Null, trials[^1].GetProperty("score").ValueKind);
        double[] scores = [.. good.Select(t => t.GetProperty("score").GetDouble())];
        CollectionAssert.AreEqual(scores.Order().ToArray(), scores);
        foreach (JsonElement trial in good)
        {
            Assert.AreEqual(trial.GetProperty("bic").GetDouble(), trial.GetProperty("score").GetDouble());
            Assert.AreEqual(trial.GetProperty("latents").GetInt32(), trial.GetProperty("options").GetProperty("latents").GetInt32());
        }

        JsonElement fit = CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "2", "--json").Json;
        JsonElement same = good.Single(t => t.GetProperty("model").GetString() == "ppca" && t.GetProperty("latents").GetInt32() == 2);
        foreach (JsonProperty field in fit.EnumerateObject().Where(f => f.Name is not ("seconds" or "rowsPerSecond" or "warnings" or "remark" or "history")))
        {
            Assert.AreEqual(field.Value.GetRawText(), same.GetProperty(field.Name).GetRawText(), field.Name);
        }
    }

    [TestMethod]
    public void HeldOut_ReportsTheTestRows_AndTheBestIsWritten()
    {
        using CliFolder folder = new();
        string model = folder["best.eelbo"];
        CliRun run = CliRun.Of(
            "select", folder.Data, "--model", "ppca", "--latents", "1,2,3", "--criterion", "held-out", "--folds", "3", "--json", "--out", model);
        Assert.AreEqual(0, run.Status, run.Error);
        JsonElement best = run.Json.GetProperty("trials")[0];
        Assert.AreEqual(60, best.GetProperty("test").GetProperty("rows").GetInt32());
        Assert.AreEqual(best.GetProperty("test").GetProperty("elbo").GetDouble(), best.GetProperty("score").GetDouble());
        Assert.IsGreaterThan(0, best.GetProperty("test").GetProperty("standardError").GetDouble());
        LatentModel written = ModelFamilies.Load(model);
        Assert.AreEqual(best.GetProperty("latents").GetInt32(), written.LatentDimension);
        Assert.AreEqual(60, written.Training.Rows);
    }

    [TestMethod]
    public void Images_GoToTheModelsThatTakeThem_AndScoresAreInUnitsOfTheData()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(
            "select", folder.Data, "--model", "ppca,vae-1", "--latents", "2", "--image", "2x2", "--filters", "3,5", "--epochs", "3", "--criterion", "held-out");
        Assert.AreEqual(0, run.Status, run.Error);
        StringAssert.Contains(run.Out, "in units of the data");
        StringAssert.Contains(run.Out, "vae-1 (latents 2, image 2x2x1, filters 3,5, epochs 3)");
        StringAssert.Contains(run.Out, "ppca (latents 2)");
        Assert.DoesNotContain("failed", run.Out);
        CliRun json = CliRun.Of("select", folder.Data, "--model", "vae-1", "--latents", "2", "--image", "2x2", "--filters", "3,5", "--epochs", "3", "--json");
        JsonElement options = JsonDocument.Parse(json.Out).RootElement.GetProperty("trials")[0].GetProperty("options");
        Assert.AreEqual("2x2x1", options.GetProperty("image").GetString());
        CollectionAssert.AreEqual(new[] { 3, 5 }, options.GetProperty("filters").EnumerateArray().Select(f => f.GetInt32()).ToArray());
    }

    [TestMethod]
    public void Text_IsATable_AndNamesFailures()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of("select", folder.Data, "--model", "ppca", "--latents", "1,2,9");
        Assert.AreEqual(0, run.Status, run.Error);
        string[] lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        StringAssert.StartsWith(lines[0], "3 trials by bic (lower is better)");
        StringAssert.StartsWith(lines[4], "failed  ppca (latents 9):");
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    public void WhatTrialsKnowOfThemselves_IsInTableAndJson()
    {
        using CliFolder folder = new();
        string[] arguments = ["select", folder.Data, "--model", "ppca,factor-analysis", "--latents", "2,3"];
        JsonElement[] trials = [.. CliRun.Of([.. arguments, "--json"]).Json.GetProperty("trials").EnumerateArray()];
        JsonElement loose = trials.First(t => t.GetProperty("model").GetString() == "factor-analysis" && t.GetProperty("latents").GetInt32() == 3);
        StringAssert.Contains(string.Join(' ', loose.GetProperty("warnings").EnumerateArray().Select(w => w.GetString())), "Not identifiable: 3 latents for 4 columns");
        foreach (JsonElement trial in trials)
        {
            Assert.AreEqual("densities", trial.GetProperty("likelihoodKind").GetString());
            Assert.IsTrue(trial.TryGetProperty("converged", out _) && trial.TryGetProperty("stopReason", out _) && trial.TryGetProperty("atFloor", out _));
        }

        StringAssert.Contains(CliRun.Of(arguments).Out, "warning  factor-analysis (latents 3): Not identifiable: 3 latents");
    }

    [TestMethod]
    public void HowTheFileWasRead_IsInTheJsonAsInThatOfAFit()
    {
        using CliFolder folder = new();
        string pandas = folder.Write("pandas.csv", "0,1,2\n0.5,1.5,-1\n0.25,3,0.5\n0.75,2.5,4\n0.1,4,1.5\n");
        CliRun select = CliRun.Of("select", pandas, "--model", "ppca", "--latents", "1", "--json");
        string? note = select.Json.GetProperty("warnings")[0].GetString();
        StringAssert.Contains(note, "--header no");
        Assert.AreEqual(CliRun.Of("fit", pandas, "--model", "ppca", "--latents", "1", "--json").Json.GetProperty("warnings")[0].GetString(), note);
        Assert.AreEqual($"entropy-elbo: note: {note}", select.Error.Trim());
    }

    [TestMethod]
    public void DensitiesAndProbabilities_AreApart_AndEndWithWhy()
    {
        using CliFolder folder = new();
        File.WriteAllLines(folder["bits.csv"], Enumerable.Range(0, 40).Select(i => $"{i % 2},{i / 2 % 2},{i / 3 % 2}"));
        string[] arguments = ["select", folder["bits.csv"], "--model", "ppca,sbn", "--latents", "1", "--scale", "none"];
        CliRun apart = CliRun.Of(arguments);
        Assert.AreEqual(1, apart.Status);
        StringAssert.Contains(apart.Error, "ppca gives densities, sbn gives probabilities");
        StringAssert.Contains(apart.Out, "\nprobabilities:\n");
        Assert.AreEqual(0, CliRun.Of([.. arguments, "--mixed-likelihoods"]).Status);
        CliRun refused = CliRun.Of([.. arguments, "--out", folder["best.eelbo"]]);
        Assert.AreEqual(1, refused.Status);
        StringAssert.Contains(refused.Error, "cannot be ranked in one list");
        Assert.IsFalse(File.Exists(folder["best.eelbo"]));
    }

    [TestMethod]
    public void BadInput_IsOneLine()
    {
        using CliFolder folder = new();
        Failed(1, "--model", "nothing", "--latents", "2");
        Failed(1, "--model", "ppca", "--latents", "9");
        Failed(1, "--model", "ppca", "--latents", "2", "--hidden", "4");
        Failed(1, "--model", "ppca", "--latents", "2", "--folds", "3");
        Failed(1, "--model", "ppca", "--latents", "2", "--time", "0");
        Failed(1, "--model", "ppca", "--latents", "2", "--max-trials", "0");
        Failed(1, "--model", "ppca", "--latents", "2", "--image", "2x2");
        Failed(2, "--model", "vae-1", "--latents", "2", "--flips");
        Failed(2, "--latents", "2");
        Failed(2, "--model", "ppca", "--latents", "two");
        Failed(2, "--model", "ppca", "--criterion", "best");
        Failed(2, "--model", "ppca", "--criterion", "held-out", "--folds", "3", "--test-fraction", "0.5");

        void Failed(int status, params string[] options)
        {
            CliRun run = CliRun.Of(["select", folder.Data, .. options]);
            Assert.AreEqual(status, run.Status, run.Error);
            if (status == 1)
            {
                Assert.AreEqual(1, run.Error.Count(c => c == '\n'), run.Error);
            }
        }
    }

    [TestMethod]
    public void Interrupted_EndsWith130()
    {
        using CliFolder folder = new();
        using CancellationTokenSource source = new();
        source.Cancel();
        CliRun run = CliRun.With(null, ["select", folder.Data, "--model", "ppca", "--latents", "1,2"], source.Token);
        Assert.AreEqual(130, run.Status);
    }

    [TestMethod]
    public void NamesOfMixturesKeepTheirCommas() => CollectionAssert.AreEqual(
        new[] { "ppca", "mixture:gaussian-diagonal@1-3,poisson@4-6,bernoulli@7", "vae-1", "mixture:gamma" },
        FamilyNames.Split("ppca, mixture:gaussian-diagonal@1-3,poisson@4-6,bernoulli@7,vae-1,mixture:gamma").ToArray());
}
