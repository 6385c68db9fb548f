using System.Text.RegularExpressions;
using EntropyElbo.Tests.Shared;

namespace EntropyElbo.Tests;

/// <summary>
/// The floors of docs/design.md against the sources of all assemblies. An arrow is a <c>using</c> line, or a type of an enclosing namespace that is named
/// without one; it must lead to a floor further down.
/// </summary>
[TestClass]
public sealed partial class ArchitectureTests
{
    [TestMethod]
    [DataRow("EntropyElbo")]
    [DataRow("EntropyElbo.DuckDB")]
    [DataRow("EntropyElbo.TorchSharp")]
    [DataRow("EntropyElbo.Onnx")]
    [DataRow("MLNet.EntropyElbo")]
    [DataRow("EntropyElbo.Cli")]
    public void EveryArrowLeadsDown(string assembly)
    {
        List<string[]> floors = Floors(assembly);
        Source[] sources = Sources(assembly);
        CollectionAssert.AreEquivalent(
            sources.Select(s => s.Folder).Distinct().ToArray(), floors.SelectMany(f => f).ToArray(), "the floors in docs/design.md name every folder once, and no other");
        Assert.AreEqual("", string.Join('\n', Upward(sources, floors, assembly)), "an arrow may only lead to a floor further down");
    }

    [TestMethod]
    [DataRow("EntropyElbo")]
    [DataRow("EntropyElbo.DuckDB")]
    [DataRow("EntropyElbo.TorchSharp")]
    [DataRow("EntropyElbo.Onnx")]
    [DataRow("MLNet.EntropyElbo")]
    [DataRow("EntropyElbo.Cli")]
    public void EveryFolderIsItsNamespace(string assembly)
    {
        foreach (Source source in Sources(assembly).Where(s => s.Namespace.Length > 0))
        {
            Assert.AreEqual(Namespace(assembly, source.Folder), source.Namespace, source.Path);
        }
    }

    /// <summary>The check itself fails where it should: an arrow up by a using line, one by an enclosing namespace, and one between neighbours.</summary>
    [TestMethod]
    public void ArrowsUp_AreFound()
    {
        List<string[]> floors = [["."], ["Low"], ["High", "Beside"], ["Low/Inner"]];
        Source[] sources =
        [
            new("a", ".", "A", "namespace A;\npublic class Root;"),
            new("b", "Low", "A.Low", "using A.High;\nnamespace A.Low;\npublic class Lowest { Tall x; }"),
            new("c", "High", "A.High", "using A.Low;\nusing A.Beside;\nnamespace A.High;\npublic class Tall { Lowest x; Root y; }"),
            new("d", "Beside", "A.Beside", "namespace A.Beside;\npublic class Other;"),
            new("e", "Low/Inner", "A.Low.Inner", "namespace A.Low.Inner;\npublic class Deep { Lowest x; }"),
        ];
        CollectionAssert.AreEquivalent(
            new[] { "b: Low -> High (using A.High)", "c: High -> Beside (using A.Beside)" }, Upward(sources, floors, "A").ToArray());
        List<string[]> turned = [["Low/Inner"], ["."], ["Low"], ["Beside"], ["High"]];
        CollectionAssert.Contains(Upward(sources, turned, "A").ToArray(), "e: Low/Inner -> Low (Lowest)");
    }

    private static List<string> Upward(Source[] sources, List<string[]> floors, string assembly)
    {
        Dictionary<string, int> height = [];
        foreach (string folder in floors.SelectMany(f => f))
        {
            height[Namespace(assembly, folder)] = floors.FindIndex(f => f.Contains(folder));
        }

        Dictionary<string, HashSet<string>> declared = sources
            .SelectMany(s => Declaration().Matches(s.Text).Select(m => (Type: m.Groups[1].Value, s.Namespace)))
            .GroupBy(d => d.Type).ToDictionary(g => g.Key, g => g.Select(d => d.Namespace).ToHashSet());
        List<string> wrong = [];
        foreach (Source source in sources.Where(s => s.Namespace.Length > 0))
        {
            foreach ((string target, string why) in Arrows(source, declared).Where(a => height.ContainsKey(a.Target)))
            {
                if (height[target] >= height[source.Namespace])
                {
                    wrong.Add($"{source.Path}: {source.Folder} -> {Folder(assembly, target)} ({why})");
                }
            }
        }

        return wrong;
    }

    private static IEnumerable<(string Target, string Why)> Arrows(Source source, Dictionary<string, HashSet<string>> declared)
    {
        foreach (Match match in Using().Matches(source.Text))
        {
            yield return (match.Groups[1].Value, $"using {match.Groups[1].Value}");
        }

        HashSet<string> words = [.. Word().Matches(Literal().Replace(Comment().Replace(source.Text, ""), "")).Select(m => m.Value)];
        for (string outer = Outer(source.Namespace); outer.Length > 0; outer = Outer(outer))
        {
            foreach (string word in words.Where(w => declared.TryGetValue(w, out HashSet<string>? places) && places.Contains(outer) && !places.Contains(source.Namespace)))
            {
                yield return (outer, word);
            }
        }
    }

    private static string Outer(string name) => name.LastIndexOf('.') is int dot and > 0 ? name[..dot] : "";

    private static string Namespace(string assembly, string folder) => folder == "." ? assembly : $"{assembly}.{folder.Replace('/', '.')}";

    private static string Folder(string assembly, string name) => name == assembly ? "." : name[(assembly.Length + 1)..].Replace('.', '/');

    private static Source[] Sources(string assembly)
    {
        string root = Path.Combine(Repository.Root, "src", assembly);
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(path => (Path: path, Relative: Path.GetRelativePath(root, path).Replace('\\', '/')))
                .Where(f => !f.Relative.StartsWith("obj/", StringComparison.Ordinal) && !f.Relative.StartsWith("bin/", StringComparison.Ordinal))
                .Select(f => Read(f.Path, f.Relative)),
        ];
    }

    private static Source Read(string path, string relative)
    {
        string text = File.ReadAllText(path).ReplaceLineEndings("\n");
        int slash = relative.LastIndexOf('/');
        return new Source(relative, slash < 0 ? "." : relative[..slash], NamespaceLine().Match(text).Groups[1].Value, text);
    }

    /// <summary>The lines under the assembly's name in the section "Floors", the lowest first; folders with a comma between them stand on one floor.</summary>
    private static List<string[]> Floors(string assembly)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "design.md"));
        int section = Array.IndexOf(lines, "## Floors");
        Assert.IsGreaterThanOrEqualTo(0, section, "docs/design.md has a section Floors");
        return
        [
            .. lines.Skip(section + 1).TakeWhile(l => !l.StartsWith("## ", StringComparison.Ordinal))
                .SkipWhile(l => l.Trim() != assembly).Skip(1).TakeWhile(l => l.StartsWith("      ", StringComparison.Ordinal))
                .Select(l => Folders().Match(l.Trim()).Value.Split(", ")),
        ];
    }

    [GeneratedRegex(@"^(?:(?:public|internal|static|abstract|sealed|readonly|unsafe|partial|ref|file) )*(?:class|record struct|record|struct|interface|enum|delegate [\w<>\[\], ?.]+?) ([A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^using (?:static )?([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+\b")]
    private static partial Regex Word();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex("\"(?:[^\"\\\\\n]|\\\\.)*\"")]
    private static partial Regex Literal();

    [GeneratedRegex(@"^[\w./]+(?:, [\w./]+)*")]
    private static partial Regex Folders();

    private sealed record Source(string Path, string Folder, string Namespace, string Text);
}
