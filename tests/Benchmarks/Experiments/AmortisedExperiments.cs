using System.Diagnostics;
using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Sparse coding on image patches by E-steps and by networks (V Fig. 3, App. D.3).</summary>
internal static class AmortisedExperiments
{
    /// <summary>
    /// A row a kind: <c>e-steps</c>, <c>diagonal</c> or <c>low-rank</c>, the last two with an annealing behind a colon if you like
    /// (<c>low-rank:prior</c>), <c>all-rows</c> for L-BFGS on all rows, and <c>untrained</c> for a network that has seen one epoch.
    /// </summary>
    public static void Run(TextWriter output, string path, int latents, int epochs, string[] kinds)
    {
        IRowSource rows = KeptRows.Of(RowSources.Open(path));
        output.WriteLine("| codes | epochs | ELBO | amortisation gap | prior residual | noise residual | s | s to report |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (string kind in kinds)
        {
            Stopwatch watch = Stopwatch.StartNew();
            Progress trace = new(output);
            FitResult fit = new SparseCodingTrainer(Options(kind, latents, epochs)).Fit(rows, new FitContext { Threads = 1, Progress = trace });
            ElboReport report = fit.Model.Report.Summary;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {kind} | {fit.History.Count} | {report.Elbo:F3} | {report.AmortisationGap:F3} | {report.PriorResidual:F4} | {report.NoiseResidual:F4} | {fit.History[^1].Elapsed.TotalSeconds:F0} | {watch.Elapsed.TotalSeconds:F0} |"));
            output.Flush();
        }
    }

    /// <summary>The options of a kind.</summary>
    internal static SparseCodingOptions Options(string kind, int latents, int epochs)
    {
        string[] parts = kind.Split(':', 2);
        SparseCodingOptions options = new()
        {
            Latents = latents,
            Covariance = parts[0] == "low-rank" ? SparseCovariance.LowRank : SparseCovariance.Diagonal,
            BatchSize = 512,
            Iterations = parts[0] == "untrained" ? 1 : epochs,
            Centre = false,
            InnerTolerance = 1e-6,
            Annealing = AnnealingSchedule.Parse(parts.Length > 1 ? parts[1] : "none"),
        };
        return parts[0] == "e-steps" ? options
            : parts[0] == "all-rows" ? options with { BatchSize = null }
            : options with { Learning = SparseCodingLearning.Amortised };
    }

    private sealed class Progress(TextWriter output) : IProgress<FitProgress>
    {
        public void Report(FitProgress value)
        {
            if (value.Epoch % 5 == 0)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"epoch {value.Epoch} {value.Elbo:F3} {value.Elapsed.TotalSeconds:F1} s"));
                output.Flush();
            }
        }
    }
}
