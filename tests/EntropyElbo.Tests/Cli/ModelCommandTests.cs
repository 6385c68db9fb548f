using System.Globalization;
using System.Text.Json;
using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Models;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary><c>evaluate</c>, <c>encode</c> and <c>generate</c>.</summary>
[TestClass]
public sealed class ModelCommandTests
{
    [TestMethod]
    public void EvaluatingTheTrainingRowsGivesTheReportOfTheFit()
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        JsonElement fit = CliRun.Of(folder.Fit("--json", "--out", model)).Json;
        CliRun run = CliRun.Of("evaluate", model, folder.Data, "--json", "--samples", fit.GetProperty("samples").GetRawText());
        Assert.AreEqual(0, run.Status, run.Error);
        foreach (string field in new[] { "elbo", "entropySum", "kl", "relativeGap", "bic", "rows", "latentEntropies", "collapsedLatents", "stopReason", "epochs" })
        {
            Assert.AreEqual(fit.GetProperty(field).GetRawText(), run.Json.GetProperty(field).GetRawText(), field);
        }

        Assert.AreEqual(JsonValueKind.Null, run.Json.GetProperty("remark").ValueKind);
    }

    [TestMethod]
    public void OnOtherRowsTheReportSaysWhatEntropySumsDescribe()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string other = folder.Write("other.csv", CliFolder.Table(40, seed: 9));
        StringAssert.Contains(CliRun.Of("evaluate", model, other).Out, "rows a model was trained on");
        StringAssert.Contains(CliRun.Of("evaluate", model, other, "--json").Json.GetProperty("remark").GetString(), "rows a model was trained on");
    }

    [TestMethod]
    public void MoreSamplesLessError()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        double few = CliRun.Of("evaluate", model, folder.Data, "--json", "--samples", "2").Json.GetProperty("standardError").GetDouble();
        double many = CliRun.Of("evaluate", model, folder.Data, "--json", "--samples", "200").Json.GetProperty("standardError").GetDouble();
        Assert.AreEqual(10, few / many, 3);
    }

    [TestMethod]
    public void ColumnsAreFoundByName()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string expected = CliRun.Of("encode", model, folder.Data, "--out", "-").Out;
        CliRun byName = CliRun.Of("encode", model, folder.Labelled, "--out", "-");
        Assert.AreEqual("", byName.Error);
        Assert.AreEqual(expected, byName.Out);
        Assert.AreEqual(expected, CliRun.OfInput(File.ReadAllText(folder.Labelled), "encode", model, "-", "--out", "-").Out);

        // Other names: by position, and the tool says so; the user's choice goes first.
        string renamed = folder.Write("renamed.csv", "p,q,r,s\n" + File.ReadAllText(folder.Data).Split('\n', 2)[1]);
        CliRun byPosition = CliRun.Of("encode", model, renamed, "--out", "-");
        Assert.AreEqual(expected, byPosition.Out);
        StringAssert.Contains(byPosition.Error, "by position");
        Assert.AreEqual(expected, CliRun.Of("encode", model, folder.Labelled, "--columns", "a,b,c,d", "--out", "-").Out);
        Assert.AreNotEqual(expected, CliRun.Of("encode", model, folder.Labelled, "--columns", "b,a,c,d", "--out", "-").Out);
    }

    [TestMethod]
    public void EncodingGivesTheModelsMeansAndVariances()
    {
        using CliFolder folder = new();
        string path = folder.FitModel();

        // More rows than one block of the encoder and one of the writer.
        string data = folder.Write("long.csv", CliFolder.Table(20_000, seed: 3));
        string codes = folder["codes.csv"];
        CliRun run = CliRun.Of("encode", path, data, "--out", codes);
        Assert.AreEqual(0, run.Status, run.Error);
        (double[] rows, int count) = new CsvRows(data).ReadAll();
        CsvRows written = new(codes);
        CollectionAssert.AreEqual(new[] { "mean_1", "mean_2", "variance_1", "variance_2" }, written.ColumnNames.ToArray());
        (double[] values, int encoded) = written.ReadAll();
        Assert.AreEqual(count, encoded);
        LatentModel model = ModelFamilies.Load(path);
        double[] means = new double[2];
        double[] variances = new double[2];
        foreach (int row in new[] { 0, 255, 256, 16_383, 16_384, 19_999 })
        {
            model.Encode(rows.AsSpan(4 * row, 4), means, variances);
            for (int h = 0; h < 2; h++)
            {
                Assert.AreEqual(means[h], values[(4 * row) + h], 1e-5 * Math.Max(1, Math.Abs(means[h])));
                Assert.AreEqual(variances[h], values[(4 * row) + 2 + h], 1e-5 * variances[h]);
            }
        }
    }

    [TestMethod]
    public void Explain_AddsWhatTheScoreIsMadeOf()
    {
        using CliFolder folder = new();
        string model = folder.FitModel(), codes = folder["codes.csv"];
        CliRun run = CliRun.Of("encode", model, folder.Labelled, "--out", codes, "--score", "--reconstruct", "--explain", "--samples", "4", "--seed", "3");
        Assert.AreEqual(0, run.Status, run.Error);
        CsvRows written = new(codes);
        CollectionAssert.AreEqual(
            new[] { "score_a", "score_b", "score_c", "score_d", "kl_1", "kl_2", "entropy_1", "entropy_2" }, written.ColumnNames.Skip(9).ToArray());
        double[] values = written.ReadAll().Values;
        (double[] rows, int count) = new CsvRows(folder.Data).ReadAll();
        double[] terms = new double[count * 4], kl = new double[count * 2], entropies = new double[count * 2];
        ModelFamilies.Load(model).RowTerms(rows, terms, kl, entropies, samples: 4, seed: 3);
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<double> own = values.AsSpan(row * 17, 17);
            Assert.AreEqual(own[4], own[9] + own[10] + own[11] + own[12] + own[13] + own[14], 1e-4 * (1 + Math.Abs(own[4])));
            Assert.AreEqual(-terms[(4 * row) + 2], own[11], 1e-5 * (1 + Math.Abs(-terms[(4 * row) + 2])));
            Assert.AreEqual(kl[(2 * row) + 1], own[14], 1e-5 * (1 + Math.Abs(kl[(2 * row) + 1])));
            Assert.AreEqual(entropies[2 * row], own[15], 1e-5 * (1 + Math.Abs(entropies[2 * row])));
        }
    }

    [TestMethod]
    public void EncodingLeavesOutMissingRowsWhenAsked()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string data = folder.Write("gaps.csv", "a,b,c,d\n1,2,3,4\n,2,3,4\n1,1,1,1\n");
        CliRun run = CliRun.Of("encode", model, data, "--out", "-", "--skip-missing");
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual(3, run.Out.TrimEnd().Split('\n').Length);
        StringAssert.Contains(run.Error, "1 row with missing values");
    }

    [TestMethod]
    public void GenerateWritesTheSeededRows()
    {
        using CliFolder folder = new();
        string path = folder["pca.csv"];
        CliRun run = CliRun.Of("generate", "pca", "--rows", "37", "--seed", "5", "--out", path);
        Assert.AreEqual(0, run.Status, run.Error);
        (double[] expected, _) = SyntheticData.Create("pca", 37, 5).ReadAll();
        (double[] written, int rows) = new CsvRows(path).ReadAll();
        Assert.AreEqual(37, rows);
        CollectionAssert.AreEqual(expected, written);
        Assert.AreEqual(File.ReadAllText(path), CliRun.Of("generate", "pca", "--rows", "37", "--seed", "5", "--out", "-").Out);
        string defaults = CliRun.Of("generate", "bars", "--out", "-").Out;
        Assert.AreEqual(SyntheticData.DefaultRows("bars") + 1, defaults.TrimEnd().Split('\n').Length);
    }

    [TestMethod]
    public void FiguresDoNotDependOnTheCulture()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string invariant = CliRun.Of("encode", model, folder.Data, "--out", "-").Out;
        CultureInfo old = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = comma;
            Assert.AreEqual(invariant, CliRun.Of("encode", model, folder.Data, "--out", "-").Out);
            CliRun fit = CliRun.Of(folder.Fit("--learning-rate", "0.001", "--report", folder["r.html"]));
            Assert.AreEqual(0, fit.Status, fit.Error);
            string page = File.ReadAllText(folder["r.html"]);
            string path = page[page.IndexOf(" d=\"", StringComparison.Ordinal)..];
            Assert.IsFalse(path[..path.IndexOf("/>", StringComparison.Ordinal)].Contains(',', StringComparison.Ordinal));
            Assert.IsFalse(fit.Out.Split('\n')[1].Split("nats")[0].Contains(',', StringComparison.Ordinal));
        }
        finally
        {
            CultureInfo.CurrentCulture = old;
        }
    }

    /// <summary>The score's mean is minus the ELBO of an evaluation; with closed forms it is minus the log-likelihood of each row.</summary>
    [TestMethod]
    public void RowsHaveTheirScoresLikelihoodsAndReconstructions()
    {
        using CliFolder folder = new();
        string path = folder["m.eelbo"];
        Assert.AreEqual(0, CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "3", "--out", path).Status);
        CliRun run = CliRun.Of("encode", path, folder.Data, "--out", folder["codes.csv"], "--score", "--log-likelihood", "--reconstruct");
        Assert.AreEqual(0, run.Status, run.Error);
        CsvRows written = new(folder["codes.csv"]);
        string[] names =
        [
            "mean_1", "mean_2", "mean_3", "variance_1", "variance_2", "variance_3", "score", "log_likelihood",
            "reconstruction_a", "reconstruction_b", "reconstruction_c", "reconstruction_d",
        ];
        CollectionAssert.AreEqual(names, written.ColumnNames.ToArray());
        (double[] values, int rows) = written.ReadAll();
        double elbo = CliRun.Of("evaluate", path, folder.Data, "--json").Json.GetProperty("elbo").GetDouble();
        Assert.AreEqual(-elbo, Enumerable.Range(0, rows).Average(r => values[(12 * r) + 6]), 1e-9);
        (double[] data, _) = new CsvRows(folder.Data).ReadAll();
        LatentModel model = ModelFamilies.Load(path);
        double[] expected = new double[data.Length];
        model.Reconstruct(data, expected);
        for (int r = 0; r < rows; r++)
        {
            Assert.AreEqual(-values[(12 * r) + 6], values[(12 * r) + 7], 1e-9);
            Assert.AreEqual(0.0, Enumerable.Range(0, 4).Max(d => Math.Abs(expected[(4 * r) + d] - values[(12 * r) + 8 + d])));

            // Two of four columns are functions of the others: three latents lose little.
            Assert.AreEqual(data[(4 * r) + 3], values[(12 * r) + 11], 0.2);
        }
    }

    /// <summary>p-PCA with D-1 latents has the mean and covariance of its data: draws must have them, too.</summary>
    [TestMethod]
    public void SampledRowsHaveTheMomentsOfTheModel()
    {
        using CliFolder folder = new();
        string path = folder["m.eelbo"];
        Assert.AreEqual(0, CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "3", "--out", path).Status);
        string[] sample = ["sample", path, "--seed", "3", "--rows"];
        Assert.AreEqual(0, CliRun.Of([.. sample, "20000", "--out", folder["s.csv"]]).Status);
        CsvRows drawn = new(folder["s.csv"]);
        CollectionAssert.AreEqual(new[] { "a", "b", "c", "d" }, drawn.ColumnNames.ToArray());
        (double[] values, int rows) = drawn.ReadAll();
        Assert.AreEqual(20_000, rows);
        (double[] data, _) = new CsvRows(folder.Data).ReadAll();
        double[] expected = Moments(data);
        double[] found = Moments(values);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], found[i], 0.03 * Math.Max(0.3, Math.Abs(expected[i])), $"moment {i}");
        }

        string text = CliRun.Of([.. sample, "300", "--out", "-"]).Out;
        Assert.IsTrue(File.ReadAllText(folder["s.csv"]).StartsWith(text, StringComparison.Ordinal), "the first rows do not depend on their number");
        Assert.AreNotEqual(text, CliRun.Of("sample", path, "--rows", "300", "--out", "-").Out);
    }

    /// <summary>Draws lie in the support, and their means are the data's, which maximum likelihood gives for each of these.</summary>
    [TestMethod]
    [DataRow("mixture:poisson", "--components", 40.0)]
    [DataRow("mixture:binomial:9", "--components", 9.0)]
    [DataRow("mixture:bernoulli", "--components", 1.0)]
    [DataRow("sbn", "--latents", 1.0)]
    public void SampledCountsAreCounts(string family, string option, double largest)
    {
        using CliFolder folder = new();
        Random random = new(4);
        int bound = largest > 9 ? 8 : (int)largest + 1;
        string data = folder.Write("n.csv", "a,b\n" + string.Concat(Enumerable.Range(0, 200).Select(_ => $"{random.Next(bound)},{random.Next(bound)}\n")));
        string path = folder["m.eelbo"];
        CliRun fit = CliRun.Of("fit", data, "--model", family, option, "2", "--out", path);
        Assert.AreEqual(0, fit.Status, fit.Error);
        CliRun sample = CliRun.Of("sample", path, "--rows", "6000", "--out", folder["s.csv"]);
        Assert.AreEqual(0, sample.Status, sample.Error);
        (double[] values, _) = new CsvRows(folder["s.csv"]).ReadAll();
        Assert.IsTrue(values.All(v => v >= 0 && v <= largest && v == Math.Floor(v)));
        (double[] original, _) = new CsvRows(data).ReadAll();
        Assert.AreEqual(original.Average(), values.Average(), family == "sbn" ? 0.1 : 0.05 * largest);
        StringAssert.Contains(CliRun.Of("sample", path, "--rows", "0", "--out", "-").Error, "--rows: ");
    }

    private static double[] Moments(double[] rows)
    {
        int count = rows.Length / 4;
        double[] means = [.. Enumerable.Range(0, 4).Select(d => Enumerable.Range(0, count).Average(r => rows[(4 * r) + d]))];
        return
        [
            .. means,
            .. from i in Enumerable.Range(0, 4)
               from j in Enumerable.Range(0, 4)
               select Enumerable.Range(0, count).Average(r => (rows[(4 * r) + i] - means[i]) * (rows[(4 * r) + j] - means[j])),
        ];
    }
}
