using System.Runtime.InteropServices;
using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>The tool as one file: trimmed, and compiled ahead of time. Warnings of the trimmer and of the compiler are errors.</summary>
[TestClass]
public sealed class PublishedToolTests
{
    /// <summary>DuckDB's library lies beside it.</summary>
    [TestMethod]
    public void OneTrimmedFile_TrainsTheSameModelAndReadsParquet() => PublishAndCompare(
        ToolRuns.AssertReadsParquet, "--self-contained", "-p:PublishSingleFile=true", "-p:PublishTrimmed=true", "-p:PublishReadyToRun=true");

    /// <summary>Without DuckDB there is one file in all.</summary>
    [TestMethod]
    public void CompiledAheadOfTime_TrainsTheSameModel()
    {
        if (OperatingSystem.IsLinux() && !Linkers().Any(File.Exists))
        {
            Assert.Inconclusive("compiling ahead of time needs clang or gcc, and PATH has neither");
        }

        PublishAndCompare(AssertIsWithoutDuckDb, "-p:PublishAot=true", "-p:DuckDb=false");
    }

    /// <summary>In a folder for all that is built: a restore for one runtime would replace that of the repository's own build.</summary>
    private static void PublishAndCompare(Action<string, string> more, params string[] kind)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("published-");
        try
        {
            string output = Path.Combine(folder.FullName, "tool");
            (int status, string printed, string error) = DotNet.TryRun(
                "dotnet", Repository.Root,
                [
                    "publish", Path.Combine("src", "EntropyElbo.Cli"), "-c", "Release",
                    "-r", RuntimeInformation.RuntimeIdentifier, "-o", output,
                    $"-p:ArtifactsPath={folder.FullName}/build", "-p:RunAnalyzers=false", .. kind,
                ]);
            bool missing = printed.Contains("NU1101", StringComparison.Ordinal) || printed.Contains("NU1102", StringComparison.Ordinal);
            if (missing && Environment.GetEnvironmentVariable("ALLOW_MISSING") == "1")
            {
                Assert.Inconclusive($"the feed lacks a package:\n{printed}");
            }

            Assert.AreEqual(0, status, $"{printed}\n{error}");
            Assert.IsFalse(Directory.EnumerateFiles(output, "*.dll").Any(f => Path.GetFileName(f) != "duckdb.dll"), "not one file");
            ToolRuns.AssertSameModel(folder.FullName, ToolRuns.Program(output));
            more(folder.FullName, ToolRuns.Program(output));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void AssertIsWithoutDuckDb(string folder, string program)
    {
        Assert.IsFalse(Directory.EnumerateFiles(Path.GetDirectoryName(program)!).Any(ToolRuns.IsDuckDb), "DuckDB's library is there");
        File.WriteAllText(Path.Combine(folder, "x.parquet"), "PAR1 and so on");
        string[] model = ["--model", "ppca", "--latents", "1"];
        ToolRuns.AssertRefuses(folder, program, "a Parquet file; read it with EntropyElbo.DuckDB", ["fit", "x.parquet", .. model]);
        ToolRuns.AssertRefuses(folder, program, "-p:DuckDb=false", ["fit", "--query", "SELECT 1 AS a, 2 AS b", .. model]);
        ToolRuns.AssertRefuses(folder, program, "-p:DuckDb=false", ["encode", "other.eelbo", Examples.Digits, "--columns", "1-64", "--out", "c.parquet"]);
    }

    private static IEnumerable<string> Linkers() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, "clang"), Path.Combine(folder, "gcc")]);
}
