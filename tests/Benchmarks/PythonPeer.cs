using System.ComponentModel;
using System.Diagnostics;

namespace EntropyElbo.Benchmarks;

/// <summary>A peer script as a child process: it says "ready", then answers a line per question.</summary>
internal sealed class PythonPeer : IDisposable
{
    private readonly Process _process;

    private PythonPeer(Process process, string versions)
    {
        _process = process;
        Versions = versions;
    }

    /// <summary>What the script said of itself: versions and settings.</summary>
    public string Versions { get; }

    /// <summary>
    /// The script under the python named by PYTHON, else the first of the usual ones that has what it imports; null when
    /// none has.
    /// </summary>
    /// <param name="script">File in the folder peers; its first line of output is "ready" and what it is.</param>
    /// <param name="environment">Environment variables for it.</param>
    public static PythonPeer? TryStart(string script, params (string Name, string Value)[] environment)
    {
        string? named = Environment.GetEnvironmentVariable("PYTHON");
        string[] candidates = named is null ? ["python3", "/usr/bin/python3"] : [named];
        string path = Path.Combine(AppContext.BaseDirectory, "peers", script);
        return candidates.Select(python => TryStart(python, [path], environment)).FirstOrDefault(p => p is not null);
    }

    public string Ask(string question)
    {
        _process.StandardInput.WriteLine(question);
        _process.StandardInput.Flush();
        return _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the peer ended early");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Any program that speaks as the scripts do; null where it cannot.</summary>
    public static PythonPeer? TryStart(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            Process process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            string? first = process.StandardOutput.ReadLine();
            return first?.StartsWith("ready", StringComparison.Ordinal) == true ? new PythonPeer(process, first["ready".Length..].Trim()) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
