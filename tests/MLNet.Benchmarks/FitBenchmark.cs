using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo.Benchmarks;

/// <summary>Training rows per second on 60,000 rows of 784 columns: the library on rows in memory, the estimator on a cached IDataView, in turns.</summary>
internal static class FitBenchmark
{
    private const int Rows = 60_000;
    private const int Columns = 784;
    private const int Epochs = 3;
    private const int Rounds = 5;
    private static readonly int[] Hidden = [512, 256];

    public static void Run(TextWriter output)
    {
        MLContext ml = new(1);
        Table table = new(Rows, Columns);
        IDataView view = table.Cached(ml);
        InMemoryRows rows = new(table.Values, Columns);
        GaussianVaeTrainer trainer = new(new GaussianVaeOptions
        {
            Latents = 32,
            Hidden = Hidden,
            Training = new MinibatchOptions { Epochs = Epochs, BatchSize = 256, StationarityTolerance = 0, Seed = 1 },
        });
        GaussianVaeEstimator estimator = ml.LatentVariables().GaussianVae(new GaussianVaeEstimator.Options
        {
            Latents = 32,
            Hidden = Hidden,
            Epochs = Epochs,
            BatchSize = 256,
            Seed = 1,
        });
        List<(double Whole, double Training)> library = [], view784 = [];
        for (int round = 0; round < Rounds; round++)
        {
            library.Add(Measure(() => trainer.Fit(rows)));
            view784.Add(Measure(() => estimator.Fit(view).Result));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round + 1}: library {library[^1].Whole:N0} rows/s whole fit, {library[^1].Training:N0} training alone; estimator {view784[^1].Whole:N0}, {view784[^1].Training:N0}"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"whole fit: library {Table.Median(library.Select(r => r.Whole)):N0} rows/s, estimator {Table.Median(view784.Select(r => r.Whole)):N0}, ratio {Ratio(library, view784, r => r.Whole):F3}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"training alone: library {Table.Median(library.Select(r => r.Training)):N0} rows/s, estimator {Table.Median(view784.Select(r => r.Training)):N0}, ratio {Ratio(library, view784, r => r.Training):F3}"));
    }

    private static double Ratio(
        List<(double Whole, double Training)> library, List<(double Whole, double Training)> view, Func<(double Whole, double Training), double> of) =>
        Table.Median(library.Zip(view, (a, b) => of(b) / of(a)));

    /// <summary>Rows per second of the whole call, with reading, scaling and final report, and of the training loop.</summary>
    private static (double Whole, double Training) Measure(Func<FitResult> fit)
    {
        long start = Stopwatch.GetTimestamp();
        FitResult result = fit();
        return ((double)Rows * Epochs / Stopwatch.GetElapsedTime(start).TotalSeconds, result.RowsPerSecond);
    }
}
