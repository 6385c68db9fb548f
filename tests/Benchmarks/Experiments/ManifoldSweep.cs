using System.Globalization;
using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>
/// D Fig. 7 (a) with the data and the settings of the paper's public code, nothing tuned: how many latents stay active depends on the noise, which the paper does not give.
/// </summary>
internal static class ManifoldSweep
{
    private const int Columns = 100;
    private const int Intrinsic = 9;
    private const int Latents = 20;

    public static void Run(TextWriter output, int seeds, int count, int epochs, string picture)
    {
        output.WriteLine($"| noise | seed | ELBO | active: entropy, KL, activity | {Meters.Head} | rise over the last window | converged |");
        output.WriteLine($"|---|---|---|---|{Meters.Rule}|---|---|");
        List<PlotPanel> panels = [];
        foreach (double noise in (double[])[0, 0.01, 0.05])
        {
            for (ulong seed = 1; seed <= (ulong)seeds; seed++)
            {
                TrainingRecord record = Train(noise, seed, count, epochs);
                Line(output, noise, seed, record);
                if (seed == 1)
                {
                    panels.Add(Panel(Text($"noise {noise}"), record.Report!));
                }
            }
        }

        PlotFigure.Write(picture, "Mean encoder entropy of every latent in descending order, at three sizes of noise", 3, panels);
    }

    private static TrainingRecord Train(double noise, ulong seed, int count, int epochs) => new GaussianVaeTrainer(new GaussianVaeOptions
    {
        Latents = Latents,
        Hidden = [128, 40],
        InitialLogVariance = -9,
        Training = new MinibatchOptions { BatchSize = 512, Epochs = epochs, LearningRate = 1e-3, StationarityTolerance = 0, SettleShare = 0, Seed = seed },
    }).Fit(Rows(count, seed, noise), new FitContext { Threads = 1 }).Model.Training;

    private static void Line(TextWriter output, double noise, ulong seed, TrainingRecord record)
    {
        Evaluation report = record.Report!;
        ConvergenceCertificate certificate = record.Certificate!;
        CollapsedLatents collapsed = report.Collapsed;
        output.WriteLine(Text(
            $"| {noise} | {seed} | {report.Summary.Elbo:F2} | {Latents - collapsed.Entropy}, {Latents - collapsed.Kl}, {Latents - collapsed.Activity} of {Latents} | {Meters.Cells(record)} | {certificate.Rise:G2} +- {certificate.RiseError:G1} | {(record.Converged ? "yes" : "no")} |"));
        output.Flush();
    }

    /// <summary>Entropies in descending order; above one nat a latent is collapsed (D eq. 24).</summary>
    private static PlotPanel Panel(string title, Evaluation report)
    {
        LatentReport[] latents = [.. report.Latents.OrderByDescending(l => l.EncoderEntropy)];
        (LatentReport Latent, (double, double) Point)[] bars = [.. latents.Select((l, i) => (l, (i + 1.0, l.EncoderEntropy)))];
        double low = Math.Min(0, Math.Floor(latents[^1].EncoderEntropy));
        return new PlotPanel(
            title,
            PlotAxis.Linear("latents in descending order", 0.4, Latents + 0.6),
            PlotAxis.Linear("mean encoder entropy, nats", low, 2),
            [
                new("collapsed", PlotColours.Orange, PlotMark.Bar, [.. bars.Where(b => b.Latent.CollapsedByEntropy).Select(b => b.Point)]),
                new("active", PlotColours.Blue, PlotMark.Bar, [.. bars.Where(b => !b.Latent.CollapsedByEntropy).Select(b => b.Point)]),
            ])
        {
            Rules = [new((0.4, 1), (Latents + 0.6, 1), "collapsed above 1"), new((0.4, 1.4189), (Latents + 0.6, 1.4189), "prior 1.42")],
        };
    }

    /// <summary>Nine columns of 0.35 N(0, 1) - 0.175, the others 0.35 cos(x_r^2 + x_s^2), and noise; scaled by the fit.</summary>
    internal static InMemoryRows Rows(int count, ulong seed, double noise)
    {
        RandomStream random = new(seed, RandomPurpose.Generation);
        int[] pairs = new int[2 * (Columns - Intrinsic)];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = random.NextInt(Intrinsic);
        }

        double[] values = new double[count * Columns];
        for (int n = 0; n < count; n++)
        {
            Span<double> row = values.AsSpan(n * Columns, Columns);
            for (int d = 0; d < Columns; d++)
            {
                int pair = 2 * (d - Intrinsic);
                row[d] = d < Intrinsic ? (0.35 * random.NextGaussian()) - 0.175 : 0.35 * Math.Cos((row[pairs[pair]] * row[pairs[pair]]) + (row[pairs[pair + 1]] * row[pairs[pair + 1]]));
            }

            foreach (ref double x in row)
            {
                x += noise * random.NextGaussian();
            }
        }

        return new InMemoryRows(values, Columns);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
