namespace EntropyElbo.Tests.Cli;

/// <summary>The tool where DuckDB's native library is not, as in these tests' own build and in packages for any platform.</summary>
[TestClass]
public sealed class NoDuckLibraryTests
{
    [TestMethod]
    [DataRow("fit DATA --model ppca --latents 1")]
    [DataRow("fit --query SELECT --model ppca --latents 1")]
    [DataRow("fit t --database DATA --model ppca --latents 1")]
    [DataRow("fit FOLDER/*.parquet --model ppca --latents 1")]
    [DataRow("select DATA --model ppca --latents 1")]
    [DataRow("evaluate MODEL DATA")]
    [DataRow("encode MODEL CSV --out FOLDER/codes.parquet")]
    public void EveryUse_IsOneLineThatSaysWhatToInstall(string command)
    {
        using CliFolder folder = new();
        string data = folder.Write("x.parquet", "PAR1 and so on");
        Assert.AreEqual(0, CliRun.Of("fit", folder.Data, "--model", "ppca", "--latents", "1", "--out", folder["m"]).Status);
        string[] before = [.. folder.Files];
        CliRun run = CliRun.Of([.. command.Split(' ').Select(word => word switch
        {
            "DATA" => data,
            "CSV" => folder.Data,
            "MODEL" => folder["m"],
            "SELECT" => "SELECT 1 AS a, 2 AS b",
            _ => word.Replace("FOLDER", folder[""].TrimEnd(Path.DirectorySeparatorChar), StringComparison.Ordinal),
        })]);
        Assert.AreEqual(1, run.Status, run.Error);
        StringAssert.Contains(run.Error, "install the tool from the package made for this platform");
        Assert.HasCount(1, run.Error.TrimEnd().Split('\n'), run.Error);
        CollectionAssert.AreEqual(before, folder.Files.ToArray());
    }
}
