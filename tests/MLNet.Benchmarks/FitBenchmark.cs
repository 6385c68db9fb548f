using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo.Benchmarks;

/// <summary>Training rows per second on 60,000 rows of 784 columns: the library on rows in memory, the estimator on a cached IDataView, in turns.</summary>
internal static class FitBenchmark
{
    private const int Rows = 60_000;
    private const int Columns = 784;
    private const int Epochs = 2;
    private const int Rounds = 3;
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
        List<(double Whole, double Training, double Processor)> library = [], view784 = [];
        for (int round = 0; round < Rounds; round++)
        {
            library.Add(Measure(() => trainer.Fit(rows)));
            view784.Add(Measure(() => estimator.Fit(view).Result));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {round + 1}: library {library[^1].Whole:N0} rows/s whole fit, {library[^1].Training:N0} training alone; estimator {view784[^1].Whole:N0}, {view784[^1].Training:N0}; per processor second {library[^1].Processor:N0}, {view784[^1].Processor:N0}"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"whole fit: library {Table.Median(library.Select(r => r.Whole)):N0} rows/s, estimator {Table.Median(view784.Select(r => r.Whole)):N0}, ratio {Ratio(library, view784, r => r.Whole):F3}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"training alone: library {Table.Median(library.Select(r => r.Training)):N0} rows/s, estimator {Table.Median(view784.Select(r => r.Training)):N0}, ratio {Ratio(library, view784, r => r.Training):F3}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"whole fit, per processor second: library {Table.Median(library.Select(r => r.Processor)):N0} rows, estimator {Table.Median(view784.Select(r => r.Processor)):N0}, ratio {Ratio(library, view784, r => r.Processor):F3}"));
    }

    private static double Ratio(
        List<(double Whole, double Training, double Processor)> library, List<(double Whole, double Training, double Processor)> view, Func<(double Whole, double Training, double Processor), double> of) =>
        Table.Median(library.Zip(view, (a, b) => of(b) / of(a)));

    /// <summary>
    /// Rows per second of the whole call, with reading, scaling and final report; of the training loop; and of the whole
    /// call by processor time, which other programs on the machine disturb less.
    /// </summary>
    private static (double Whole, double Training, double Processor) Measure(Func<FitResult> fit)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        FitResult result = fit();
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        const double rows = (double)Rows * Epochs;
        return (rows / elapsed.TotalSeconds, result.RowsPerSecond, rows / (process.TotalProcessorTime - before).TotalSeconds);
    }
}
