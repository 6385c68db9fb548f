using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>A folder with the packages of all libraries and of the tool, and a configuration of NuGet that knows it.</summary>
internal sealed class Feed : IDisposable
{
    private const string ToolPackage = "EntropyElbo.Cli.";

    /// <summary>What is packed was built with the tests; packages are made in Release, whatever the tests are.</summary>
#if DEBUG
    private const string Build = "--no-restore";
#else
    private const string Build = "--no-build";
#endif

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("packages-");

    public Feed()
    {
        string packages = Directory.CreateDirectory(Path.Combine(_root.FullName, "feed")).FullName;
        string source = Path.Combine(Repository.Root, "src");
        Projects = [.. Directory.GetFiles(source, "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
        foreach (string project in Projects)
        {
            DotNet.Run(Repository.Root, "pack", project, "-c", "Release", "-o", packages, Build);
        }

        Packages = [.. Directory.GetFiles(packages, "*.nupkg").Order(StringComparer.Ordinal)];
        string shared = DotNet.Run(Repository.Root, "nuget", "locals", "global-packages", "--list").Trim().Split(": ", 2)[1];
        File.WriteAllText(Path.Combine(_root.FullName, "NuGet.config"), Configuration(packages, shared));
    }

    public string[] Projects { get; }

    public string[] Packages { get; }

    /// <summary>The one version of all packages.</summary>
    public string Version => Packages.Select(p => Path.GetFileNameWithoutExtension(p)!)
        .Single(name => name.StartsWith(ToolPackage, StringComparison.Ordinal))[ToolPackage.Length..];

    /// <summary>A new folder beside the feed, outside the repository.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_root.FullName, name)).FullName;

    public void Dispose() => _root.Delete(recursive: true);

    /// <summary>
    /// The feed beside the sources of the machine. Our packages go to a folder of their own and not where those of a real version belong;
    /// all others are taken from where the repository's own restore has put them.
    /// </summary>
    private string Configuration(string packages, string shared) => $"""
        <?xml version="1.0" encoding="utf-8"?>
        <configuration>
          <packageSources>
            <add key="packages-under-test" value="{packages}" />
          </packageSources>
          <config>
            <add key="globalPackagesFolder" value="{Path.Combine(_root.FullName, "installed")}" />
          </config>
          <fallbackPackageFolders>
            <add key="shared" value="{shared}" />
          </fallbackPackageFolders>
        </configuration>
        """;
}
