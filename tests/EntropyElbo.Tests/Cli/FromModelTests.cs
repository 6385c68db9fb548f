using System.Globalization;
using System.Security.Cryptography;
using EntropyElbo.Data;
using EntropyElbo.Tests.Contracts;

namespace EntropyElbo.Tests.Cli;

/// <summary><c>fit --from MODEL</c>.</summary>
[TestClass]
public sealed class FromModelTests
{
    /// <summary>One case of every family that starts from models.</summary>
    public static IEnumerable<object[]> Families => StartCases.All.DistinctBy(c => c[0]).Select(c => new[] { c[0], c[1] });

    [TestMethod]
    [DynamicData(nameof(Families))]
    public void EveryFamily_GoesOnFromItsFile(string family, string settings)
    {
        using CliFolder folder = new();
        string data = folder.Write("rows.csv", Text(StartCases.Rows(family, settings)));
        string[] fit =
        [
            "fit", data, "--model", family, family.StartsWith("mixture", StringComparison.Ordinal) ? "--components" : "--latents", "2",
            .. settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Where(s => !s.StartsWith("latents", StringComparison.Ordinal)).SelectMany(Option),
            "--certificate", "no", "--json",
        ];
        string model = folder["m.eelbo"];
        double saved = Elbo([.. fit, "--epochs", "8", "--out", model]);
        Assert.IsGreaterThan(saved - 0.3, Elbo([.. fit, "--epochs", "1", "--from", model]));
        Assert.AreNotEqual(Elbo([.. fit, "--epochs", "1"]), Elbo([.. fit, "--epochs", "1", "--from", model]), 1e-6, "the file counts");
    }

    [TestMethod]
    public void AFit_GoesOnFromASavedModel_WithMoreLatentsOrFewer()
    {
        using CliFolder folder = new();
        string[] fit = ["fit", folder.Data, "--model", "sparse-coding", "--json"];
        string first = folder["first.eelbo"];
        double one = Elbo([.. fit, "--latents", "1", "--epochs", "40", "--out", first]);
        double two = Elbo([.. fit, "--latents", "2", "--epochs", "40"]);
        Assert.AreEqual(one, Elbo([.. fit, "--latents", "1", "--epochs", "1", "--from", first]), 0.01);
        Assert.IsLessThan(one - 0.05, Elbo([.. fit, "--latents", "1", "--epochs", "1"]), "without it one iteration is not enough");
        Assert.IsGreaterThan(one, Elbo([.. fit, "--latents", "2", "--epochs", "40", "--from", first]));
        Assert.IsGreaterThan(one, two);
    }

    /// <summary>The model's columns are found by name, whatever their order and whatever is beside them, as in <c>encode</c>.</summary>
    [TestMethod]
    public void TheModelsColumns_AreFoundByName()
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        string[] fit = ["--model", "factor-analysis", "--latents", "1", "--json"];
        double saved = Elbo(["fit", folder.Data, .. fit, "--out", model]);
        Assert.AreEqual(saved, Elbo(["fit", folder.Labelled, .. fit, "--from", model, "--report", folder["r.html"]]), 1e-6);
        string page = File.ReadAllText(folder["r.html"]), digest = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(model)))[..16];
        StringAssert.Contains(page, $"m.eelbo (SHA-256 {digest})", "the page says what repeats the run");
        StringAssert.Contains(page, "minmax, as in that model");
        Assert.AreEqual(1, CliRun.Of(["fit", folder.Labelled, .. fit]).Status, "a column of text is no data without it");
    }

    [TestMethod]
    public void WhatCannotBeStartedFrom_IsRefused()
    {
        using CliFolder folder = new();
        string vae = folder.FitModel();
        byte[] bytes = File.ReadAllBytes(vae);
        File.WriteAllBytes(folder["short.eelbo"], bytes[..(bytes.Length / 2)]);
        string others = folder.Write("others.csv", File.ReadAllText(folder.Data).Replace("a,b,c,d", "a,b,e,d", StringComparison.Ordinal));
        Refused(folder.Data, ["--model", "sparse-coding", "--from", vae], "--from: A fit of sparse-coding cannot start from a model of vae-1");
        Refused(folder.Data, ["--model", "ppca", "--from", vae], "--from: Probabilistic PCA is fitted in closed form");
        Refused(folder.Data, ["--model", "sparse-coding", "--from", folder["none.eelbo"]], "none.eelbo");
        Refused(folder.Data, ["--model", "vae-1", "--from", folder["short.eelbo"]], "short.eelbo");
        Refused(folder.Data, ["--model", "vae-1", "--from", folder.Data], "data.csv");
        Refused(folder.Data, ["--model", "vae-1", "--hidden", "4", "--from", vae], "--latents: 'latents' is 1, and the model to start from has 2");
        string[] same = ["--model", "vae-1", "--latents", "2", "--hidden", "4", "--from", vae];
        Refused(folder.Data, [.. same, "--scale", "standard"], "--scale: The model to start from scales its columns by minmax");
        Refused(folder.Data, [.. same, "--columns", "a,b,d"], "has 4 columns (a, b, c, d), the rows have 3 (a, b, d)");
        Refused(others, same, "Column 3 of the model to start from is 'c', that of the rows 'e'");

        void Refused(string data, string[] more, string message)
        {
            CliRun run = CliRun.Of(["fit", data, .. more.Contains("--latents") ? [] : (string[])["--latents", "1"], .. more, "--out", folder["new.eelbo"]]);
            Assert.AreEqual(1, run.Status);
            StringAssert.Contains(run.Error, message);
            Assert.HasCount(1, run.Error.TrimEnd('\n').Split('\n'));
            Assert.IsFalse(File.Exists(folder["new.eelbo"]));
        }
    }

    private static double Elbo(string[] arguments)
    {
        CliRun run = CliRun.Of(arguments);
        Assert.AreEqual(0, run.Status, run.Error);
        return run.Json.GetProperty("elbo").GetDouble();
    }

    /// <summary>Some settings have an option of their own.</summary>
    private static string[] Option(string setting)
    {
        string[] pair = setting.Split('=');
        return pair[0] is "hidden" or "batch" or "restarts" or "image" or "filters" or "likelihood" ? [$"--{pair[0]}", pair[1]] : ["--set", setting];
    }

    private static string Text(InMemoryRows rows)
    {
        double[] values = rows.ReadAll().Values;
        IEnumerable<string> lines = values.Chunk(rows.Columns).Select(
            row => string.Join(',', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture))));
        return string.Join('\n', lines.Prepend(string.Join(',', rows.ColumnNames))) + "\n";
    }
}
