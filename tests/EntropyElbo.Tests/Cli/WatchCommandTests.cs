using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EntropyElbo.Data;
using EntropyElbo.Streaming;
using EntropyElbo.Tests.Families.Mixture;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary><c>watch</c>: lines as rows come, a state that goes on, and answers to what is no row.</summary>
[TestClass]
public sealed class WatchCommandTests
{
    private const int Patience = 60_000;
    private static readonly string Header = "a,b,c,d\n";

    [TestMethod]
    public void ALineComesEverySoManyRows()
    {
        CliRun run = CliRun.OfInput(Header + Rows(0, 2600), "watch", "-", "--window", "1000", "--every", "500", "--json");
        Assert.AreEqual(0, run.Status, run.Error);
        JsonElement[] lines = Lines(run.Out);
        CollectionAssert.AreEqual(new[] { 500, 1000, 1500, 2000, 2500, 2600 }, lines.Select(l => l.GetProperty("rows").GetInt32()).ToArray());
        StreamingPca learner = new(4, new StreamingPcaOptions { Memory = 1000, ReadingRows = 500 });
        List<StreamReading> readings = [];
        learner.Add(Values(0, 2600), readings.Add);
        for (int i = 0; i < readings.Count; i++)
        {
            Assert.AreEqual(readings[i].EntropySum, lines[i].GetProperty("entropySum").GetDouble());
            Assert.AreEqual(readings[i].Elbo, lines[i].GetProperty("elbo").GetDouble());
            Assert.AreEqual(readings[i].Latents, lines[i].GetProperty("latents").GetInt32());
        }

        Assert.AreEqual("end of input", lines[^1].GetProperty("end").GetString());
        string text = CliRun.OfInput(Header + Rows(0, 1100), "watch", "-", "--window", "1000", "--every", "500").Out;
        StringAssert.Contains(text, "entropy sum");
        StringAssert.Contains(text, "end of input: 1100 rows");
    }

    [TestMethod]
    [DataRow("--model ppca")]
    [DataRow("--model factor-analysis --latents 1")]
    [DataRow("--model mixture:gaussian-diagonal --components 3")]
    public void AStreamInPieces_EndsInTheStateOfTheWhole(string model)
    {
        using CliFolder folder = new();
        string[] args = ["watch", "-", "--window", "1000", "--every", "300", .. model.Split(' '), "--state"];
        Assert.AreEqual(0, CliRun.OfInput(Header + Rows(0, 5000), [.. args, folder["whole"]]).Status);
        Assert.AreEqual(0, CliRun.OfInput(Header + Rows(0, 1234), [.. args, folder["parts"]]).Status);
        CliRun second = CliRun.OfInput(Rows(1234, 2500), "watch", "-", "--state", folder["parts"], "--header", "no");
        Assert.AreEqual(0, second.Status, second.Error);
        Assert.AreEqual(0, CliRun.OfInput(Header + Rows(2500, 5000), [.. args, folder["parts"]]).Status);
        CollectionAssert.AreEqual(File.ReadAllBytes(folder["whole"]), File.ReadAllBytes(folder["parts"]));
    }

