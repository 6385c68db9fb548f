using System.Diagnostics;

namespace EntropyElbo.PackageTests;

/// <summary>Runs programs to their end.</summary>
internal static class DotNet
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(7);

    /// <summary>Runs <c>dotnet</c> in a folder; a failure fails the test with all that it printed.</summary>
    public static string Run(string folder, params string[] arguments) => RunProgram("dotnet", folder, arguments);

    /// <summary>Runs a program in a folder; a failure fails the test with all that it printed.</summary>
    /// <returns>Standard output.</returns>
    public static string RunProgram(string program, string folder, params string[] arguments)
    {
        (int status, string output, string error) = TryRun(program, folder, arguments);
        Assert.AreEqual(0, status, $"{program} {string.Join(' ', arguments)}\n{output}\n{error}");
        return output;
    }

    /// <summary>Runs a program in a folder, whatever comes of it.</summary>
    public static (int Status, string Output, string Error) TryRun(string program, string folder, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string name in start.Environment.Keys.Where(k => k.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name); // What the test host was started under is not the child's.
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_NOLOGO"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} still runs after {Patience}.");
        }

        process.WaitForExit();
        return (process.ExitCode, output.Result, error.Result);
    }
}
