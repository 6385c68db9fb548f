using System.Globalization;
using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>D Fig. 1 (a) and (b): ELBO and entropy sum of every epoch as trained, nothing closed, and how far they are apart.</summary>
internal static class CourseFigure
{
    public static void Run(TextWriter output, string images, int count, int epochs, string picture)
    {
        output.WriteLine("| data | after epoch | ELBO | entropy sum | prior residual | noise residual | share of the ELBO's size at the end |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        GaussianVaeOptions small = new() { Latents = 2, Hidden = [50, 50], Scaling = ScalingKind.None, Training = new MinibatchOptions { BatchSize = 500, Epochs = 250, StationarityTolerance = 0 } };
        GaussianVaeOptions large = small with { Latents = 32, Hidden = [512, 256], Scaling = null, Training = small.Training with { BatchSize = 256, Epochs = epochs, LearningRate = 1e-3 } };
        IReadOnlyList<FitProgress> pca = Course(output, "p-PCA", PcaData.Create(10_000, 1), small);
        IReadOnlyList<FitProgress> fashion = Course(output, "Fashion-MNIST", RowSources.Open(images).Take(count), large);
        PlotFigure.Write(picture, "ELBO and entropy sum over epochs, and their difference relative to the last ELBO, for p-PCA data and Fashion-MNIST", 2, [
            Values("p-PCA data, VAE-1", pca), Values("Fashion-MNIST, VAE-1", fashion), Differences(pca), Differences(fashion),
        ]);
    }

    private static IReadOnlyList<FitProgress> Course(TextWriter output, string data, IRowSource rows, GaussianVaeOptions options)
    {
        IReadOnlyList<FitProgress> history = new GaussianVaeTrainer(options).Fit(rows, new FitContext { Threads = 1, Certificate = false }).History;
        foreach (FitProgress p in history.Where(p => p.Epoch is 1 or 2 or 3 or 5 or 10 or 20 or 50 or 100 or 200 || p.Epoch == history.Count))
        {
            output.WriteLine(Text($"| {data} | {p.Epoch} | {p.Elbo:F3} | {p.EntropySum:F3} | {p.PriorResidual:G3} | {p.NoiseResidual:G3} | {Share(p, history):P3} |"));
        }

        output.Flush();
        return history;
    }

    private static double Share(FitProgress p, IReadOnlyList<FitProgress> history) => Math.Abs(p.Elbo - p.EntropySum) / Math.Abs(history[^1].Elbo);

    /// <summary>The axis is that of the epochs after the first sixth, whose values would take all the room.</summary>
    private static PlotPanel Values(string title, IReadOnlyList<FitProgress> history)
    {
        double[] shown = [.. history.Skip(history.Count / 6).SelectMany(p => new[] { p.Elbo, p.EntropySum })];
        return new PlotPanel(
            title,
            PlotAxis.Linear("epoch", 0, history.Count),
            PlotAxis.Linear("nats per row", shown.Min(), shown.Max() + (0.05 * (shown.Max() - shown.Min()))),
            [
                new("ELBO", PlotColours.Blue, PlotMark.Line, [.. history.Select(p => ((double)p.Epoch, p.Elbo))]),
                new("entropy sum", PlotColours.Orange, PlotMark.Line, [.. history.Select(p => ((double)p.Epoch, p.EntropySum))]),
            ]);
    }

    private static PlotPanel Differences(IReadOnlyList<FitProgress> history)
    {
        (double, double Share)[] points = [.. history.Select(p => ((double)p.Epoch, 100 * Share(p, history)))];
        return new PlotPanel(
            "|ELBO - entropy sum|, % of the last ELBO",
            PlotAxis.Linear("epoch", 0, history.Count),
            PlotAxis.Decades("%", points.Select(p => p.Share)),
            [new(null, PlotColours.Green, PlotMark.Line, points)]);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
