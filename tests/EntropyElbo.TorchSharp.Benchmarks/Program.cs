// Training rows per second of VAE-1 through the Torch engine, against the same model in PyTorch eager on the same device, in turns, medians.
//
//   dotnet run -c Release [-p:Torch=cuda-linux] -- [cpu|cuda:N|auto] [precision|convolution]
//
// With "own training" or "own convolution" instead: the own engine beside eager TorchSharp and PyTorch on the CPU.
// With "convolution": images per second of convolutional networks instead.
// With "precision": ELBO and gap after training in single precision, TensorFloat-32 and bfloat16 instead.
using System.Globalization;
using EntropyElbo;
using EntropyElbo.Benchmarks;
using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Families.Vae;
using EntropyElbo.Networks;
using EntropyElbo.Reports;
using EntropyElbo.TorchSharp;
using EntropyElbo.Training;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
if (args is ["peer", string kind])
{
    TorchSharpPeer.Serve(kind);
    return 0;
}

if (args is ["own", string benchmark])
{
    using PythonPeer? sharp = TorchSharpPeer.TryStart(benchmark);
    if (benchmark == "training")
    {
        TrainingBenchmark.Run(Console.Out, sharp);
    }
    else
    {
        ConvolutionBenchmark.Run(Console.Out, "cpu", ComputeEngine.Cpu, 1, sharp);
    }

    return 0;
}

string wanted = args.Length > 0 ? args[0] : "auto";
TorchEngine engine = new(new TorchOptions { Device = wanted });
if (engine.Problem is { } problem)
{
    Console.Error.WriteLine($"{engine.Name} cannot be used: {problem}");
    return 1;
}

if (args is [_, "precision"])
{
    Precisions();
    return 0;
}

string device = wanted != "auto" ? wanted : engine.DeviceCount > 0 ? "cuda:0" : "cpu";
Console.WriteLine(device == "cpu" ? "no GPU is used: libtorch on the CPU" : $"device {device} of {engine.DeviceCount}");
if (args is [_, "convolution"])
{
    ConvolutionBenchmark.Run(Console.Out, device, engine.OnDevice(), device == "cpu" ? 1 : 64);
    return 0;
}

using PythonPeer? peer = PythonPeer.TryStart("training_torch.py");
Console.WriteLine(peer is null ? "no python with torch found: no peer column (set PYTHON to name one)" : peer.Versions);
Console.WriteLine("| net | batch | rows/s | PyTorch rows/s | ratio |");
Console.WriteLine("|---|---|---|---|---|");
(string Name, int[] Sizes)[] nets = [("784-512-256-32", [784, 512, 256, 32]), ("784-2000-1000-64", [784, 2000, 1000, 64])];
foreach ((string name, int[] sizes) in nets)
{
    foreach (int batch in (int[])[256, 1024, 8192])
    {
        // Several steps to an epoch, at whose end parameters are read back.
        int rows = device == "cpu" ? Math.Max(4 * batch, sizes[1] > 1000 ? 1024 : 4096) : 64 * 8192;
        try
        {
            Measure(name, sizes, batch, rows);
        }
        catch (BadOptionException error) when (error.Option == "batch")
        {
            Console.WriteLine($"| {name} | {batch} | {error.Message} | | |");
        }
    }
}

return 0;

void Precisions()
{
    Console.WriteLine("| data | precision | ELBO | entropy sum | relative gap | collapsed |");
    Console.WriteLine("|---|---|---|---|---|---|");
    GaussianVaeOptions small = new() { Latents = 2, Hidden = [50, 50], Scaling = ScalingKind.None, Training = new MinibatchOptions { BatchSize = 500, Epochs = 150 } };
    GaussianVaeOptions wide = new() { Latents = 20, Hidden = [128, 40], Training = new MinibatchOptions { BatchSize = 512, Epochs = 100 } };
    GaussianVaeOptions images = new()
    {
        Latents = 6,
        Images = new ImageNetworks { Shape = Blobs.Shape(), Filters = [16, 32] },
        Training = new MinibatchOptions { BatchSize = 64, Epochs = 40 },
    };
    (string Name, InMemoryRows Rows, GaussianVaeOptions Options)[] cases =
        [("p-PCA", PcaData.Create(10_000, 1), small), ("manifold", ManifoldData.Create(10_000, 1, noise: 0.1), wide), ("blobs 16x16", Blobs.Create(3000, 1), images)];
    foreach ((string name, InMemoryRows rows, GaussianVaeOptions options) in cases)
    {
        foreach (TorchPrecision precision in Enum.GetValues<TorchPrecision>())
        {
            TorchEngine torch = new(new TorchOptions { Device = wanted, Precision = precision });
            Evaluation report = new GaussianVaeTrainer(options).Fit(rows, new FitContext { Engine = torch.OnDevice() }).Model.Report;
            Console.WriteLine(
                $"| {name} | {precision} | {report.Summary.Elbo:F4} | {report.Summary.EntropySum:F4} | {report.Summary.RelativeGap:P4} | {report.Collapsed.Entropy} |");
        }
    }
}

void Measure(string name, int[] sizes, int batch, int rows)
{
    InMemoryRows data = TrainingBenchmark.Uniform(rows, sizes[0]);
    GaussianVaeTrainer trainer = new(new GaussianVaeOptions
    {
        Latents = sizes[^1],
        Hidden = sizes[1..^1],
        InitialLogVariance = -3,
        Training = new MinibatchOptions { BatchSize = batch, Epochs = 3, StationarityTolerance = 0 },
    });
    List<double> own = [], other = [];
    for (int round = 0; round < (device == "cpu" ? 3 : 5); round++)
    {
        own.AddRange(TrainingBenchmark.RatesOf(trainer, data, 0, engine.OnDevice()));
        if (peer?.Ask($"{name} {batch} {rows} vae-1 {device}").Split(' ') is [string rate, _])
        {
            other.Add(double.Parse(rate, CultureInfo.InvariantCulture));
        }
    }

    double theirs = other.Count > 0 ? TrainingBenchmark.Median(other) : double.NaN;
    Console.WriteLine($"| {name} | {batch} | {TrainingBenchmark.Median(own):N0} | {theirs:N0} | {TrainingBenchmark.Median(own) / theirs:F2} |");
}
