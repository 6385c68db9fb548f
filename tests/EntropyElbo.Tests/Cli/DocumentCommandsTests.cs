using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EntropyElbo.Tests.Shared;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>
/// The commands of README and the guide run as they are printed, each page in a folder of its own, and what the pages say they print is what
/// they print. A block marked <c>sh</c> is run; one marked <c>text</c> must have its lines in what the page's commands printed, figures
/// within a hundredth or so; <c>text words</c> asks for the words only, where a long training's figures differ between systems.
/// </summary>
[TestClass]
public sealed partial class DocumentCommandsTests
{
    /// <summary>A line that ends so goes on with what differs from run to run, such as seconds.</summary>
    private const string Cut = " ...";

    private const double Relative = 0.02;
    private const double Absolute = 0.02;
    private const int Patience = 120_000;

    public static IEnumerable<object[]> Pages =>
        Directory.GetFiles(Path.Combine(Repository.Root, "docs", "guide"), "*.md").Append(Path.Combine(Repository.Root, "README.md"))
            .Where(path => Fence().IsMatch(Text(path))).Select(path => new object[] { Path.GetRelativePath(Repository.Root, path) });

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DynamicData(nameof(Pages))]
    public void CommandsRunAndPrintWhatThePageSays(string page)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("guide-");
        try
        {
            Prepare(folder.FullName);
            List<string> printed = [];
            foreach (Match block in Fence().Matches(Text(Path.Combine(Repository.Root, page))))
            {
                (string kind, string text) = (block.Groups[1].Value, block.Groups[2].Value);
                if (kind == "sh")
                {
                    printed.AddRange(Run(folder.FullName, text).Split('\n'));
                    continue;
                }

                foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                {
                    Assert.IsTrue(
                        printed.Exists(p => IsLike(line, p, kind == "text words")),
                        $"{page}: no command printed\n{line}\nbut\n{string.Join('\n', printed)}");
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The comparison can fail.</summary>
    [TestMethod]
    [DataRow("ELBO 1.000 nats", "  ELBO   1.001 nats", true)]
    [DataRow("ELBO 1.000 nats", "ELBO 1.2 nats", false)]
    [DataRow("ELBO 1.000 nats", "BIC 1.000 nats", false)]
    [DataRow("ELBO 1 nats", "ELBO 1 nats more", false)]
    [DataRow("ELBO 1 ...", "ELBO 1 nats, 3 s", true)]
    [DataRow("ELBO 1 ...", "ELBO 2 nats, 3 s", false)]
    public void LinesAreCompared(string said, string printed, bool alike)
    {
        Assert.AreEqual(alike, IsLike(said, printed, wordsOnly: false));
        Assert.IsTrue(IsLike("ELBO 1", "ELBO 2", wordsOnly: true));
        Assert.IsFalse(IsLike("ELBO 1", "BIC 1", wordsOnly: true));
    }

    private static bool IsLike(string said, string printed, bool wordsOnly)
    {
        bool isCut = said.EndsWith(Cut, StringComparison.Ordinal);
        said = isCut ? said[..^Cut.Length] : said;
        if (isCut ? !Words(printed).StartsWith(Words(said), StringComparison.Ordinal) : Words(printed) != Words(said))
        {
            return false;
        }

        double[] expected = Figures(said), actual = Figures(printed);
        return wordsOnly || expected.Zip(actual).All(p => Math.Abs(p.First - p.Second) <= Absolute + (Relative * Math.Abs(p.First)));
    }

    private static string Words(string line) => Spaces().Replace(Figure().Replace(line, "#"), " ").Trim();

    private static double[] Figures(string line) =>
        [.. Figure().Matches(line).Select(m => double.Parse(m.Value, NumberStyles.Float, CultureInfo.InvariantCulture))];

    /// <summary>The tool by its name, and the example data where the pages look for them.</summary>
    private static void Prepare(string folder)
    {
        string tool = Path.Combine(folder, "entropy-elbo");
        File.WriteAllText(tool, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "entropy-elbo.dll")}' \"$@\"\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.CreateDirectory(Path.Combine(folder, "examples", "data"));
        File.Copy(Path.Combine(Repository.Root, "examples", "data", "digits.csv"), Path.Combine(folder, "examples", "data", "digits.csv"));
    }

    private static string Run(string folder, string commands)
    {
        ProcessStartInfo start = new("sh", ["-ec", commands])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The shell did not start.");
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(Patience), commands);
        Assert.AreEqual(0, process.ExitCode, $"{commands}\n{output}\n{error.Result}");
        return output;
    }

    private static string Text(string path) => File.ReadAllText(path).ReplaceLineEndings("\n");

    [GeneratedRegex("^```(sh|text|text words)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]+)?")]
    private static partial Regex Figure();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
