using System.Diagnostics;
using System.Globalization;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>
/// Runs an input per seed and counts the answers. In the suite a fixed number of seeds; with ENTROPY_ELBO_FUZZ_SECONDS as many as
/// that time allows. ENTROPY_ELBO_FUZZ_SEED says where to begin: with it, and no seconds, a failure is run again alone.
/// </summary>
internal sealed class FuzzRun(string name)
{
    /// <summary>No input may take longer, on the slowest of machines: what is meant is work out of proportion to the input.</summary>
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);

    private readonly SortedDictionary<string, int> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _faults = new(StringComparer.Ordinal);
    private double _worstSeconds;
    private double _worstMegabytes;
    private int _inputs;

    /// <summary>Gives every seed's input to <paramref name="once"/>, which says in a word what the answer was.</summary>
    /// <param name="seeds">Seeds in the suite.</param>
    /// <param name="mostMegabytes">Most memory that one input may allocate.</param>
    /// <param name="once">Makes the seed's input and uses it; documented exceptions are its to catch.</param>
    public void Seeds(int seeds, double mostMegabytes, Func<int, string> once)
    {
        double seconds = Number("ENTROPY_ELBO_FUZZ_SECONDS") ?? 0;
        int first = (int)(Number("ENTROPY_ELBO_FUZZ_SEED") ?? 1);
        int count = Number("ENTROPY_ELBO_FUZZ_SEED") is null ? seeds : 1;
        Stopwatch whole = Stopwatch.StartNew();
        Stopwatch? input = null;
        int current = first;
        Thread worker = new(() =>
        {
            for (int seed = first; seconds > 0 ? whole.Elapsed.TotalSeconds < seconds : seed < first + count; seed++)
            {
                Volatile.Write(ref current, seed);
                Volatile.Write(ref input, Stopwatch.StartNew());
                One(seed, mostMegabytes, once);
            }
        })
        { IsBackground = true };
        worker.Start();

        // An input without end would hold up the suite, and say nothing.
        while (!worker.Join(TimeSpan.FromSeconds(1)))
        {
            Assert.IsFalse(Volatile.Read(ref input)?.Elapsed > MostTime, $"{name}, seed {Volatile.Read(ref current)}: one input takes more than {MostTime.TotalSeconds} s.");
        }

        Console.WriteLine(Summary);
        Assert.IsEmpty(_faults, $"{Summary}\n{string.Join('\n', _faults.Values)}\n");
    }

    private string Summary => string.Create(
        CultureInfo.InvariantCulture,
        $"{name}: {_inputs} inputs; {string.Join(", ", _answers.Select(a => $"{a.Key} {a.Value}"))}; worst {_worstSeconds:F2} s, {_worstMegabytes:F1} MB");

    private void One(int seed, double mostMegabytes, Func<int, string> once)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        string answer = Answer(seed, once);
        double megabytes = (GC.GetAllocatedBytesForCurrentThread() - before) / 1e6;
        _inputs++;
        _answers[answer] = _answers.GetValueOrDefault(answer) + 1;
        _worstSeconds = Math.Max(_worstSeconds, watch.Elapsed.TotalSeconds);
        _worstMegabytes = Math.Max(_worstMegabytes, megabytes);
        if (megabytes > mostMegabytes)
        {
            _faults.TryAdd("memory", $"seed {seed}: {megabytes:F0} MB for one input");
        }
    }

    /// <summary>The answer to an input; faults are kept, the first of each kind.</summary>
    private string Answer(int seed, Func<int, string> once)
    {
        try
        {
            return once(seed);
        }
        catch (UnitTestAssertException error)
        {
            _faults.TryAdd(error.Message, $"seed {seed}: {error.Message}");
        }
        catch (Exception error)
        {
            string[] frames = (error.StackTrace ?? "").Split('\n');
            string place = frames.FirstOrDefault(f => f.Contains("EntropyElbo", StringComparison.Ordinal)) ?? "";
            _faults.TryAdd($"{error.GetType()}{place}", $"seed {seed}: undocumented {error.GetType().Name}: {error.Message}\n{string.Join('\n', frames.Take(8))}");
        }

        return "FAULT";
    }

    private static double? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? double.Parse(text, CultureInfo.InvariantCulture)
        : null;
}
