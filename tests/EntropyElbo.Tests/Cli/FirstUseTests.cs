using EntropyElbo.Data;

namespace EntropyElbo.Tests.Cli;

/// <summary>What a new user gets wrong is answered by the option, column and file that are meant, and with what to do.</summary>
[TestClass]
public sealed class FirstUseTests
{
    [TestMethod]
    [DataRow("", "--weight: weight has an empty entry")]
    [DataRow("0", "--weight: weight has the position 0")]
    [DataRow("9", "--weight: weight asks for column 9")]
    [DataRow("w", "--weight: no column is named 'w'")]
    public void AColumnOfWeightsThatIsNotThere(string weight, string expected)
    {
        using CliFolder folder = new();
        Refuses(expected, "fit", folder.Data, "--model", "ppca", "--latents", "1", "--weight", weight);
    }

    [TestMethod]
    public void ALabelThatIsNotThere()
    {
        using CliFolder folder = new();
        string[] fit = ["fit", folder.Data, "--model", "ppca", "--latents", "1", "--report", folder["r.html"], "--label"];
        Refuses("--label: label has an empty entry", [.. fit, ""]);
        Refuses("--label: label asks for column 9", [.. fit, "9"]);
    }

    [TestMethod]
    public void WeightsThatAreMissingOrAllZero()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string holes = folder.Write("holes.csv", "a,b,c,d,w\n1,2,3,4,1\n2,3,5,1,\n2,1,4,3,1\n");
        string none = folder.Write("none.csv", "a,b,c,d,w\n1,2,3,4,0\n2,3,5,1,0\n");
        Refuses("row 2 (the first is 1) has no weight, a missing value, in column 'w'", "evaluate", model, holes, "--weight", "w");
        Refuses("no row has a weight above 0", "evaluate", model, none, "--weight", "w");
    }

    [TestMethod]
    public void EmptyNamesAndQueries()
    {
        using CliFolder folder = new();
        Refuses("the name of the model is empty", folder.Fit("--from", ""));
        Refuses("the name of the file is empty", "explain", "");
        Refuses("--query: The text is empty", "fit", "--query", " ", "--model", "ppca", "--latents", "1");
        Refuses("--categorical: The text is empty", [.. folder.Fit(), "--categorical", ","]);
        Refuses("the name of the data is empty", "fit", "", "--database", folder.Data, "--model", "ppca", "--latents", "1");
    }

    /// <summary>Neither is of a version to come.</summary>
    [TestMethod]
    public void StatesAndCheckpointsAreNoModels()
    {
        using CliFolder folder = new();
        string state = folder["s.eelbo"], checkpoint = folder["c.eelbo"];
        foreach (string family in new[] { "ppca", "factor-analysis", "mixture:gaussian-full" })
        {
            File.Delete(state);
            string size = family.StartsWith("mix", StringComparison.Ordinal) ? "--components" : "--latents";
            CliRun run = CliRun.Of("watch", folder.Data, "--window", "20", "--model", family, size, "2", "--state", state);
            Assert.AreEqual(0, run.Status, run.Error);
            Refuses("holds the state of a stream, and no model; 'watch --state FILE'", "evaluate", state, folder.Data);
        }

        Assert.AreEqual(0, CliRun.Of(folder.Fit("--checkpoint", checkpoint)).Status);
        Refuses("holds the state of a fit that is under way, and no model", folder.Fit("--from", checkpoint));
    }

    /// <summary>-999 would be a number to a next step that forgot it.</summary>
    [TestMethod]
    public void TheNextStepReadsTheRowsAlike()
    {
        using CliFolder folder = new();
        string data = folder.Write("data.txt", "1,5;2;3;1\n2,5;-999;4;1\n1;3;3,5;2\n7;1;2;2\n5;4;1;1\n"), model = folder["m.eelbo"], codes = folder["codes.csv"];
        string reading = "--delimiter ';' --decimal comma --header no --missing -999,n.a. --weight 4 --skip-missing";
        string[] options = reading.Replace("'", "", StringComparison.Ordinal).Split(' ');
        CliRun fit = CliRun.Of(["fit", data, "--model", "ppca", "--latents", "1", "--out", model, .. options]);
        Assert.AreEqual(0, fit.Status, fit.Error);
        string quoted = OperatingSystem.IsWindows() ? reading.Replace('\'', '"') : reading;
        StringAssert.Contains(fit.Out, $"entropy-elbo encode {model} {data} {quoted} --out codes.csv");
        CliRun encoded = CliRun.Of(["encode", model, data, .. options, "--out", codes]);
        Assert.AreEqual(0, encoded.Status, encoded.Error);
        Assert.HasCount(5, File.ReadAllLines(codes), "names and four rows");
        StringAssert.Contains(encoded.Out, $"entropy-elbo evaluate {model} {data} {quoted}");
        StringAssert.Contains(encoded.Out, "1 mean and 1 variance:");
    }

    [TestMethod]
    [DataRow("rows.json")]
    [DataRow("rows.csv.gz")]
    [DataRow("rows.XLSX")]
    public void NamesOfFormatsThatAreNotWritten(string name)
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        Refuses("--out: ", "encode", model, folder.Data, "--out", folder[name]);
        Refuses("--out: ", "sample", model, "--rows", "3", "--out", folder[name]);
        Refuses("ends like a file of another format", "generate", "bars", "--rows", "3", "--out", folder[name]);
        Assert.IsFalse(File.Exists(folder[name]));
    }

    [TestMethod]
    public void SampleAndGenerateWriteArrowByItsName()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        foreach (string name in new[] { "s.arrow", "s.feather" })
        {
            Assert.AreEqual(0, CliRun.Of("sample", model, "--rows", "3", "--out", folder[name]).Status);
            CollectionAssert.AreEqual("ARROW1"u8.ToArray(), File.ReadAllBytes(folder[name])[..6], name);
        }

        CliRun made = CliRun.Of("generate", "bars", "--rows", "3", "--out", folder["g.arrow"]);
        CollectionAssert.AreEqual("ARROW1"u8.ToArray(), File.ReadAllBytes(folder["g.arrow"])[..6]);
        Assert.IsFalse(made.Out.Contains("then:", StringComparison.Ordinal), "no command reads it");
    }

    [TestMethod]
    public void ASelectionSpeaksOfItsOption()
    {
        BadOptionException error = Assert.ThrowsExactly<BadOptionException>(() => new WeightedRows(new InMemoryRows([1, 2], 2), "w"));
        Assert.AreEqual("weight", error.Option);
        Assert.AreEqual("columns", Assert.ThrowsExactly<BadOptionException>(() => ColumnSelection.Parse("0")).Option);
    }

    private static void Refuses(string expected, params string[] args)
    {
        CliRun run = CliRun.Of(args);
        Assert.AreEqual(1, run.Status, run.Error);
        StringAssert.Contains(run.Error, expected);
        Assert.AreEqual(1, run.Error.TrimEnd('\n').Split('\n').Length, run.Error);
    }
}
