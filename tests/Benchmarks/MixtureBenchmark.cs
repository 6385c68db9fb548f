using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Gaussian mixtures by EM against scikit-learn's GaussianMixture, in turns: the same rows, start and number of iterations,
/// whole fits (ours with scaling pass and final report), scikit-learn at the better of one thread and all.
/// </summary>
internal static class MixtureBenchmark
{
    private const int Rows = 100_000;
    private const int Columns = 32;
    private const int Components = 8;
    private const int Iterations = 20;
    private const int Rounds = 5;

    public static void Run(TextWriter output)
    {
        double[] values = Draw();
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, MemoryMarshal.AsBytes(values.AsSpan()));
        using PythonPeer? peer = PythonPeer.TryStart("mixture_sklearn.py");
        foreach ((string kind, string family) in new[] { ("full", "gaussian-full"), ("diag", "gaussian-diagonal") })
        {
            Measure(output, kind, family, values, file, peer);
        }

        File.Delete(file);
    }

    private static void Measure(TextWriter output, string kind, string family, double[] values, string file, PythonPeer? peer)
    {
        int[] threadCounts = [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
        List<double>[] theirs = [.. threadCounts.Select(_ => new List<double>())];
        List<double> ours = [];
        double ourScore = 0, theirScore = double.NaN;
        for (int round = 0; round <= Rounds; round++)
        {
            (double seconds, ourScore) = Fit(family, values);
            ours.Add(seconds);
            for (int i = 0; i < threadCounts.Length && peer is not null; i++)
            {
                string answer = peer.Ask($"{kind}\t{file}\t{Rows}\t{Columns}\t{Components}\t{Iterations}\t{threadCounts[i]}");
                double[] numbers = [.. answer.Split(' ').Select(w => double.Parse(w, CultureInfo.InvariantCulture))];
                theirs[i].Add(numbers[0]);
                theirScore = numbers[1];
            }
        }

        double own = Median(ours);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{family}: {own:F3} s for {Iterations} iterations over {Rows} x {Columns}, K = {Components}; log-likelihood {ourScore:F8}"));
        if (peer is not null)
        {
            double best = theirs.Min(Median);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  scikit-learn {best:F3} s (threads {string.Join(", ", threadCounts.Select((t, i) => $"{t}: {Median(theirs[i]):F3}"))}); log-likelihood {theirScore:F8}; ratio {best / own:F2}"));
        }
    }

    /// <summary>The first round warms up.</summary>
    private static double Median(List<double> times)
    {
        double[] sorted = [.. times.Skip(1).Order()];
        return sorted[sorted.Length / 2];
    }

    private static (double Seconds, double Score) Fit(string family, double[] values)
    {
        MixtureTrainer trainer = new(new MixtureOptions
        {
            Family = family,
            Components = Components,
            From = Start(family, values),
            Iterations = Iterations,
            StationarityTolerance = 0,
            VarianceFloor = 1e-14,
        });
        Stopwatch watch = Stopwatch.StartNew();
        LatentModel model = trainer.Fit(new InMemoryRows(values, Columns)).Model;
        return (watch.Elapsed.TotalSeconds, model.Report.Summary.Elbo);
    }

    private static MixtureModel Start(string family, double[] values)
    {
        double[] mean = new double[Columns];
        double[] variance = new double[Columns];
        for (int i = 0; i < values.Length; i++)
        {
            mean[i % Columns] += values[i] / Rows;
        }

        for (int i = 0; i < values.Length; i++)
        {
            double difference = values[i] - mean[i % Columns];
            variance[i % Columns] += difference * difference / Rows;
        }

        MixtureSpecification specification = MixtureSpecification.Parse(family);
        ColumnFamily columns = MixtureSpecification.Create(new ColumnRange(family, 0, Columns), (double[])[.. mean, .. variance]);
        double[] seeds = values[..(Components * Columns)];
        double[] matrix = [.. Enumerable.Range(0, Columns * Columns).Select(i => i / Columns == i % Columns ? variance[i % Columns] : 0)];
        double[] parameters = family == "gaussian-full"
            ? [.. seeds, .. Enumerable.Repeat(matrix, Components).SelectMany(m => m)]
            : [.. Enumerable.Range(0, Components).SelectMany(k => seeds[(k * Columns)..((k + 1) * Columns)].Concat(variance))];
        double[] weights = new double[Components];
        Array.Fill(weights, 1.0 / Components);
        ModelHeader header = new(
            Scaling.Identity(Columns),
            [.. Enumerable.Range(0, Columns).Select(c => $"c{c}")],
            new TrainingRecord { Converged = false, StopReason = StopReason.EpochLimit, Epochs = 0, Steps = 0, Rows = 0 });
        return new MixtureModel(specification, new MixtureParameters(weights, [columns.Create(Components, parameters)]), Components, header);
    }

    /// <summary>Overlapping groups, each with its own deviations.</summary>
    private static double[] Draw()
    {
        RandomStream random = new(2026, RandomPurpose.Generation);
        double[] centres = new double[Components * Columns];
        random.FillGaussian(centres);
        double[] values = new double[Rows * Columns];
        for (int i = 0; i < values.Length; i++)
        {
            int group = i / Columns * 7 % Components;
            values[i] = centres[(group * Columns) + (i % Columns)] + ((0.7 + (0.1 * group)) * random.NextGaussian());
        }

        return values;
    }
}
