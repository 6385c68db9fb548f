using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Training rows per second of VAE-1 against the same network, batch and optimiser in PyTorch on CPU, in turns within one
/// run, medians over the rounds.
/// </summary>
internal static class TrainingBenchmark
{
    private const int Rounds = 9;

    private static readonly (string Name, int[] Sizes, int Batch, int Rows)[] s_shapes =
    [
        ("18-128-24-12", [18, 128, 24, 12], 1024, 200 * 1024),
        ("100-128-40-20", [100, 128, 40, 20], 512, 160 * 512),
        ("784-512-256-32", [784, 512, 256, 32], 256, 40 * 256),
    ];

    public static void Run(TextWriter output)
    {
        using PythonPeer? peer = PythonPeer.TryStart("training_torch.py");
        output.WriteLine(peer is null ? "no python with torch found: no peer column (set PYTHON to name one)" : peer.Versions);
        output.WriteLine("| shape | batch | rows/s | rows/s, 1 thread | PyTorch rows/s | its threads | ratio |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach ((string name, int[] sizes, int batch, int rows) in s_shapes)
        {
            InMemoryRows data = Uniform(rows, sizes[0]);
            List<double> all = [];
            List<double> one = [];
            List<double> other = [];
            string threads = "-";
            for (int round = 0; round < Rounds; round++)
            {
                all.AddRange(Own(data, sizes, batch, 0));
                if (peer?.Ask(string.Create(CultureInfo.InvariantCulture, $"{name} {batch} {rows}")).Split(' ') is [string rate, string used])
                {
                    other.Add(double.Parse(rate, CultureInfo.InvariantCulture));
                    threads = used;
                }

                one.AddRange(Own(data, sizes, batch, 1));
            }

            double theirs = other.Count > 0 ? Median(other) : double.NaN;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {name} | {batch} | {Median(all):N0} | {Median(one):N0} | {theirs:N0} | {threads} | {Median(all) / theirs:F2} |"));
        }
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    public static InMemoryRows Uniform(int rows, int columns)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextUniform();
        }

        return new InMemoryRows(values, columns);
    }

    /// <summary>Rows per second of the second and third epoch of a fit.</summary>
    private static IEnumerable<double> Own(InMemoryRows data, int[] sizes, int batch, int threads)
    {
        GaussianVaeTrainer trainer = new(new GaussianVaeOptions
        {
            Latents = sizes[^1],
            Hidden = sizes[1..^1],
            InitialLogVariance = -3,
            Training = new MinibatchOptions { BatchSize = batch, Epochs = 3, StationarityTolerance = 0 },
        });
        TimeSpan[] times = [.. trainer.Fit(data, new FitContext { Threads = threads }).History.Select(p => p.Elapsed)];
        return times.Skip(1).Zip(times, (t, before) => data.Rows / (t - before).TotalSeconds);
    }
}
