using System.Text.RegularExpressions;
using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>C# examples of documents, and the data they read.</summary>
internal static partial class Examples
{
    public static string Digits { get; } = Path.Combine(Repository.Root, "examples", "data", "digits.csv");

    /// <summary>The first example of a document, or of what follows a heading in it.</summary>
    public static string First(string path, string heading = "")
    {
        string text = File.ReadAllText(path).ReplaceLineEndings("\n");
        int start = text.IndexOf(heading, StringComparison.Ordinal);
        Assert.IsTrue(start >= 0, $"{path} has no heading '{heading}'");
        Match match = Fence().Match(text, start);
        Assert.IsTrue(match.Success, $"{path} has no example after '{heading}'");
        return match.Groups[1].Value;
    }

    /// <summary>Puts the digits where examples look for them.</summary>
    public static void PutData(string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "examples", "data"));
        File.Copy(Digits, Path.Combine(folder, "examples", "data", "digits.csv"));
        File.Copy(Digits, Path.Combine(folder, "data.csv"));
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
