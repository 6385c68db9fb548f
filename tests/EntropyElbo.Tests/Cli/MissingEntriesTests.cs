namespace EntropyElbo.Tests.Cli;

/// <summary><c>--missing-entries marginal</c>.</summary>
[TestClass]
public sealed class MissingEntriesTests
{
    [TestMethod]
    public void RowsWithMissingValues_AreFitted_Evaluated_AndFilledIn()
    {
        using CliFolder folder = new();
        string[] lines = File.ReadAllLines(folder.Data);
        for (int i = 1; i < lines.Length; i += 4)
        {
            string[] cells = lines[i].Split(',');
            cells[i % 3] = "";
            lines[i] = string.Join(',', cells);
        }

        string holed = folder.Write("holed.csv", string.Join('\n', lines)), model = folder["holed.eelbo"], codes = folder["codes.csv"];
        string[] fit = ["fit", holed, "--model", "sparse-coding", "--latents", "2", "--epochs", "20", "--json"];
        string refused = CliRun.Of(fit).Error;
        StringAssert.Contains(refused, "missing or not a finite number");
        StringAssert.Contains(refused, "--missing-entries marginal");
        CliRun run = CliRun.Of([.. fit, "--missing-entries", "marginal", "--out", model]);
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual(60, run.Json.GetProperty("rows").GetInt64());
        CliRun evaluated = CliRun.Of("evaluate", model, holed, "--missing-entries", "marginal", "--json");
        Assert.AreEqual(0, evaluated.Status, evaluated.Error);
        Assert.AreEqual(run.Json.GetProperty("elbo").GetDouble(), evaluated.Json.GetProperty("elbo").GetDouble(), 1e-9);
        StringAssert.Contains(CliRun.Of("evaluate", model, holed).Error, "--missing-entries marginal");
        StringAssert.Contains(CliRun.Of("encode", model, holed, "--out", codes).Error, "--missing-entries marginal");
        string plain = CliRun.Of("fit", holed, "--model", "ppca", "--latents", "1").Error;
        StringAssert.Contains(plain, "--skip-missing");
        Assert.DoesNotContain("--missing-entries", plain, "it could not");
        CliRun encoded = CliRun.Of("encode", model, holed, "--missing-entries", "marginal", "--reconstruct", "--score", "--out", codes);
        Assert.AreEqual(0, encoded.Status, encoded.Error);
        Assert.IsTrue(File.ReadLines(codes).Skip(1).All(line => line.Split(',').All(cell => double.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out double v) && double.IsFinite(v))));
        CliRun other = CliRun.Of("fit", holed, "--model", "ppca", "--latents", "1", "--missing-entries", "marginal");
        Assert.AreEqual(1, other.Status);
        StringAssert.Contains(other.Error, "--missing-entries: ");
        Assert.AreEqual(2, CliRun.Of([.. fit, "--missing-entries", "marginal", "--skip-missing"]).Status, "one of the two");
    }
}
