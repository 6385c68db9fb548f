using System.Diagnostics;
using EntropyElbo.Models;
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
        TrainingRecord training = LatentModel.Load(model).Frame.Training;
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

    /// <summary>Signals may come ignored from the shell that started the tests; <c>env</c> undoes that.</summary>
    private static Process Start(params string[] args)
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
