using System.Diagnostics;
using EntropyElbo.Catalog;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Cli;

/// <summary>The tool as a process of its own: signals, pipes, terminals.</summary>
[TestClass]
public sealed class ProcessTests
{
    private const int Patience = 60_000;

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("INT")]
    [DataRow("TERM")]
    public void AnInterruptedFitSavesTheModelSoFar(string signal)
    {
        using CliFolder folder = new();
        string model = folder["m.eelbo"];
        string checkpoint = folder["state"];
        using Process process = Start(
            "fit", folder.Data, "--model", "vae-1", "--latents", "2", "--epochs", "1000000", "--learning-rate", "1e-9", "--threads", "1",
            "--checkpoint", checkpoint, "--out", model, "--json");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        SpinWait.SpinUntil(() => File.Exists(checkpoint) || process.HasExited, Patience);
        using (Process kill = Process.Start("kill", ["-" + signal, $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        Assert.IsTrue(process.WaitForExit(Patience), "still running");
        Assert.AreEqual(130, process.ExitCode, error.Result);
        StringAssert.Contains(output.Result, "\"stopReason\":\"cancelled\"");
        Assert.AreEqual("", error.Result);
        TrainingRecord training = ModelFamilies.Load(model).Training;
        Assert.AreEqual(StopReason.Cancelled, training.StopReason);
        Assert.IsTrue(training.Epochs >= 1);
    }

    [TestMethod]
    public void PipedOutputHasNoEscapeCodes()
    {
        using CliFolder folder = new();
        using Process process = Start(folder.Fit());
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(Patience));
        Assert.AreEqual(0, process.ExitCode, error);
        StringAssert.Contains(output.Result, "ELBO");
        Assert.IsFalse(output.Result.Contains('\u001b', StringComparison.Ordinal));
        Assert.AreEqual("", error);
    }

    [TestMethod]
    public void AReaderThatHasSeenEnoughEndsTheToolQuietly()
    {
        using Process process = Start("generate", "pca", "--rows", "2000000", "--out", "-");
        Task<string> error = process.StandardError.ReadToEndAsync();
        Assert.IsNotNull(process.StandardOutput.ReadLine());
        process.StandardOutput.Close();
        Assert.IsTrue(process.WaitForExit(Patience), "still running");
        Assert.AreEqual(0, process.ExitCode, error.Result);
        Assert.AreEqual("", error.Result);
    }

    [TestMethod]
    public void BadInputHasNoStackTrace()
    {
        using Process process = Start("evaluate", "no-such-model", "no-such-data", "--json");
        Task<string> error = process.StandardError.ReadToEndAsync();
        Assert.AreEqual("", process.StandardOutput.ReadToEnd());
        Assert.IsTrue(process.WaitForExit(Patience));
        Assert.AreEqual(1, process.ExitCode);
        Assert.AreEqual(1, error.Result.TrimEnd().Split('\n').Length);
        StringAssert.Contains(error.Result, "no-such-model");
    }

    /// <summary>A pipe whose writer has stalled, as standard input or by name, and one whose reader has.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("INT", "evaluate", "M", "-")]
    [DataRow("TERM", "evaluate", "M", "P")]
    [DataRow("TERM", "encode", "M", "D", "--out", "P")]
    public void TheFirstSignalEndsAWait(string signal, params string[] args)
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string pipe = MakePipe(folder);
        string table = CliFolder.Table(8000, seed: 1); // More than a pipe holds.
        string data = folder.Write("long.csv", table);
        using Process process = Start([.. args.Select(a => a switch { "M" => model, "D" => data, "P" => pipe, _ => a })]);
        Task<string> error = process.StandardError.ReadToEndAsync();
        bool writes = args[0] == "encode";
        using Stream other = args[^1] == "-" ? process.StandardInput.BaseStream
            : new FileStream(pipe, FileMode.Open, writes ? FileAccess.Read : FileAccess.Write, FileShare.ReadWrite);
        if (writes)
        {
            Assert.AreEqual('m', other.ReadByte());
        }
        else
        {
            other.Write(System.Text.Encoding.UTF8.GetBytes(table));
            other.Flush();
        }

        using (Process kill = Process.Start("kill", ["-" + signal, $"{process.Id}"]))
        {
            kill.WaitForExit();
        }

        Assert.IsTrue(process.WaitForExit(Patience), "still waiting");
        Assert.AreEqual(130, process.ExitCode, error.Result);
        StringAssert.Contains(error.Result, "interrupted");
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void ANamedPipeIsWrittenTo()
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string pipe = MakePipe(folder);
        Task<string> read = Task.Run(() => File.ReadAllText(pipe));
        CliRun run = CliRun.Of("encode", model, folder.Data, "--out", pipe);
        Assert.AreEqual(0, run.Status, run.Error);
        Assert.AreEqual(CliRun.Of("encode", model, folder.Data, "--out", "-").Out, read.Result);
        Assert.IsTrue(FileKinds.IsSpecial(pipe));
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void AFullDiskDoesNotLoseTheModel()
    {
        using CliFolder folder = new();
        CliRun run = CliRun.Of(folder.Fit("--out", "/dev/full"));
        Assert.AreEqual(1, run.Status);
        StringAssert.Contains(run.Out, "ELBO");
        string kept = run.Error[(run.Error.IndexOf("kept in ", StringComparison.Ordinal) + 8)..run.Error.IndexOf(": move", StringComparison.Ordinal)];
        Assert.AreEqual("vae-1", ModelFamilies.Load(kept).Family);
        File.Delete(kept);
        Assert.AreEqual(0, CliRun.Of(folder.Fit("--out", "/dev/null")).Status);
        StringAssert.Contains(CliRun.Of(folder.Fit("--out", "/dev/stdout")).Error, "--out: ");
        StringAssert.Contains(CliRun.Of(folder.Fit("--checkpoint", "/dev/null")).Error, "--checkpoint: ");
    }

    /// <summary>What the runtime puts in a closed stream's place is not taken for it.</summary>
    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    [DataRow("evaluate M - <&-", 1, "standard input is closed")]
    [DataRow("evaluate M nothing 2>&-", 1, "")]
    [DataRow("evaluate M D >&-", 1, "standard output is closed")]
    [DataRow("evaluate M D <&- >&- 2>&-", 1, "")]
    [DataRow("evaluate M D <&- 2>&-", 0, "")]
    public void ClosedStreamsEndInAnAnswer(string command, int status, string says)
    {
        using CliFolder folder = new();
        string model = folder.FitModel();
        string line = string.Join(' ', command.Split(' ').Select(a => a switch { "M" => model, "D" => folder.Data, _ => a }));
        using Process process = StartShell(line);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        Assert.IsTrue(process.WaitForExit(Patience));
        Assert.AreEqual(status, process.ExitCode, error);
        StringAssert.Contains(error, says);
        Assert.AreEqual(status == 0, output.Result.Contains("ELBO", StringComparison.Ordinal));
    }

    private static string MakePipe(CliFolder folder)
    {
        using Process make = Process.Start("mkfifo", [folder["pipe"]]);
        make.WaitForExit();
        return folder["pipe"];
    }

    private static Process StartShell(string arguments)
    {
        ProcessStartInfo start = new("sh", ["-c", $"exec dotnet {Path.Combine(AppContext.BaseDirectory, "entropy-elbo.dll")} {arguments}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The shell did not start.");
    }

    /// <summary>Signals may come ignored from the shell that started the tests; <c>env</c> undoes that.</summary>
    internal static Process Start(params string[] args)
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "entropy-elbo.dll");
        string dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet";
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT,TERM", dotnet, tool] : [dotnet, tool];
        ProcessStartInfo start = new(command[0], [.. command[1..], .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("The tool did not start.");
    }
}
