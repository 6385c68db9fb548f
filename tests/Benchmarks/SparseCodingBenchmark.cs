using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Sparse coding against scikit-learn's dictionary learning (time until all rows are reconstructed equally well), and against V's
/// objective with autograd in PyTorch (an evaluation with its gradient, and the E-step of a batch).
/// </summary>
internal static class SparseCodingBenchmark
{
    private const int Latents = 100;
    private const int Batch = 512;

    /// <summary>Learning and coding to a mean squared error; scikit-learn over penalties and epochs, all of them shown.</summary>
    public static void Dictionaries(TextWriter output, string path, string[] factors)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        double[] values = rows.ReadAll().Values, decoded = new double[values.Length];
        SparseCodingModel last = null!;
        output.WriteLine("| by | penalty | epochs | learning, s | coding, s | mean squared error |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (int epochs in new[] { 1, 1, 3, 10 })
        {
            SparseCodingOptions options = Options with { Iterations = epochs };
            FitResult fit = new SparseCodingTrainer(options).Fit(rows, new FitContext { Certificate = false });
            last = (SparseCodingModel)fit.Model;
            Stopwatch watch = Stopwatch.StartNew();
            last.Reconstruct(values, decoded);
            output.WriteLine(Text($"| ours | | {epochs} | {fit.Elapsed.TotalSeconds:F2} | {watch.Elapsed.TotalSeconds:F2} | {Error(values, decoded):F1} |"));
        }

        double penalty = last.NoiseVariance / last.Scales.ToArray().Average();
        using SparseDictionaryPeer? peer = SparseDictionaryPeer.TryStart(values, rows.Columns);
        foreach (double factor in factors.Select(f => double.Parse(f, CultureInfo.InvariantCulture)))
        {
            foreach (int epochs in peer is null ? [] : new[] { 1, 3 })
            {
                (_, double learning, double coding, double error) = peer!.Learn(Latents, factor * penalty, epochs, Environment.ProcessorCount, codes: true);
                output.WriteLine(Text($"| scikit-learn {peer.Versions} | {factor:G3} | {epochs} | {learning:F2} | {coding:F2} | {error:F1} |"));
                output.Flush();
            }
        }
    }

    /// <summary>One batch: the entropy form with its gradient, and the E-step from a cold start.</summary>
    public static void Torch(TextWriter output, string path)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        int columns = rows.Columns;
        SparseCodingParameters parameters = ((SparseCodingModel)new SparseCodingTrainer(Options with { Iterations = 2 })
            .Fit(rows, new FitContext { Certificate = false }).Model).Parameters;
        double[] values = rows.ReadAll().Values[..(Batch * columns)];
        SparseCodingWorker worker = new(Batch, columns, Latents, true);
        double best = double.PositiveInfinity;
        int rounds = 20;
        SparseCodingObjective objective = null!;
        for (int round = 0; round < rounds; round++)
        {
            PosteriorModel model = new(parameters.Fields, parameters.Scales, parameters.NoiseVariance) { Tolerance = 1e-9 };
            worker.Use(model, parameters.Mean);
            Stopwatch watch = Stopwatch.StartNew();
            worker.Load(values, Batch);
            worker.Infer(Batch, isWarm: false, withSums: true);
            best = Math.Min(best, watch.Elapsed.TotalSeconds);
            objective = new SparseCodingObjective(parameters, worker.Sums);
        }

        SparseCodingParameters closed = parameters.With(objective.Sizes, objective.MeanError);
        MatrixView<double> gradient = new Matrix<double>(Latents, columns);
        SparseCodingObjective atOptimum = new(closed, worker.Sums);
        atOptimum.FieldGradients(1, gradient);
        double norm = Math.Sqrt(Enumerable.Range(0, Latents).Sum(h => VectorFold.SumOfSquares(gradient[h])));
        output.WriteLine(Text(
            $"ours: E-step of {Batch} rows from a cold start to 1e-9 nats {1e3 * best:F1} ms with one thread, {worker.Sums.Evaluations / (double)Batch:F1} evaluations a row, {1e6 * best / worker.Sums.Evaluations:F2} us each; classical ELBO {objective.Elbo:F6}, LH {atOptimum.EntropyForm():F6}, |gradient by the fields| {norm:G8}"));
        using PythonPeer? peer = PythonPeer.TryStart("sparse_coding_torch.py");
        string file = Path.GetTempFileName();
        File.WriteAllBytes(file, MemoryMarshal.AsBytes(Everything(values, parameters, worker).AsSpan()).ToArray());
        foreach (string type in peer is null ? [] : new[] { "float64", "float32" })
        {
            foreach (int threads in new[] { 1, 2 })
            {
                output.WriteLine($"PyTorch {peer!.Versions}, {type}, {threads} threads: {peer.Ask($"{file}\t{Batch}\t{columns}\t{Latents}\t{type}\t{threads}")}");
                output.Flush();
            }
        }

        File.Delete(file);
    }

    private static SparseCodingOptions Options => new()
    {
        Latents = Latents,
        Covariance = SparseCovariance.Diagonal,
        BatchSize = Batch,
        Centre = false,
        InnerTolerance = 1e-6,
        EncodingTolerance = 1e-6,
        Annealing = AnnealingSchedule.Parse("none"),
    };

    /// <summary>Rows, fields [D, H], scales, noise variance, means and deviations of q.</summary>
    private static double[] Everything(double[] values, SparseCodingParameters parameters, SparseCodingWorker worker) =>
    [
        .. values,
        .. Enumerable.Range(0, parameters.Columns).SelectMany(d => parameters.Fields[d].ToArray()),
        .. parameters.Scales,
        parameters.NoiseVariance,
        .. Enumerable.Range(0, Batch).SelectMany(n => worker.Posterior.Means[n].ToArray()),
        .. Enumerable.Range(0, Batch).SelectMany(n => worker.Posterior.Variances[n].ToArray().Select(Math.Sqrt)),
    ];

    private static double Error(double[] values, double[] decoded) =>
        values.Zip(decoded, (v, d) => (v - d) * (v - d)).Average();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
