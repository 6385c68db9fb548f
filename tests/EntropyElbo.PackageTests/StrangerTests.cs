using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>What somebody does who has the packages and not the repository: every step is a command of docs/install.md.</summary>
[TestClass]
public sealed class StrangerTests
{
    private readonly Feed _feed = Packed.Feed;

    /// <summary>README's first example of the core and those of the packages' own pages; what needs libtorch is compiled only.</summary>
    [TestMethod]
    [DataRow("EntropyElbo", "README.md", "## From C#", true)]
    [DataRow("EntropyElbo", "src/EntropyElbo/README.md", "", true)]
    [DataRow("EntropyElbo.DuckDB", "src/EntropyElbo.DuckDB/README.md", "", true)]
    [DataRow("MLNet.EntropyElbo", "src/MLNet.EntropyElbo/README.md", "", true)]
    [DataRow("EntropyElbo.TorchSharp", "src/EntropyElbo.TorchSharp/README.md", "", false)]
    public void ANewProjectWithThePackage_RunsTheExample(string package, string document, string heading, bool run)
    {
        string folder = _feed.Folder($"project-{package}{heading.Length}");
        DotNet.Run(folder, "new", "console", "--name", "First", "--output", ".", "--no-restore");
        DotNet.Run(folder, "add", "package", package, "--version", _feed.Version);
        File.WriteAllText(Path.Combine(folder, "Program.cs"), Examples.First(Path.Combine(Repository.Root, document), heading));
        Examples.PutData(folder);
        if (run)
        {
            StringAssert.Contains(DotNet.Run(folder, "run"), "ELBO ");
            Assert.IsTrue(Directory.EnumerateFiles(folder).Any(f => Path.GetExtension(f) is ".eelbo" or ".zip"), "no model");
        }
        else
        {
            DotNet.Run(folder, "build");
        }
    }

    [TestMethod]
    public void TheInstalledTool_TrainsTheModelOfTheRepositorysBuild()
    {
        string folder = _feed.Folder("tool");
        DotNet.Run(folder, "tool", "install", "EntropyElbo.Cli", "--version", _feed.Version, "--tool-path", "bin");
        string program = ToolRuns.Program(Path.Combine(folder, "bin"));
        ToolRuns.AssertSameModel(folder, program);
        ToolRuns.AssertRefuses(
            folder, program, "EntropyElbo.Cli.", "fit", "--query", "SELECT 1 AS a, 2 AS b", "--model", "ppca", "--latents", "1");
    }
}
