using System.Globalization;
using EntropyElbo.Benchmarks.Charts;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>D Fig. 5: ELBO, ELBO of held-out rows and entropy sum over epochs as trained; manifold data, and Fashion-MNIST in place of SUSY and CelebA.</summary>
internal static class VerificationFigure
{
    private const double Smoothing = 0.1;

    public static void Run(TextWriter output, string images, string picture, int epochs)
    {
        output.WriteLine($"| data | after epoch | ELBO | entropy sum | difference, % of the last ELBO | its moving average | ELBO of held-out rows |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        GaussianVaeOptions manifold = new()
        {
            Latents = 20,
            Hidden = [128, 40],
            Training = new MinibatchOptions { BatchSize = 512, Epochs = epochs, LearningRate = 1e-3, StationarityTolerance = 0, SettleShare = 0, EarlyStoppingPatience = 0 },
        };
        GaussianVaeOptions fashion = manifold with { Latents = 32, Hidden = [512, 256], Training = manifold.Training with { BatchSize = 256, Epochs = epochs / 4 } };
        (IRowSource rows, IRowSource held) = RowSplit.ByFraction(ManifoldSweep.Rows(30_000, 1, 0.01), 1.0 / 6, 1);
        (IRowSource pictures, IRowSource others) = RowSplit.ByFraction(RowSources.Open(images).Take(12_000), 1.0 / 6, 1);
        PlotPanel[] first = Course(output, "manifold data, VAE-1", rows, held, manifold), second = Course(output, "Fashion-MNIST, VAE-1", pictures, others, fashion);
        PlotFigure.Write(
            picture, "ELBO, ELBO of held-out rows and entropy sum over epochs, and the difference of the first and the last, for manifold data and Fashion-MNIST", 2,
            [first[0], second[0], first[1], second[1]]);
    }

    private static PlotPanel[] Course(TextWriter output, string data, IRowSource rows, IRowSource held, GaussianVaeOptions options)
    {
        FitResult fit = new GaussianVaeTrainer(options).Fit(rows, new FitContext { Threads = 1, TestRows = held, Traces = true });
        IReadOnlyList<FitProgress> history = fit.History;
        double[] shares = [.. history.Select(p => 100 * (p.Elbo - p.EntropySum) / Math.Abs(history[^1].Elbo))];
        double[] moving = [.. shares];
        for (int e = 1; e < moving.Length; e++)
        {
            moving[e] = ((1 - Smoothing) * moving[e - 1]) + (Smoothing * shares[e]);
        }

        foreach (FitProgress p in history.Where(p => p.Epoch is 1 or 3 or 10 or 30 or 100 || p.Epoch == history.Count))
        {
            output.WriteLine(Text($"| {data} | {p.Epoch} | {p.Elbo:F2} | {p.EntropySum:F2} | {shares[p.Epoch - 1]:F2} | {moving[p.Epoch - 1]:F2} | {p.TestElbo:F2} |"));
        }

        TrainingRecord record = fit.Model.Training;
        output.WriteLine(Text($"| {data} | closed | {record.Report!.Summary.Elbo:F2} | {record.Report.Summary.EntropySum:F2} | | | {record.TestReport!.Summary.Elbo:F2} |"));
        output.WriteLine($"{data}: {Meters.Head}: {Meters.Cells(record)}");
        output.Flush();
        double[] shown = [.. history.Skip(history.Count / 6).SelectMany(p => new[] { p.Elbo, p.EntropySum, p.TestElbo ?? p.Elbo })];
        double[] late = [.. shares.Skip(shares.Length / 6).Select(Math.Abs)];
        PlotAxis axis = PlotAxis.Linear("epoch", 0, history.Count);
        return
        [
            new PlotPanel(data, axis, PlotAxis.Linear("nats per row", shown.Min(), shown.Max() + (0.05 * (shown.Max() - shown.Min()))),
            [
                new("ELBO", PlotColours.Blue, PlotMark.Line, [.. history.Select(p => ((double)p.Epoch, p.Elbo))]),
                new("entropy sum", PlotColours.Orange, PlotMark.Line, [.. history.Select(p => ((double)p.Epoch, p.EntropySum))]),
                new("ELBO of held-out rows", PlotColours.Pink, PlotMark.Line, [.. history.Where(p => p.TestElbo is not null).Select(p => ((double)p.Epoch, p.TestElbo!.Value))]),
            ]),
            new PlotPanel("ELBO - entropy sum, % of the last ELBO", axis, PlotAxis.Linear("%", -1.2 * late.Max(), 1.2 * late.Max()),
            [
                new("of the epoch", PlotColours.Sky, PlotMark.Line, [.. shares.Select((s, e) => (e + 1.0, s))]),
                new("moving average", PlotColours.Blue, PlotMark.Line, [.. moving.Select((s, e) => (e + 1.0, s))]),
            ])
            {
                Rules = [new((0, 0), (history.Count, 0))],
            },
        ];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
