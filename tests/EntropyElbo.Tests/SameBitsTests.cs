using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EntropyElbo.Tests;

/// <summary>
/// A small model of every family, fitted in processes that differ in the width of their vectors, in how the JIT compiles and in the number of threads: the bytes of the
/// model files must agree with each other, and on Linux x64 with the committed table, so that every machine that runs the suite checks the promise.
/// </summary>
[TestClass]
public sealed class SameBitsTests
{
    private static readonly string Table = Path.Combine(AppContext.BaseDirectory, "Reference", "model-hashes.tsv");

    private static readonly Lazy<string[]> Plain = new(() => Hashes("", "", "2"));

    public static IEnumerable<object[]> Settings =>
    [
        ["", "", "1"],
        ["DOTNET_EnableAVX512", "0", "2"], // .NET 10 has no DOTNET_EnableAVX512F any more.
        ["DOTNET_EnableAVX2", "0", "1"], // 128-bit vectors, no fused multiply-add in the processor.
        ["DOTNET_TieredCompilation", "0", "2"],
        ["DOTNET_TieredPGO", "0", "2"],
    ];

    [TestMethod]
    [DynamicData(nameof(Settings))]
    public void Models_HaveTheSameBits(string variable, string value, string threads) =>
        Assert.AreEqual(string.Join('\n', Plain.Value), string.Join('\n', Hashes(variable, value, threads)), $"{variable}={value}, {threads} threads");

    /// <summary>
    /// Where a change is meant to change what is learnt, write the table anew: <c>dotnet run -c Release --project tests/EntropyElbo.HashCheck > tests/EntropyElbo.Tests/Reference/model-hashes.tsv</c>.
    /// </summary>
    [TestMethod]
    public void Models_HaveTheBitsOfTheTable()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            return; // Elsewhere another C library computes scalar exponentials and logarithms.
        }

        Assert.AreEqual(string.Join('\n', File.ReadAllLines(Table)), string.Join('\n', Plain.Value));
    }

    private static string[] Hashes(string variable, string value, string threads)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "EntropyElbo.HashCheck.dll"), threads]) { RedirectStandardOutput = true };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("DOTNET_Enable", StringComparison.Ordinal) || k.StartsWith("DOTNET_Tiered", StringComparison.Ordinal)).ToArray())
        {
            start.Environment.Remove(name); // What the suite itself runs under must not decide what is compared.
        }

        if (variable.Length > 0)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        string[] lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode);
        Assert.HasCount(36, lines);
        return lines;
    }
}
