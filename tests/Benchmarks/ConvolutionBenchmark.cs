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
    /// <param name="bind">Takes the library's trainer to the engine to be measured.</param>
    /// <param name="scale">Factor on the number of rows: faster devices need more.</param>
    public static void Run(TextWriter output, string device, Func<ITrainer, ITrainer> bind, int scale)
    {
        using PythonPeer? peer = PythonPeer.TryStart("convolution_torch.py");
        output.WriteLine(peer is null ? "no python with torch found: no peer column (set PYTHON to name one)" : peer.Versions);
        output.WriteLine("| image | filters | latents | batch | images/s | PyTorch images/s | ratio |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        foreach ((ImageShape image, int[] filters, int latents, int batch, int few) in s_shapes)
        {
            int rows = few * scale;
            string sizes = string.Join(',', filters);
            InMemoryRows data = TrainingBenchmark.Uniform(rows, image.Columns);
            List<double> own = [], other = [];
            for (int round = 0; round < 5; round++)
            {
                ITrainer trainer = bind(new GaussianVaeTrainer(new GaussianVaeOptions
                {
                    Latents = latents,
                    Images = new ImageNetworks { Shape = image, Filters = filters },
                    InitialLogVariance = -3,
                    Training = new MinibatchOptions { BatchSize = batch, Epochs = 3, StationarityTolerance = 0 },
                }));
                own.AddRange(TrainingBenchmark.RatesOf(trainer, data, 0));
                if (peer?.Ask(string.Create(CultureInfo.InvariantCulture, $"{image} {sizes} {latents} {batch} {rows} {device}")).Split(' ') is [string rate, _])
                {
                    other.Add(double.Parse(rate, CultureInfo.InvariantCulture));
                }
            }

            double theirs = other.Count > 0 ? TrainingBenchmark.Median(other) : double.NaN, ours = TrainingBenchmark.Median(own);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"| {image} | {sizes} | {latents} | {batch} | {ours:N0} | {theirs:N0} | {ours / theirs:F2} |"));
        }
    }
}
