using System.Globalization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Reference;

/// <summary>Reads the committed tables of expected values, and compares with them.</summary>
internal static class ReferenceTable
{
    public const double Bar = 1e-12;

    /// <summary>The cells of every line but the header.</summary>
    public static List<string[]> Read(string file) => File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Reference", file))
        .Skip(1)
        .Select(line => line.Split(','))
        .ToList();

    public static double[] Numbers(string cell) => cell
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(word => double.Parse(word, CultureInfo.InvariantCulture))
        .ToArray();

    /// <summary>What is wrong with a value that should be within Bar max(|expected|, scale), or null.</summary>
    public static string? Mismatch(double expected, double actual, double scale)
    {
        if (expected == actual)
        {
            return null;
        }

        // Subnormal numbers have fewer digits: their spacing, times a factor below 1000, is always allowed (5e-321).
        double allowed = (Bar * Math.Max(Math.Abs(expected), scale)) + (1000 * double.Epsilon);
        double error = Math.Abs(expected - actual);
        return error <= allowed
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"expected {expected:R}, got {actual:R}, {error / allowed:G3} times the bar");
    }

    public static void AssertNone(IReadOnlyCollection<string> failures, int compared)
    {
        Assert.IsGreaterThan(0, compared, "The table holds no such rows.");
        Assert.IsEmpty(failures, $"{failures.Count} of {compared} failed:\n" + string.Join('\n', failures.Take(25)));
    }
}
