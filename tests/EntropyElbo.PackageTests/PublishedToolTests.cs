using System.Runtime.InteropServices;
using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>The tool as one file: trimmed, and compiled ahead of time. Warnings of the trimmer and of the compiler are errors.</summary>
[TestClass]
public sealed class PublishedToolTests
{
    [TestMethod]
    public void OneTrimmedFile_TrainsTheSameModel() =>
        PublishAndCompare("--self-contained", "-p:PublishSingleFile=true", "-p:PublishTrimmed=true", "-p:PublishReadyToRun=true");

    [TestMethod]
    public void CompiledAheadOfTime_TrainsTheSameModel()
    {
        if (OperatingSystem.IsLinux() && !Linkers().Any(File.Exists))
        {
            Assert.Inconclusive("compiling ahead of time needs clang or gcc, and PATH has neither");
        }

        PublishAndCompare("-p:PublishAot=true");
    }

    /// <summary>In a folder for all that is built: a restore for one runtime would replace that of the repository's own build.</summary>
    private static void PublishAndCompare(params string[] kind)
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
            Assert.IsFalse(Directory.EnumerateFiles(output, "*.dll").Any(), "not one file");
            ToolRuns.AssertSameModel(folder.FullName, ToolRuns.Program(output));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Linkers() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => (string[])[Path.Combine(folder, "clang"), Path.Combine(folder, "gcc")]);
}
