using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks;

/// <summary>
/// Training images per second of a convolutional VAE-1 against the same architecture in PyTorch on the same device, in turns within one run, medians over
/// the rounds: the papers' network for CelebA, and a small one.
/// </summary>
internal static class ConvolutionBenchmark
{
    private static readonly (ImageShape Image, int[] Filters, int Latents, int Batch, int Rows)[] s_shapes =
    [
        (new ImageShape(28, 28), [32, 64], 16, 128, 1024),
        (new ImageShape(64, 64, 3), [32, 64, 128, 256, 512], 128, 64, 256),
    ];

    /// <summary>Measures.</summary>
    /// <param name="output">Takes the table.</param>
    /// <param name="device">PyTorch's name of the device.</param>
    /// <param name="engine">The engine to be measured.</param>
    /// <param name="scale">Factor on the number of rows: faster devices need more.</param>
    /// <param name="second">Another peer than PyTorch; null for none.</param>
    public static void Run(TextWriter output, string device, ComputeEngine engine, int scale, PythonPeer? second = null)
    {
        using PythonPeer? first = PythonPeer.TryStart("convolution_torch.py");
        output.WriteLine(first is null ? "no python with torch found: no figures of PyTorch (set PYTHON to name one)" : first.Versions);
        output.WriteLine(second?.Versions ?? "no TorchSharp");
        output.WriteLine("| image | filters | latents | batch | images/s | PyTorch images/s | its threads | TorchSharp images/s | its threads | ratio to the best |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach ((ImageShape image, int[] filters, int latents, int batch, int few) in s_shapes)
        {
            int rows = few * scale;
            string sizes = string.Join(',', filters);
            InMemoryRows data = TrainingBenchmark.Uniform(rows, image.Columns);
            List<double> own = [];
            PeerRates torch = new(first), sharp = new(second);
            string question = string.Create(CultureInfo.InvariantCulture, $"{image} {sizes} {latents} {batch} {rows} {device}");
            for (int round = 0; round < 5; round++)
            {
                GaussianVaeTrainer trainer = new(new GaussianVaeOptions
                {
                    Latents = latents,
                    Images = new ImageNetworks { Shape = image, Filters = filters },
                    InitialLogVariance = -3,
                    Training = new MinibatchOptions { BatchSize = batch, Epochs = 3, StationarityTolerance = 0 },
                });
                own.AddRange(TrainingBenchmark.RatesOf(trainer, data, 0, engine));
                torch.Ask(question);
                sharp.Ask(question);
            }

            double ours = TrainingBenchmark.Median(own);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {image} | {sizes} | {latents} | {batch} | {ours:N0} | {torch} | {sharp} | {ours / PeerRates.Best(torch, sharp):F2} |"));
        }
    }
}
