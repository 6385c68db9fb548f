using System.Text.RegularExpressions;
using EntropyElbo.Tests.Shared;

namespace EntropyElbo.Tests;

/// <summary>Pointers stay in kernels: a family speaks of matrices and spans, and only its files named *Kernels.cs look behind them.</summary>
[TestClass]
public sealed partial class UnsafeCodeTests
{
    [TestMethod]
    public void Families_HaveUnsafeCodeInKernelsOnly()
    {
        string families = Path.Combine(Repository.Root, "src", "EntropyElbo", "Families");
        string[] files = [.. Directory.EnumerateFiles(families, "*.cs", SearchOption.AllDirectories).Where(f => Unsafe().IsMatch(File.ReadAllText(f)))];
        Assert.AreEqual("", string.Join('\n', files.Where(f => !f.EndsWith("Kernels.cs", StringComparison.Ordinal))));
        Assert.IsNotEmpty(files);
        Assert.IsLessThanOrEqualTo(9, files.Length);
    }

    [GeneratedRegex(@"\bunsafe\b(?! code)")]
    private static partial Regex Unsafe();
}
