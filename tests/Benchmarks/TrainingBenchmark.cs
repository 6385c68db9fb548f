using EntropyElbo.Data;
using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>Training rows per second of VAE-1 on the benchmark shapes.</summary>
internal static class TrainingBenchmark
{
    public static readonly (string Name, int[] Sizes, int Batch, int Rows)[] Shapes =
    [
        ("18-128-24-12", [18, 128, 24, 12], 1024, 200_000),
        ("100-128-40-20", [100, 128, 40, 20], 512, 50_000),
        ("784-512-256-32", [784, 512, 256, 32], 256, 10_000),
    ];

    public static void Run(TextWriter output, int threads)
    {
        foreach ((string name, int[] sizes, int batch, int rows) in Shapes)
        {
            InMemoryRows data = Uniform(rows, sizes[0]);
            GaussianVaeTrainer trainer = new(new GaussianVaeOptions
            {
                Latents = sizes[^1],
                Hidden = sizes[1..^1],
                Training = new MinibatchOptions { BatchSize = batch, Epochs = 6, StationarityTolerance = 0 },
            });
            FitResult result = trainer.Fit(data, new FitContext { Threads = threads });
            TimeSpan[] times = [.. result.History.Select(p => p.Elapsed)];
            double[] rates = [.. times.Skip(1).Select((t, i) => rows / (t - times[i]).TotalSeconds).Order()];
            output.WriteLine($"{name}: median {rates[rates.Length / 2]:N0} rows/s, best {rates[^1]:N0}");
        }
    }

    private static InMemoryRows Uniform(int rows, int columns)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextUniform();
        }

        return new InMemoryRows(values, columns);
    }
}
