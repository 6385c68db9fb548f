using System.Globalization;
using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>D Fig. 1 (c) and 9 (a): VAE-3 on PCA-ring data with the paper's settings, ELBO and entropy sum of every epoch as trained, nothing closed.</summary>
internal static class RingFigure
{
    private const int Window = 100;

    public static void Run(TextWriter output, string picture, int seeds, int epochs, int samples)
    {
        output.WriteLine("| seed | after epoch | ELBO | entropy sum | prior residual | noise residual | difference, % of the last ELBO |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        IReadOnlyList<FitProgress>[] runs = [.. Enumerable.Range(1, seeds).Select(seed => Train(output, (ulong)seed, epochs, samples))];
        double[][] shares = [.. runs.Select(run => run.Select(p => Share(p, run)).ToArray())];
        double[] last = [.. shares.SelectMany(s => s[^Math.Min(Window, s.Length)..])];
        output.WriteLine(Text($"over the last {Window} epochs of all seeds: mean absolute difference {last.Average(Math.Abs):F3} %, mean difference {last.Average():F3} %"));
        PlotFigure.Write(
            picture, "ELBO and entropy sum of VAE-3 on PCA-ring data over epochs, and their difference relative to the last ELBO", 2,
            [Values(runs), Differences(shares, epochs), Signed(shares, epochs)]);
    }

    private static IReadOnlyList<FitProgress> Train(TextWriter output, ulong seed, int epochs, int samples)
    {
        IReadOnlyList<FitProgress> history = new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Variant = VaeVariant.VarianceNetwork,
            Latents = 2,
            Hidden = [50, 50],
            Scaling = Data.ScalingKind.None,
            Training = new MinibatchOptions { BatchSize = 2000, Epochs = epochs, LearningRate = 1e-3, Samples = samples, SettleShare = 0, StationarityTolerance = 0, Seed = seed },
        }).Fit(PcaRing.Create(10_000, seed), new FitContext { Threads = 1, Certificate = false }).History;
        foreach (FitProgress p in history.Where(p => p.Epoch is 10 or 30 or 100 or 300 or 1000 || p.Epoch == history.Count))
        {
            output.WriteLine(Text($"| {seed} | {p.Epoch} | {p.Elbo:F3} | {p.EntropySum:F3} | {p.PriorResidual:G3} | {p.NoiseResidual:G3} | {Share(p, history):F2} |"));
        }

        output.WriteLine(Text($"seed {seed}: {history[^1].Elapsed.TotalSeconds:F0} s"));
        output.Flush();
        return history;
    }

    private static double Share(FitProgress p, IReadOnlyList<FitProgress> history) => 100 * (p.Elbo - p.EntropySum) / Math.Abs(history[^1].Elbo);

    /// <summary>The axis is that of the epochs after the first sixth.</summary>
    private static PlotPanel Values(IReadOnlyList<FitProgress>[] runs)
    {
        IReadOnlyList<FitProgress>[] shown = [.. runs.Take(3)];
        double[] values = [.. shown.SelectMany(run => run.Skip(run.Count / 6).SelectMany(p => new[] { p.Elbo, p.EntropySum }))];
        return new PlotPanel(
            $"PCA-ring, VAE-3, {shown.Length} seeds",
            PlotAxis.Linear("epoch", 0, runs[0].Count),
            PlotAxis.Linear("nats per row", values.Min(), values.Max() + (0.05 * (values.Max() - values.Min()))),
            [.. shown.SelectMany((run, i) => new PlotSeries[]
            {
                new(i == 0 ? "ELBO" : null, PlotColours.Blue, PlotMark.Line, [.. run.Select(p => ((double)p.Epoch, p.Elbo))]),
                new(i == 0 ? "entropy sum" : null, PlotColours.Orange, PlotMark.Line, [.. run.Select(p => ((double)p.Epoch, p.EntropySum))]),
            })]);
    }

    private static PlotPanel Differences(double[][] shares, int epochs)
    {
        (double X, double Y)[] Quantile(double q) => [.. Enumerable.Range(0, epochs).Select(e => (e + 1.0, Of(shares.Select(s => Math.Abs(s[e])), q)))];
        (double X, double Y)[] middle = Quantile(0.5);
        return new PlotPanel(
            $"|ELBO - entropy sum|, % of the last ELBO, {shares.Length} seeds",
            PlotAxis.Linear("epoch", 0, epochs),
            PlotAxis.Decades("%", middle.Select(p => p.Y)),
            [
                new("quartiles", PlotColours.Sky, PlotMark.Line, Quantile(0.25)), new(null, PlotColours.Sky, PlotMark.Line, Quantile(0.75)),
                new("median", PlotColours.Green, PlotMark.Line, middle),
            ]);
    }

    /// <summary>With its sign, the mean over seeds and over a window of epochs: what does not scatter about 0.</summary>
    private static PlotPanel Signed(double[][] shares, int epochs)
    {
        double[] means = [.. Enumerable.Range(0, epochs).Select(e => shares.Average(s => s[e]))];
        (double, double Y)[] moving = [.. Enumerable.Range(Window, epochs - Window).Select(e => ((double)e, means[(e - Window)..e].Average()))];
        double[] late = [.. moving.Skip(moving.Length / 6).Select(p => p.Y)];
        double most = Math.Max(0.1, 1.1 * late.Max(Math.Abs));
        return new PlotPanel(
            "signed, mean over seeds and 100 epochs", PlotAxis.Linear("epoch", 0, epochs), PlotAxis.Linear("%", -most, most),
            [new(null, PlotColours.Green, PlotMark.Line, moving)])
        {
            Rules = [new((0, 0), (epochs, 0))],
        };
    }

    private static double Of(IEnumerable<double> values, double quantile)
    {
        double[] sorted = [.. values.Order()];
        double place = quantile * (sorted.Length - 1);
        int below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
