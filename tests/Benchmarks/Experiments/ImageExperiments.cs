using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Data.Formats;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Convolutional networks on images (D App. D.3 and D.4).</summary>
internal static class ImageExperiments
{
    /// <summary>
    /// Fashion-MNIST as pixels from -1 to 1: dense and convolutional networks, and what a fixed variance of 1 does to the latents (D Fig. 7 c); then the
    /// papers' architecture for CelebA on synthetic images of its size.
    /// </summary>
    public static void Convolutions(TextWriter output, string path, int rows)
    {
        output.WriteLine("| data | model | networks | parameters of the decoder | ELBO | relative gap | test ELBO | active of H: entropy, KL, activity | sigma^2 | s |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        InMemoryRows all = Centred(path);
        (IRowSource training, IRowSource test) = RowSplit.ByFraction(all.Take(rows + (rows / 5)), 1.0 / 6, 1);
        ImageNetworks small = new() { Shape = new ImageShape(28, 28), Filters = [32, 64] };
        GaussianVaeOptions options = new()
        {
            Latents = 32,
            Scaling = ScalingKind.None,
            Training = new MinibatchOptions { BatchSize = 128, Epochs = 15, LearningRate = 1e-3 },
        };
        Run("Fashion-MNIST", "dense 512, 256", options with { Hidden = [512, 256] }, training, test);
        Run("Fashion-MNIST", "filters 32, 64", options with { Images = small }, training, test);
        Run("Fashion-MNIST", "filters 32, 64, 128", options with { Images = small with { Filters = [32, 64, 128] } }, training, test);
        GaussianVaeOptions annealed = options with
        {
            Variant = VaeVariant.FixedVariance,
            FixedVariance = 1,
            Images = small,
            Training = options.Training with { KlWeight = new KlSchedule { Kind = KlScheduleKind.WarmUp, StartWeight = 0.1, Epochs = 10 } },
        };
        Run("Fashion-MNIST", "filters 32, 64; beta from 0.1", annealed, training, test);
        GaussianVaeOptions large = options with
        {
            Latents = 128,
            Images = new ImageNetworks { Shape = Blobs.Shape(64, 3), HorizontalFlips = true },
            Training = options.Training with { BatchSize = 256, Epochs = 20 },
        };
        Run("blobs 64x64x3", "the papers', flips", large, Blobs.Create(4000, 1, side: 64, channels: 3), Blobs.Create(800, 1, 4000, 64, 3));

        void Run(string data, string networks, GaussianVaeOptions own, IRowSource rows, IRowSource held)
        {
            FitResult fit = new GaussianVaeTrainer(own).Fit(rows, new FitContext { TestRows = held });
            GaussianVaeModel model = (GaussianVaeModel)fit.Model;
            Evaluation report = model.Report;
            int h = own.Latents;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {data} | {model.Family} | {networks} | {model.FreeParameters} | {report.Summary.Elbo:F1} | {report.Summary.RelativeGap:P3} | {model.Training.TestReport!.Summary.Elbo:F1} | {h - report.Collapsed.Entropy}, {h - report.Collapsed.Kl}, {h - report.Collapsed.Activity} of {h} | {model.DecoderVariance:G3} | {fit.Elapsed.TotalSeconds:F0} |"));
        }
    }

    /// <summary>Bytes as numbers from -1 to 1.</summary>
    private static InMemoryRows Centred(string path)
    {
        (double[] values, _) = RowSources.Open(path).ReadAll();
        return new InMemoryRows([.. values.Select(v => (float)((v / 127.5) - 1))], 784);
    }
}
