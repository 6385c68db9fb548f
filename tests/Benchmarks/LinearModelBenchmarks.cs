using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Probabilistic PCA against NumPy's covariance and eigh, factor analysis against scikit-learn's, on rows in memory, in
/// turns within one run; medians over the rounds, the peer with its best number of threads.
/// </summary>
internal static class LinearModelBenchmarks
{
    private static readonly string[] s_threads = ["1", "2"];

    /// <param name="output">Receives the table.</param>
    /// <param name="file">A CSV or IDX file, or null for synthetic rows.</param>
    public static void ProbabilisticPca(TextWriter output, string? file)
    {
        InMemoryRows rows = file is null ? Factors(60_000, 784, 40) : Materialise(RowSources.Open(file));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rows.Rows:N0} x {rows.Columns}, H = 32, {(file is null ? "synthetic" : Path.GetFileName(file))}"));
        ProbabilisticPcaTrainer trainer = new(new ProbabilisticPcaOptions { Latents = 32, Scaling = ScalingKind.None });
        Compare(output, "ppca_numpy.py", rows, "32", 9, ("closed form", () => trainer.Fit(rows)));
    }

    /// <param name="output">Receives the tables.</param>
    public static void FactorAnalysis(TextWriter output)
    {
        const int iterations = 30;
        InMemoryRows rows = Factors(100_000, 32, 8);
        FactorAnalysisOptions options = new() { Latents = 8, Scaling = ScalingKind.None };
        FactorAnalysisTrainer em = new(options with { Optimizer = FactorAnalysisOptimizer.Em, Iterations = iterations, StationarityTolerance = 0 });
        output.WriteLine($"100,000 x 32, H = 8, {iterations} iterations each");
        Compare(output, "factor_analysis_sklearn.py", rows, $"8 {iterations}", 3, ("EM", () => em.Fit(rows)));
        output.WriteLine("the same rows, each to its own default tolerance");
        Compare(output, "factor_analysis_sklearn.py", rows, "8 0", 1, ("Newton", () => new FactorAnalysisTrainer(options).Fit(rows)));
    }

    private static void Compare(TextWriter output, string script, InMemoryRows rows, string question, int rounds, (string Name, Func<FitResult> Fit) own)
    {
        string path = Path.Combine(Path.GetTempPath(), $"eelbo-benchmark-{Guid.NewGuid():N}.f64");
        try
        {
            using (FileStream stream = File.Create(path))
            {
                stream.Write(MemoryMarshal.AsBytes<double>(rows.ReadAll().Values));
            }

            PythonPeer?[] peers = [.. s_threads.Select(t => PythonPeer.TryStart(
                script, ("OPENBLAS_NUM_THREADS", t), ("OMP_NUM_THREADS", t), ("ROWS", path), ("COLUMNS", rows.Columns.ToString(CultureInfo.InvariantCulture))))];
            output.WriteLine(peers[0]?.Versions ?? "no python with the peer's packages found: no peer column (set PYTHON to name one)");
            Table(output, peers, question, rounds, own);
            foreach (PythonPeer? peer in peers)
            {
                peer?.Dispose();
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Table(TextWriter output, PythonPeer?[] peers, string question, int rounds, (string Name, Func<FitResult> Fit) own)
    {
        List<double> fits = [];
        List<double> totals = [];
        List<double>[] others = [.. peers.Select(_ => new List<double>())];
        string remark = string.Empty;
        FitResult result = own.Fit();
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            result = own.Fit();
            totals.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            fits.Add(result.Elapsed.TotalSeconds);
            for (int i = 0; i < peers.Length; i++)
            {
                if (peers[i]?.Ask(question).Split(' ', 2) is [string seconds, string rest])
                {
                    others[i].Add(double.Parse(seconds, CultureInfo.InvariantCulture));
                    remark = rest;
                }
            }
        }

        double[] medians = [.. others.Select(o => o.Count > 0 ? TrainingBenchmark.Median(o) : double.NaN)];
        double best = medians.Min();
        double fit = TrainingBenchmark.Median(fits);
        double total = TrainingBenchmark.Median(totals);
        output.WriteLine("| own | fit, s | with final report, s | iterations | ELBO | peer, s (threads) | peer says | ratio | ratio with report |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {own.Name} | {fit:F3} | {total:F3} | {result.History.Count} | {result.Model.Report.Summary.Elbo:F6} | {best:F3} ({s_threads[Math.Max(0, Array.IndexOf(medians, best))]}) | {remark} | {best / fit:F2} | {best / total:F2} |"));
    }

    private static InMemoryRows Materialise(IRowSource source)
    {
        double[] values = source.ReadAll().Values;
        return new InMemoryRows(values, source.Columns);
    }

    /// <summary>Rows of a factor model with noise deviations from 0.3 to 1.2.</summary>
    private static InMemoryRows Factors(int rows, int columns, int latents)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        double[] loadings = new double[columns * latents];
        random.FillGaussian(loadings);
        double[] z = new double[latents];
        double[] values = new double[rows * columns];
        random.FillGaussian(values);
        for (int row = 0; row < rows; row++)
        {
            random.FillGaussian(z);
            for (int d = 0; d < columns; d++)
            {
                double value = (0.3 + (0.1 * (d % 10))) * values[(row * columns) + d];
                for (int h = 0; h < latents; h++)
                {
                    value += loadings[(d * latents) + h] * z[h];
                }

                values[(row * columns) + d] = value;
            }
        }

        return new InMemoryRows(values, columns);
    }
}
