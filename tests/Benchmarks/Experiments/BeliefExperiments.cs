using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Shared;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Sigmoid belief nets on binarised images (LW section 4).</summary>
internal static class BeliefExperiments
{
    /// <summary>A deep net 16-8-4 on the digits, pixels cut at 7.5: the residual of every layer at the end.</summary>
    public static void Digits(TextWriter output, string path, int seeds, int newtonSteps)
    {
        InMemoryRows rows = Binary(RowSources.Open(path, ColumnSelection.Parse("1-64")), 7.5, int.MaxValue);
        output.WriteLine("| seed | iterations | s | ELBO | entropy sum | residual of the data | of layer 1 | of layer 2 | of the prior |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|");
        for (ulong seed = 1; seed <= (ulong)seeds; seed++)
        {
            FitResult result = new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions
            {
                Latents = 16,
                DeeperLayers = [8, 4],
                Iterations = 2000,
                StationarityTolerance = 1e-7,
                NewtonSteps = newtonSteps,
                Seed = seed,
            }).Fit(rows, null, out SigmoidBeliefNetModel judge);
            TrainingRecord record = result.Model.Training;
            IReadOnlyList<LayerEvaluation> layers = judge.EvaluateLayers(rows);
            output.WriteLine(Text(
                $"| {seed} | {record.Epochs} | {result.Elapsed.TotalSeconds:F0} | {record.Report!.Summary.Elbo:F4} | {record.Report.Summary.EntropySum:F4} | {record.Report.Summary.NoiseResidual:E1} | {layers[1].Residual:E1} | {layers[2].Residual:E1} | {layers[3].Residual:E1} |"));
        }
    }

    /// <summary>H = 64 on images, pixels cut at 127.5.</summary>
    public static void Images(TextWriter output, string path, int count, int iterations, int? newtonSteps)
    {
        InMemoryRows rows = Binary(RowSources.Open(path), 127.5, count);
        output.WriteLine(Text($"{rows.Rows:N0} x {rows.Columns}, H = 64, 16 states per row"));
        output.WriteLine("| iteration | s | ELBO | entropy sum | relative gap | prior residual | noise residual | collapsed |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        Stopwatch watch = Stopwatch.StartNew();
        OnProgress<FitProgress> progress = new(p => output.WriteLine(Text(
            $"| {p.Epoch} | {watch.Elapsed.TotalSeconds:F0} | {p.Elbo:F3} | {p.EntropySum:F3} | {Math.Abs((p.Elbo - p.EntropySum) / p.Elbo):P3} | {p.PriorResidual:F4} | {p.NoiseResidual:F4} | {p.Collapsed} |")));
        FitResult result = new SigmoidBeliefNetTrainer(new SigmoidBeliefNetOptions
        {
            Latents = 64,
            States = 16,
            NewtonSteps = newtonSteps,
            Iterations = iterations,
        }).Fit(rows, new FitContext { Progress = progress });
        ElboReport report = result.Model.Report.Summary;
        output.WriteLine(Text($"report: ELBO {report.Elbo:F3}, entropy sum {report.EntropySum:F3}, relative gap {report.RelativeGap:P3}, {result.RowsPerSecond:N0} rows/s"));
        using Process process = Process.GetCurrentProcess();
        output.WriteLine(Text($"peak memory {process.PeakWorkingSet64 / 1048576.0:F0} MiB"));
    }

    private static InMemoryRows Binary(IRowSource source, double threshold, int count)
    {
        IRowSource taken = count < int.MaxValue ? source.Take(count) : source;
        double[] values = taken.ReadAll().Values;
        return new InMemoryRows(Array.ConvertAll(values, v => v > threshold ? 1.0 : 0.0), source.Columns);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