    /// <summary>The pipe stays open: lines come all the same, and the signal ends the wait for more.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("TERM")]
    [DataRow("INT")]
    public void ASignalSavesTheState_AndItGoesOn(string signal)
    {
        using CliFolder folder = new();
        string[] options = ["--window", "500", "--every", "250", "--json", "--state"];
        Assert.AreEqual(0, CliRun.OfInput(Header + Rows(0, 1500), ["watch", "-", .. options, folder["whole"]]).Status);
        using Process process = ProcessTests.Start(["watch", "-", .. options, folder["parts"]]);
        Task<string> error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(Header + Rows(0, 750));
        process.StandardInput.Flush();
        string? line;
        do
        {
            line = process.StandardOutput.ReadLine();
        }
        while (line?.Contains("\"rows\":750,", StringComparison.Ordinal) == false);

        Assert.IsNotNull(line, error.IsCompleted ? error.Result : "");
        using (Process kill = Process.Start("kill", ["-" + signal, $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        string rest = process.StandardOutput.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(Patience), "still running");
        Assert.AreEqual(130, process.ExitCode, error.Result);
        StringAssert.Contains(rest, "\"end\":\"interrupted\"");
        Assert.AreEqual(0, CliRun.OfInput(Rows(750, 1500), ["watch", "-", .. options, folder["parts"]]).Status);
        CollectionAssert.AreEqual(File.ReadAllBytes(folder["whole"]), File.ReadAllBytes(folder["parts"]));
    }

    [TestMethod]
    public void RowsBeforeABadLineAreKept()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.OfInput($"{Header}{Rows(0, 700)}1,2,x,4\n{Rows(700, 900)}", "watch", "-", "--window", "500", "--state", folder["s"]);
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, "line 702");
        Assert.AreEqual(700, StreamLearner.Open(folder["s"]).Rows);
        CliRun missing = CliRun.OfInput($"{Header}1,,3,4\n{Rows(0, 20)}", "watch", "-", "--json", "--skip-missing");
        Assert.AreEqual(1, Lines(missing.Out)[^1].GetProperty("skippedRows").GetInt32());
    }

    [TestMethod]
    [DataRow("", "empty")]
    [DataRow("a,b,c\n", "only a line of column names")]
    [DataRow("a,b\n,1\n", "missing")]
    [DataRow("a\n1\n2\n", "columns")]
    public void NoRows_AreAnAnswer(string text, string says)
    {
        using CliFolder folder = new();
        CliRun run = CliRun.OfInput(text, "watch", "-", "--state", folder["s"]);
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, says);
        Assert.IsFalse(File.Exists(folder["s"]));
    }

    [TestMethod]
    [DataRow("--window 1", "--window")]
    [DataRow("--every 0", "--every")]
    [DataRow("--model vae-1", "--model")]
    [DataRow("--model factor-analysis", "--latents")]
    [DataRow("--model mixture:gaussian-full", "--components")]
    [DataRow("--model mixture:poisson --components 2", "Gaussian")]
    [DataRow("--components 3", "--components")]
    [DataRow("--latents 4", "latents")]
    [DataRow("--state -", "--state")]
    public void OptionsThatCannotBe(string options, string says)
    {
        CliRun run = CliRun.OfInput(Header + Rows(0, 10), ["watch", "-", .. options.Split(' ')]);
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Error, says);
    }

    [TestMethod]
    public void AStateIsGoneOnWithAsItWasBegun()
    {
        using CliFolder folder = new();
        string[] args = ["watch", "-", "--state", folder["s"]];
        Assert.AreEqual(0, CliRun.OfInput(Header + Rows(0, 300), [.. args, "--window", "500"]).Status);
        foreach (string other in (string[])["--window 600", "--every 7", "--model factor-analysis", "--alarm 5", "--latents 2", "--components 2"])
        {
            CliRun run = CliRun.OfInput(Header + Rows(300, 310), [.. args, .. other.Split(' ')]);
            Assert.AreEqual(1, run.Status, other);
            StringAssert.Contains(run.Error, other.Split(' ')[0]);
        }

        CliRun narrow = CliRun.OfInput("1,2,3\n4,5,6\n", args);
        StringAssert.Contains(narrow.Error, "3 columns");
        Assert.AreEqual(300, StreamLearner.Open(folder["s"]).Rows);
    }

    private static double[] Values(int first, int end) =>
        MixtureTestData.Rows("gaussian-full", 5000, 2).ReadAll().Values[(first * 4)..(end * 4)];

    private static string Rows(int first, int end)
    {
        StringBuilder text = new();
        foreach (double[] row in Values(first, end).Chunk(4))
        {
            text.AppendJoin(',', row.Select(v => v.ToString("R", CultureInfo.InvariantCulture))).Append('\n');
        }

        return text.ToString();
    }

    private static JsonElement[] Lines(string text) =>
        [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.Clone())];
}
