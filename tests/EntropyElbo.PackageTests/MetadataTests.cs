using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Xml.Linq;
using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>What stands in the packages.</summary>
[TestClass]
public sealed class MetadataTests
{
    private readonly Feed _feed = Packed.Feed;

    [TestMethod]
    public void EveryProjectHasAPackageAndItsSymbols()
    {
        Assert.HasCount(_feed.Projects.Length, _feed.Packages);
        foreach (string package in _feed.Packages)
        {
            Assert.IsTrue(File.Exists(Path.ChangeExtension(package, ".snupkg")), $"{package} has no symbols");
            Assert.IsTrue(package.EndsWith($".{_feed.Version}.nupkg", StringComparison.Ordinal), $"{package} is of another version");
        }
    }

    [TestMethod]
    public void EveryPackageSaysWhatItIs()
    {
        foreach (string path in _feed.Packages)
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            using Stream stream = package.Entries.Single(e => e.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
            Dictionary<string, string> facts = XDocument.Load(stream).Root!.Elements().Single().Elements()
                .ToDictionary(e => e.Name.LocalName, e => e.Value, StringComparer.Ordinal);
            Assert.AreEqual("MIT", facts["license"], path);
            Assert.AreEqual("README.md", facts["readme"], path);
            Assert.AreEqual("icon.png", facts["icon"], path);
            StringAssert.Contains(facts["tags"], "elbo", path);
            Assert.IsGreaterThan(40, facts["description"].Length, $"{path}: {facts["description"]}");
            StringAssert.StartsWith(Text(package, "README.md"), "# ", path);
            StringAssert.Contains(Text(package, "icon.png"), "PNG", path);
        }
    }

    [TestMethod]
    public void EveryLibraryIsDocumented()
    {
        foreach (string path in _feed.Packages)
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry library in package.Entries.Where(IsLibrary))
            {
                Assert.AreEqual("lib/net10.0/" + library.Name, library.FullName);
                StringAssert.Contains(Text(package, Path.ChangeExtension(library.FullName, ".xml")), "<summary>", path);
            }
        }
    }

    /// <summary>They would be 330 MB, and each machine could use one of them.</summary>
    [TestMethod]
    public void NoPackageHoldsDuckDbsLibraries()
    {
        foreach (string path in _feed.Packages)
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            Assert.IsFalse(package.Entries.Any(e => ToolRuns.IsDuckDb(e.FullName)), path);
        }
    }

    /// <summary>Assemblies are searched as bytes, symbols by their documents, whose paths are stored in parts.</summary>
    [TestMethod]
    public void NoAssemblyNamesTheFolderItWasBuiltIn()
    {
        int assemblies = 0, documents = 0;
        foreach (string path in _feed.Packages.Concat(_feed.Packages.Select(p => Path.ChangeExtension(p, ".snupkg"))))
        {
            using ZipArchive package = ZipFile.OpenRead(path);
            foreach (ZipArchiveEntry entry in package.Entries.Where(IsOurs))
            {
                byte[] bytes = Bytes(entry);
                string name = $"{path}, {entry.FullName}";
                assemblies += Is(entry, ".dll") ? 1 : 0;
                Assert.IsFalse(Holds(bytes, Encoding.UTF8) || Holds(bytes, Encoding.Unicode), $"{name} holds {Repository.Root}");
                documents += Is(entry, ".pdb") ? CheckDocuments(bytes, name) : 0;
            }
        }

        Assert.IsGreaterThanOrEqualTo(_feed.Packages.Length, assemblies);
        Assert.IsGreaterThan(100, documents);
    }

    private static int CheckDocuments(byte[] bytes, string name)
    {
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(bytes));
        MetadataReader reader = provider.GetMetadataReader();
        foreach (DocumentHandle handle in reader.Documents)
        {
            StringAssert.StartsWith(reader.GetString(reader.GetDocument(handle).Name), "/_", name);
        }

        return reader.Documents.Count;
    }

    private static bool Holds(byte[] bytes, Encoding encoding) => bytes.AsSpan().IndexOf(encoding.GetBytes(Repository.Root)) >= 0;

    private static bool Is(ZipArchiveEntry entry, string extension) => entry.Name.EndsWith(extension, StringComparison.Ordinal);

    private static bool IsLibrary(ZipArchiveEntry entry) =>
        entry.FullName.StartsWith("lib/", StringComparison.Ordinal) && Is(entry, ".dll");

    private static bool IsOurs(ZipArchiveEntry entry) =>
        entry.Name.Contains("EntropyElbo", StringComparison.Ordinal) || entry.Name.StartsWith("entropy-elbo", StringComparison.Ordinal);

    private static string Text(ZipArchive package, string name) =>
        Encoding.UTF8.GetString(Bytes(package.GetEntry(name) ?? throw new AssertFailedException($"no {name}")));

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
