using System.Globalization;
using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary><c>fit</c>: what it prints and what it leaves.</summary>
[TestClass]
public sealed class FitCommandTests
{
    private static readonly string[] Fields =
    [
        "elbo", "reconstruction", "kl", "entropySum", "encoderEntropy", "priorEntropy", "decoderEntropy", "baseMeasure",
        "priorResidual", "noiseResidual", "relativeGap", "standardError", "model", "latents", "rows", "columns",
        "collapsedLatents", "latentEntropies", "activities", "bic", "converged", "certificate", "unclosed", "stopReason", "epochs", "seconds",
        "rowsPerSecond", "test", "skippedRows",
    ];

    [TestMethod]
    public void JsonHasEveryFieldAndAgreesWithItself()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(folder.Fit("--json"));
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual("", run.Error);
        Assert.AreEqual(1, run.Out.TrimEnd().Split('\n').Length);
        JsonElement json = run.Json;
        foreach (string field in Fields)
        {
            Assert.IsTrue(json.TryGetProperty(field, out _), field);
        }

        Assert.AreEqual("vae-1", json.GetProperty("model").GetString());
        Assert.AreEqual(2, json.GetProperty("latents").GetInt32());
        Assert.AreEqual(60, json.GetProperty("rows").GetInt64());
        Assert.AreEqual(4, json.GetProperty("columns").GetInt32());
        Assert.AreEqual(3, json.GetProperty("epochs").GetInt32());
        Assert.AreEqual("epochLimit", json.GetProperty("stopReason").GetString());
        Assert.IsFalse(json.GetProperty("converged").GetBoolean());
        Assert.AreEqual(2, json.GetProperty("latentEntropies").GetArrayLength());
        Assert.AreEqual(2, json.GetProperty("activities").GetArrayLength());
        Assert.AreEqual(JsonValueKind.Null, json.GetProperty("test").ValueKind);
        CollectionAssert.AreEquivalent(
            new[] { "entropy", "kl", "activity" },
            json.GetProperty("collapsedLatents").EnumerateObject().Select(p => p.Name).ToArray());
        double elbo = json.GetProperty("elbo").GetDouble();
        Assert.AreEqual(json.GetProperty("reconstruction").GetDouble() - json.GetProperty("kl").GetDouble(), elbo, 1e-9 * Math.Abs(elbo));
        double identity = json.GetProperty("entropySum").GetDouble()
            - json.GetProperty("priorResidual").GetDouble() - json.GetProperty("noiseResidual").GetDouble();
        Assert.AreEqual(identity, elbo, 1e-4 * Math.Abs(elbo));
    }

    [TestMethod]
    public void TheCertificateSaysWhatIsLeftToGain_UnlessSwitchedOff()
    {
        using CliFolder folder = new();
        JsonElement json = CliRun.Of(folder.Fit("--json")).Json;
        JsonElement certificate = json.GetProperty("certificate");
        Assert.IsGreaterThan(certificate.GetProperty("tolerance").GetDouble(), certificate.GetProperty("expectedGain").GetDouble());
        CollectionAssert.IsSubsetOf(
            new[] { "encoder.0", "decoder.0", "decoder.log_variance" },
            certificate.GetProperty("eulerResiduals").EnumerateObject().Select(p => p.Name).ToArray());
        Assert.IsGreaterThan(1, json.GetProperty("unclosed").GetProperty("gained").GetDouble());
        StringAssert.Contains(CliRun.Of(folder.Fit()).Out, "still to gain       at least about");
        JsonElement off = CliRun.Of(folder.Fit("--json", "--certificate", "no")).Json;
        Assert.AreEqual(JsonValueKind.Null, off.GetProperty("certificate").ValueKind);
        Assert.AreEqual(json.GetProperty("elbo").GetDouble(), off.GetProperty("elbo").GetDouble());
        Assert.AreEqual(2, CliRun.Of(folder.Fit("--certificate", "maybe")).Status);
    }

    [TestMethod]
    public void ImagesTakeConvolutionalNetworks()
    {
        using CliFolder folder = new();
        string[] command = ["fit", folder.Data, "--model", "vae-1", "--latents", "2", "--epochs", "2", "--json"];
        CliRun run = CliRun.Of([.. command, "--image", "2x2", "--filters", "3,5", "--flips", "--out", folder["model.eelbo"], "--report", folder["report.html"]]);
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.HasCount(3, File.ReadAllText(folder["report.html"]).Split("data:image/png;base64,"), "two pictures");
        LatentModel model = ModelFamilies.Load(folder["model.eelbo"]);
        Assert.AreEqual("2x2x1", ((GaussianVaeModel)model).Images!.Shape.ToString());
        foreach ((string[] options, int status, string names) in ((string[], int, string)[])
        [
            (["--image", "2x3"], 1, "an image of 2x3x1 has 6"),
            (["--image", "2by2"], 1, "no shape of an image"),
            (["--image", "2x2", "--filters", "0"], 1, "filters"),
            (["--image", "2x2", "--hidden", "4"], 1, "hidden"),
            (["--image", "2x2", "--model", "ppca"], 2, "--model"),
            (["--filters", "3"], 2, "--image"),
            (["--flips"], 2, "--image"),
        ])
        {
            CliRun bad = CliRun.Of([.. command, .. options]);
            Assert.AreEqual(status, bad.Status, string.Join(' ', options));
            StringAssert.Contains(bad.Error, names);
            Assert.AreEqual("", bad.Out);
        }

        CliRun other = CliRun.Of("fit", folder.Data, "--model", "sbn", "--latents", "2", "--image", "2x2");
        Assert.AreEqual(1, other.Status);
        StringAssert.Contains(other.Error, "image");
    }

    [TestMethod]
    public void ThreadsChangeTimingsOnly()
    {
        using CliFolder folder = new();
        Dictionary<string, string> one = WithoutTimings(CliRun.Of(folder.Fit("--json", "--threads", "1", "--test-fraction", "0.3")));
        Dictionary<string, string> two = WithoutTimings(CliRun.Of(folder.Fit("--json", "--threads", "2", "--test-fraction", "0.3")));
        CollectionAssert.AreEquivalent(one, two);
        Dictionary<string, string> otherSeed = WithoutTimings(CliRun.Of(folder.Fit("--json", "--seed", "2", "--test-fraction", "0.3")));
        Assert.AreNotEqual(one["elbo"], otherSeed["elbo"]);
    }

    [TestMethod]
    public void TestRowsAreHeldOutAndReported()
    {
        using CliFolder folder = new();
        JsonElement fraction = CliRun.Of(folder.Fit("--json", "--test-fraction", "0.25")).Json;
        long test = fraction.GetProperty("test").GetProperty("rows").GetInt64();
        Assert.AreEqual(60, test + fraction.GetProperty("rows").GetInt64());
        Assert.IsTrue(test > 0);

        // Columns of the test file are found by name: another order and a text column do no harm.
        JsonElement file = CliRun.Of(folder.Fit("--json", "--test", folder.Labelled)).Json;
        Assert.AreEqual(60, file.GetProperty("test").GetProperty("rows").GetInt64());
        Assert.AreEqual(file.GetProperty("elbo").GetDouble(), file.GetProperty("test").GetProperty("elbo").GetDouble());
    }

    [TestMethod]
    public void SummaryIsPlainTextWithTheSameFigures()
    {
        using CliFolder folder = new();
        string report = folder["r.html"];
        string model = folder["m.eelbo"];
        CliRun run = CliRun.Of(folder.Fit("--out", model, "--report", report, "--test-fraction", "0.2"));
        JsonElement json = CliRun.Of(folder.Fit("--json", "--test-fraction", "0.2")).Json;
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.IsFalse(run.Out.Contains('\u001b', StringComparison.Ordinal));
        StringAssert.Contains(run.Out, json.GetProperty("elbo").GetDouble().ToString("F4", CultureInfo.InvariantCulture));
        foreach (string word in new[] { "ELBO", "entropy sum", "prior residual", "noise residual", "collapsed latents", "converged", "test ELBO", model, report })
        {
            StringAssert.Contains(run.Out, word);
        }
    }

    [TestMethod]
    public void ReportIsOneFileWithTheFigures()
    {
        using CliFolder folder = new();
        string path = folder["r.html"];
        JsonElement json = CliRun.Of(folder.Fit("--json", "--report", path, "--columns", "a,c,d")).Json;
        string page = File.ReadAllText(path);
        StringAssert.Contains(page, json.GetProperty("elbo").GetDouble().ToString("F4", CultureInfo.InvariantCulture));
        Assert.AreEqual(5, page.Split("<svg").Length - 1, "course, residuals, entropies twice, two latents");
        Assert.HasCount(2, page.Split("<script"), "its own script");
        foreach (string outside in new[] { "http", "src=", "url(\"", "NaN", "@import" })
        {
            Assert.IsFalse(page.Contains(outside, StringComparison.OrdinalIgnoreCase), outside);
        }

        System.Xml.Linq.XDocument.Parse(page[page.IndexOf("<svg", StringComparison.Ordinal)..(page.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        CollectionAssert.AreEqual(new[] { "data.csv", "labelled.csv", "r.html" }, folder.Files.ToArray());
    }

    [TestMethod]
    public void HiddenNoneMeansLinearMaps()
    {
        using CliFolder folder = new();
        string path = folder["m.eelbo"];
        Assert.AreEqual(0, CliRun.Of("fit", folder.Data, "--model", "vae-1", "--latents", "1", "--epochs", "1", "--hidden", "none", "--out", path).Status);
        Assert.AreEqual(0, ((GaussianVaeModel)ModelFamilies.Load(path)).Hidden.Count);
        Assert.AreEqual(0, CliRun.Of("fit", folder.Data, "--model", "vae-1", "--latents", "1", "--epochs", "1", "--out", path).Status);
        Assert.AreNotEqual(0, ((GaussianVaeModel)ModelFamilies.Load(path)).Hidden.Count);
    }

    [TestMethod]
    public void EverySettingReachesTheFit()
    {
        using CliFolder folder = new();
        string[] plain = folder.Fit("--json");
        double elbo = CliRun.Of(plain).Json.GetProperty("elbo").GetDouble();
        string[][] changes =
        [
            ["--batch", "7"], ["--learning-rate", "0.01"], ["--beta", "3"], ["--scale", "standard"], ["--scale", "none"],
            ["--columns", "1-3"], ["--seed", "18446744073709551615"],
        ];
        foreach (string[] change in changes)
        {
            CliRun run = CliRun.Of([.. plain, .. change]);
            Assert.AreEqual(0, run.Status, run.Error);
            Assert.AreNotEqual(elbo, run.Json.GetProperty("elbo").GetDouble(), string.Join(' ', change));
        }

        Assert.AreEqual(elbo, CliRun.Of([.. plain, "--device", "auto", "--likelihood", "gaussian", "--scale", "minmax"]).Json.GetProperty("elbo").GetDouble());
    }

    [TestMethod]
    public void StandardInputIsReadAsAFileIs()
    {
        using CliFolder folder = new();
        string[] fit = folder.Fit("--json");
        Dictionary<string, string> file = WithoutTimings(CliRun.Of(fit));
        fit[1] = "-";
        CollectionAssert.AreEquivalent(file, WithoutTimings(CliRun.OfInput(File.ReadAllText(folder.Data), fit)));
    }

    [TestMethod]
    public void RowsWithMissingValuesAreSkippedAndCounted()
    {
        using CliFolder folder = new();
        folder.Write("data.csv", CliFolder.Table(60, 1) + "1,,2,3\n2,NA,1,1\n1,2,3,4\n");
        JsonElement json = CliRun.Of(folder.Fit("--json", "--skip-missing")).Json;
        Assert.AreEqual(2, json.GetProperty("skippedRows").GetInt64());
        Assert.AreEqual(61, json.GetProperty("rows").GetInt64());
        StringAssert.Contains(CliRun.Of(folder.Fit("--skip-missing")).Out, "2 rows with missing values");
    }

    [TestMethod]
    public void AResumedFitEndsInTheSameModelFile()
    {
        using CliFolder folder = new();
        string[] fit = ["fit", folder.Data, "--model", "vae-1", "--latents", "2", "--hidden", "4", "--batch", "16", "--epochs", "300"];
        string whole = folder["whole.eelbo"];
        string resumed = folder["resumed.eelbo"];
        string checkpoint = folder["state"];
        Assert.AreEqual(0, CliRun.Of([.. fit, "--out", whole]).Status);

        using CancellationTokenSource source = new();
        Task<CliRun> interrupted = Task.Run(() => CliRun.With(null, [.. fit, "--checkpoint", checkpoint, "--out", resumed, "--json"], source.Token));
        SpinWait.SpinUntil(() => File.Exists(checkpoint) || interrupted.IsCompleted);
        source.Cancel();
        CliRun first = interrupted.Result;
        Assert.AreEqual(130, first.Status, first.Error);
        Assert.AreEqual("cancelled", first.Json.GetProperty("stopReason").GetString());
        int epochs = first.Json.GetProperty("epochs").GetInt32();
        Assert.IsTrue(epochs is >= 1 and < 300, $"{epochs}");
        Assert.AreEqual(StopReason.Cancelled, ModelFamilies.Load(resumed).Training.StopReason);

        CliRun second = CliRun.Of([.. fit, "--checkpoint", checkpoint, "--resume", "--out", resumed]);
        Assert.AreEqual(0, second.Status, second.Error);
        CollectionAssert.AreEqual(File.ReadAllBytes(whole), File.ReadAllBytes(resumed));
    }

    [TestMethod]
    public void ResumingWithoutACheckpointSaysSo()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(folder.Fit("--checkpoint", folder["state"], "--resume"));
        Assert.AreEqual(0, run.Status);
        StringAssert.Contains(run.Error, "starts anew");
    }

    [TestMethod]
    public void InterruptedBeforeTrainingNothingIsWritten()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.With(null, folder.Fit("--out", folder["m.eelbo"], "--json", "--test-fraction", "0.5"), new CancellationToken(true));
        Assert.AreEqual(130, run.Status);
    }

    private static Dictionary<string, string> WithoutTimings(CliRun run)
    {
        Assert.AreEqual(0, run.Status, run.Error);
        return run.Json.EnumerateObject().Where(p => p.Name is not ("seconds" or "rowsPerSecond")).ToDictionary(p => p.Name, p => p.Value.GetRawText());
    }
}
