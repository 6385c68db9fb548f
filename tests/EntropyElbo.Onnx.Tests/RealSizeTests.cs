using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Onnx.Tests;

/// <summary>
/// Models of the sizes that people train, hardly trained: their encoders say what the library does. With ENTROPY_ELBO_ONNX_LATENCY naming a
/// file, times for docs/onnx.md are added to it.
/// </summary>
[TestClass]
public sealed class RealSizeTests
{
    private const int Count = 256;

    private static readonly Dictionary<string, (int Columns, Func<ITrainer> Trainer)> Models = new()
    {
        ["ppca, 784 columns, 32 latents"] = (784, () => new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 32 })),
        ["mixture:gaussian-full, 64 columns, 10 components"] = (64, () => new MixtureTrainer(
            new MixtureOptions { Family = "gaussian-full", Components = 10, Restarts = 1, Iterations = 3 })),
        ["mixture:gaussian-tied, 64 columns, 10 components"] = (64, () => new MixtureTrainer(
            new MixtureOptions { Family = "gaussian-tied", Components = 10, Restarts = 1, Iterations = 3 })),
        ["vae-1, 784-512-256-32"] = (784, () => new GaussianVaeTrainer(
            new GaussianVaeOptions { Latents = 32, Hidden = [512, 256], Training = new MinibatchOptions { Epochs = 2 } })),
        ["vae-1, images of 32 x 32 x 3, 64 latents"] = (3072, () => new GaussianVaeTrainer(new GaussianVaeOptions
        {
            Latents = 64,
            Images = new ImageNetworks { Shape = new ImageShape(32, 32, 3) },
            Training = new MinibatchOptions { Epochs = 1, BatchSize = 64 },
        })),
        ["sparse-coding, 144 columns, 300 latents, network"] = (144, () => new SparseCodingTrainer(new SparseCodingOptions
        {
            Latents = 300, Learning = SparseCodingLearning.Amortised, Covariance = SparseCovariance.Diagonal, Iterations = 1, Scaling = ScalingKind.Standard,
        })),
    };

    public static IEnumerable<object[]> Names => Models.Keys.Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Encoder_IsTheLibrarys(string name)
    {
        (int columns, Func<ITrainer> trainer) = Models[name];
        double[] rows = Rows.Shares(columns, Count);
        LatentModel model = trainer().Fit(new InMemoryRows(rows, columns), new FitContext { Certificate = false }).Model;
        using OnnxRun run = OnnxRun.Of(model, OnnxOutputs.Encoder);
        double[] means = new double[Count * model.LatentDimension], variances = new double[means.Length];
        model.Encode(rows, means, variances);
        Dictionary<string, double[]> found = run.Of(rows, columns);
        Assert.IsTrue(Expected.Difference(means, found["mean"]) <= 1e-5, "mean");
        Assert.IsTrue(Expected.Difference(variances, found["variance"]) <= 1e-5, "variance");
        if (Environment.GetEnvironmentVariable("ENTROPY_ELBO_ONNX_LATENCY") is { } path)
        {
            double[] row = rows[..columns], mean = means[..model.LatentDimension], variance = variances[..model.LatentDimension];
            double[] times =
            [
                ExportTests.Milliseconds(() => model.Encode(row, mean, variance)), ExportTests.Milliseconds(() => run.Of(row, columns)),
                ExportTests.Milliseconds(() => model.Encode(rows, means, variances)), ExportTests.Milliseconds(() => run.Of(rows, columns)),
            ];
            string figures = string.Join(" | ", times.Select(t => t.ToString("F3", CultureInfo.InvariantCulture)));
            File.AppendAllText(path, string.Create(CultureInfo.InvariantCulture, $"| {name} | {run.Size / 1024.0:F0} | {figures} |\n"));
        }
    }
}
