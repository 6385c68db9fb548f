using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>The experiments behind the defaults of VAE-1, and D Fig. 1, 5 and 7 on p-PCA, manifold and image data.</summary>
internal static class FoundationExperiments
{
    private const int Seeds = 5;

    /// <summary>D Fig. 1 (a), (b): p-PCA data, five seeds.</summary>
    public static void Pca(TextWriter output)
    {
        output.WriteLine($"| seed | model | ELBO | entropy sum | {Meters.Head} |");
        output.WriteLine($"|---|---|---|---|{Meters.Rule}|");
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            InMemoryRows rows = PcaData.Create(10_000, seed);
            ITrainer vae = new GaussianVaeTrainer(new GaussianVaeOptions
            {
                Latents = 2,
                Hidden = [50, 50],
                Scaling = ScalingKind.None,
                Training = new MinibatchOptions { BatchSize = 500, Epochs = 250, Seed = seed },
            });
            ITrainer linear = new LinearVaeTrainer(new LinearVaeOptions { Latents = 2, Scaling = ScalingKind.None, Seed = seed });
            foreach (ITrainer trainer in (ITrainer[])[vae, linear])
            {
                LatentModel model = trainer.Fit(rows).Model;
                ElboReport report = model.Evaluate(rows, new EvaluateOptions { Samples = 100, Seed = 77 }).Summary;
                output.WriteLine(Text($"| {seed} | {model.Family} | {report.Elbo:F4} | {report.EntropySum:F4} | {Meters.Cells(model.Training)} |"));
            }
        }
    }

    /// <summary>D Fig. 7 (a): latents not collapsed on manifold data of intrinsic dimension 9, H = 20.</summary>
    public static void Manifold(TextWriter output, double noise)
    {
        output.WriteLine(Text($"noise {noise}"));
        output.WriteLine($"| seed | ELBO | {Meters.Head} | not collapsed (entropy) | (KL) | (activity) |");
        output.WriteLine($"|---|---|{Meters.Rule}|---|---|---|");
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            InMemoryRows all = ManifoldData.Create(50_000, seed, noise: noise);
            (IRowSource training, _) = RowSplit.ByFraction(all, 0.5, seed);
            TrainingRecord record = new GaussianVaeTrainer(new GaussianVaeOptions
            {
                Latents = 20,
                Hidden = [128, 40],
                InitialLogVariance = 0,
                Training = new MinibatchOptions { BatchSize = 512, Epochs = 250, LearningRate = 0.01, Seed = seed },
            }).Fit(training).Model.Training;
            Evaluation report = record.Report!;
            output.WriteLine(Text(
                $"| {seed} | {report.Summary.Elbo:F3} | {Meters.Cells(record)} | {20 - report.Collapsed.Entropy} | {20 - report.Collapsed.Kl} | {20 - report.Collapsed.Activity} |"));
        }
    }

    /// <summary>Fashion-MNIST, 784-512-256-32, ten epochs.</summary>
    public static void Images(TextWriter output, string path)
    {
        FitResult result = new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Latents = 32,
            Hidden = [512, 256],
            Training = new MinibatchOptions { BatchSize = 256, Epochs = 10 },
        }).Fit(RowSources.Open(path));
        Evaluation report = result.Model.Report;
        output.WriteLine(Text(
            $"ELBO {report.Summary.Elbo:F3}, entropy sum {report.Summary.EntropySum:F3}, {Meters.Head}: {Meters.Cells(result.Model.Training)}, collapsed {report.Collapsed.Entropy} of 32, {result.RowsPerSecond:N0} rows/s"));
        output.WriteLine(Text($"peak memory {System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:F0} MiB"));
    }

    /// <summary>The defaults on the digits: learning rate, initial variance and number of updates, a fifth of the rows held out.</summary>
    public static void Digits(TextWriter output, string path)
    {
        (IRowSource training, IRowSource test) = RowSplit.ByFraction(RowSources.Open(path, ColumnSelection.Parse("1-64")), 0.2, 1);
        output.WriteLine($"| initial log-variance | learning rate | updates | ELBO | {Meters.Head} | test ELBO | collapsed of 16 |");
        output.WriteLine($"|---|---|---|---|{Meters.Rule}|---|---|");
        foreach ((double init, double rate, int epochs) in (ReadOnlySpan<(double, double, int)>)
            [(-9, 1e-3, 400), (-9, 3e-3, 100), (-9, 3e-3, 200), (-9, 3e-3, 400), (-9, 3e-3, 1000), (-9, 6e-3, 400), (-3, 3e-3, 400), (0, 3e-3, 400)])
        {
            TrainingRecord record = new GaussianVaeTrainer(new GaussianVaeOptions
            {
                Latents = 16,
                InitialLogVariance = init,
                Training = new MinibatchOptions { LearningRate = rate, Epochs = epochs },
            }).Fit(training, new FitContext { TestRows = test }).Model.Training;
            output.WriteLine(Text(
                $"| {init} | {rate} | {record.Steps} | {record.Report!.Summary.Elbo:F2} | {Meters.Cells(record)} | {record.TestReport!.Summary.Elbo:F2} | {record.Report.Collapsed.Entropy} |"));
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
