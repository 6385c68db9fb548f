using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>Encoding: microseconds for one row, and rows per second in blocks, on one thread.</summary>
internal static class EncodingBenchmark
{
    private const int BlockRows = 4096;
    private const int SingleRows = 2000;
    private const int Rounds = 9;

    public static void Run(TextWriter output)
    {
        output.WriteLine("| shape | one row, us | rows/s in blocks |");
        output.WriteLine("|---|---|---|");
        foreach (int[] sizes in (int[][])[[18, 128, 24, 12], [100, 128, 40, 20], [784, 512, 256, 32]])
        {
            InMemoryRows data = TrainingBenchmark.Uniform(BlockRows, sizes[0]);
            LatentModel model = new GaussianVaeTrainer(new GaussianVaeOptions
            {
                Latents = sizes[^1],
                Hidden = sizes[1..^1],
                Training = new MinibatchOptions { Epochs = 1, BatchSize = 1024 },
            }).Fit(data).Model;
            double[] rows = data.ReadAll().Values;
            double[] means = new double[BlockRows * sizes[^1]];
            double[] variances = new double[means.Length];
            List<double> single = [];
            List<double> block = [];
            for (int round = 0; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                for (int row = 0; row < SingleRows; row++)
                {
                    model.Encode(rows.AsSpan(row * sizes[0], sizes[0]), means.AsSpan(0, sizes[^1]), variances.AsSpan(0, sizes[^1]));
                }

                single.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / SingleRows);
                start = Stopwatch.GetTimestamp();
                model.Encode(rows, means, variances);
                block.Add(BlockRows / Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {string.Join('-', sizes)} | {TrainingBenchmark.Median(single):F2} | {TrainingBenchmark.Median(block):N0} |"));
        }
    }
}
