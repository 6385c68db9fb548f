using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace EntropyElbo.Benchmarks;

/// <summary>The peer script as a child process: a line per question, a line with GFLOP/s per answer.</summary>
internal sealed class OpenBlasPeer : IDisposable
{
    private readonly Process _process;

    private OpenBlasPeer(Process process) => _process = process;

    /// <summary>The peer under the python named by PYTHON, else the first of the usual ones that has numpy; null when none has.</summary>
    public static OpenBlasPeer? TryStart()
    {
        string? named = Environment.GetEnvironmentVariable("PYTHON");
        string[] candidates = named is null ? ["python3", "/usr/bin/python3"] : [named];
        return candidates.Select(Start).FirstOrDefault(p => p is not null);
    }

    public double Measure(ProductForm form, int rows, int inputs, int outputs)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{form} {rows} {inputs} {outputs}"));
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the OpenBLAS peer ended early");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static OpenBlasPeer? Start(string python)
    {
        ProcessStartInfo start = new(python)
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "peers", "product_openblas.py") },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        try
        {
            Process process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            return process.StandardOutput.ReadLine() == "ready" ? new OpenBlasPeer(process) : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
