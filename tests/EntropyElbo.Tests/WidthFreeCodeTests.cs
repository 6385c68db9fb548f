using EntropyElbo.Tests.Shared;
using System.Text.RegularExpressions;

namespace EntropyElbo.Tests;

/// <summary>Functions and sums of TensorPrimitives have other bits on other vector widths; the library has its own, and element-wise arithmetic is alike on all.</summary>
[TestClass]
public sealed partial class WidthFreeCodeTests
{
    [TestMethod]
    public void Sources_TakeNoFunctionOrSumWhoseBitsDependOnTheWidth()
    {
        string source = Path.Combine(Repository.Root, "src");
        string[] found = [.. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(f => Dependent().Matches(File.ReadAllText(f)).Select(m => $"{Path.GetRelativePath(source, f)}: {m.Value}"))];
        Assert.IsEmpty(found, string.Join(", ", found));
        Assert.AreEqual(2, Dependent().Count("TensorPrimitives.Log(x) + TensorPrimitives.Sum<double>(x) + TensorPrimitives.LogP1(x)"));
    }

    [GeneratedRegex(@"TensorPrimitives\.(Exp|Exp2|Log|Log2|Sum|SumOfSquares|SumOfMagnitudes|Dot|Norm|Distance|CosineSimilarity|ProductOf\w+|Product|SoftMax|Sigmoid|Tanh|Sinh|Cosh|Sin|Cos|SinCos|Tan|Pow|Cbrt|Average|StdDev)\b")]
    private static partial Regex Dependent();
}
