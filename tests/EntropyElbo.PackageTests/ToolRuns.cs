using EntropyElbo.Tests.Shared;

namespace EntropyElbo.PackageTests;

/// <summary>Compares builds of the tool by what they train.</summary>
internal static class ToolRuns
{
    /// <summary>The tool as the repository builds it.</summary>
    private static readonly string Ordinary = Path.Combine(
        Repository.Root, "src", "EntropyElbo.Cli", "bin", "Release", "net10.0", "entropy-elbo.dll");

    /// <summary>The tool's program in a folder.</summary>
    public static string Program(string folder) => Path.Combine(folder, OperatingSystem.IsWindows() ? "entropy-elbo.exe" : "entropy-elbo");

    /// <summary>
    /// A fit of the digits, an evaluation and an encoding by another build of the tool: the model file, with the figures of its report in
    /// it, and what is printed and written have the bytes of the ordinary build's.
    /// </summary>
    public static void AssertSameModel(string folder, string other)
    {
        string[] mine = Results(folder, "dotnet", [Ordinary], "ordinary");
        string[] theirs = Results(folder, other, [], "other");
        CollectionAssert.AreEqual(mine, theirs);
        byte[] model = File.ReadAllBytes(Path.Combine(folder, "ordinary.eelbo"));
        Assert.IsTrue(model.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder, "other.eelbo"))), "the model files differ");
    }

    /// <summary>After <see cref="AssertSameModel"/>: codes written as Parquet train the model that those in CSV do.</summary>
    public static void AssertReadsParquet(string folder, string program)
    {
        foreach (string kind in (string[])["csv", "parquet"])
        {
            DotNet.RunProgram(program, folder, "encode", "other.eelbo", Examples.Digits, "--columns", "1-64", "--out", $"codes.{kind}");
            DotNet.RunProgram(program, folder, "fit", $"codes.{kind}", "--model", "ppca", "--latents", "2", "--out", $"{kind}.eelbo");
        }

        byte[] model = File.ReadAllBytes(Path.Combine(folder, "parquet.eelbo"));
        Assert.IsTrue(model.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder, "csv.eelbo"))), "the model files differ");
    }

    /// <summary>The tool says in one line what it cannot do.</summary>
    public static void AssertRefuses(string folder, string program, string part, params string[] arguments)
    {
        (int status, _, string error) = DotNet.TryRun(program, folder, arguments);
        Assert.AreEqual(1, status, error);
        StringAssert.Contains(error, part);
        Assert.HasCount(1, error.TrimEnd().Split('\n'), error);
    }

    /// <summary>Whether a file is DuckDB's native library, for any platform.</summary>
    public static bool IsDuckDb(string path) => Path.GetFileName(path) is "libduckdb.so" or "libduckdb.dylib" or "duckdb.dll";

    private static string[] Results(string folder, string program, string[] before, string name)
    {
        string model = $"{name}.eelbo", codes = Path.Combine(folder, $"{name}.csv");
        string[] data = [Examples.Digits, "--columns", "1-64"];
        string page = Path.Combine(folder, $"{name}.html");
        DotNet.RunProgram(
            program, folder,
            [.. before, "fit", .. data, "--model", "vae-1", "--latents", "4", "--epochs", "5", "--out", model, "--report", page]);
        string report = DotNet.RunProgram(program, folder, [.. before, "evaluate", model, .. data, "--json"]);
        DotNet.RunProgram(program, folder, [.. before, "encode", model, .. data, "--out", codes, "--score"]);
        StringAssert.Contains(File.ReadAllText(page), "<svg");
        StringAssert.Contains(report, "\"elbo\":");
        return [WithoutTimes(report), File.ReadAllText(codes), DotNet.RunProgram(program, folder, [.. before, "models"])];
    }

    private static string WithoutTimes(string json) => string.Join(',', json.Split(',').Where(part => !IsTime(part)));

    private static bool IsTime(string part) =>
        part.StartsWith("\"seconds\"", StringComparison.Ordinal) || part.StartsWith("\"rowsPerSecond\"", StringComparison.Ordinal);
}
