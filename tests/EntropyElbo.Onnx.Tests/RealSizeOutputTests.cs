using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Training;
using global::Onnx;

namespace EntropyElbo.Onnx.Tests;

/// <summary>
/// All outputs of models with many columns are the library's: sums are long there, log densities large, and most responsibilities next to
/// 0 or 1. With ENTROPY_ELBO_ONNX_SIZES naming a file, figures for docs/onnx.md are added to it.
/// </summary>
[TestClass]
public sealed class RealSizeOutputTests
{
    private const int Count = 500;

    private static readonly Dictionary<string, (Func<double[]> Rows, int Columns, Func<ITrainer> Trainer)> Models = new()
    {
        ["ppca, 784 columns, 32 latents"] = (
            () => Rows.Shares(784, Count), 784, () => new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 32 })),
        ["linear-vae, 784 columns, 32 latents"] = (
            () => Rows.Shares(784, Count), 784, () => new LinearVaeTrainer(new LinearVaeOptions { Latents = 32, Iterations = 2 })),
        ["factor-analysis, 784 columns, 8 latents"] = (
            () => Rows.Shares(784, Count), 784, () => new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 8, Iterations = 3 })),
        ["vae-d, 784-512-256-32"] = (() => Rows.Shares(784, Count), 784, () => Vae(VaeVariant.VariancePerColumn)),
        ["vae-3, 784-512-256-32"] = (() => Rows.Shares(784, Count), 784, () => Vae(VaeVariant.VarianceNetwork)),
        ["sparse-vae, 784-512-256-32"] = (() => Rows.Shares(784, Count), 784, () => Vae(VaeVariant.SparsePrior)),
        ["vae-1 bernoulli, 784-512-256-32"] = (
            () => Rows.Binary(784, Count), 784, () => Vae(VaeVariant.LearnedVariance, ObservableLikelihood.Bernoulli)),
        ["vae-1 poisson, 784-512-256-32"] = (
            () => Rows.Events(784, Count), 784, () => Vae(VaeVariant.LearnedVariance, ObservableLikelihood.Poisson)),
        ["vae-1, images of 16 x 16 x 3, 32 latents"] = (() => Rows.Shares(768, Count), 768, () => Vae(
            VaeVariant.LearnedVariance, images: new ImageNetworks { Shape = new ImageShape(16, 16, 3), Filters = [16, 32] })),
        ["mixture:gaussian-full, 64 columns"] = (() => Rows.Shares(64, Count), 64, () => Mixture("gaussian-full")),
        ["mixture:gaussian-full, 64 columns far from 0"] = (() => Rows.Real(64, Count), 64, () => Mixture("gaussian-full")),
        ["mixture:gaussian-full, 256 columns"] = (() => Rows.Shares(256, Count), 256, () => Mixture("gaussian-full", 3)),
        ["mixture:gaussian-full, 66 columns, overlapping"] = (() => Rows.Narrow(Rows.Real, 66, 4000), 66, () => Mixture("gaussian-full", 4)),
        ["mixture:gaussian-tied, 256 columns"] = (() => Rows.Shares(256, Count), 256, () => Mixture("gaussian-tied")),
        ["mixture:gaussian-tied, 66 columns, overlapping"] = (() => Rows.Narrow(Rows.Real, 66, 2000), 66, () => Mixture("gaussian-tied", 4)),
        ["mixture:gaussian-diagonal, 784 columns"] = (() => Rows.Shares(784, Count), 784, () => Mixture("gaussian-diagonal")),
        ["mixture:gaussian-spherical, 784 columns"] = (() => Rows.Shares(784, Count), 784, () => Mixture("gaussian-spherical")),
        ["mixture:gamma, 780 columns"] = (() => Rows.Narrow(Rows.Positive, 780, Count), 780, () => Mixture("gamma")),
        ["mixture:exponential, 780 columns"] = (() => Rows.Narrow(Rows.Positive, 780, Count), 780, () => Mixture("exponential")),
        ["mixture:beta, 784 columns"] = (() => Rows.Shares(784, Count), 784, () => Mixture("beta")),
        ["mixture:bernoulli, 784 columns"] = (() => Rows.Binary(784, Count), 784, () => Mixture("bernoulli")),
        ["mixture:binomial:9, 784 columns"] = (() => Rows.Counts(784, 9, Count), 784, () => Mixture("binomial:9")),
        ["mixture:poisson, 784 columns"] = (() => Rows.Events(784, Count), 784, () => Mixture("poisson")),
        ["mixture:categorical, 784 columns"] = (() => Rows.Categories(784, 5, Count), 784, () => Mixture("categorical")),
        ["sparse-coding, 144 columns, 300 latents"] = (() => Rows.Shares(144, Count), 144, () => Sparse(SparseCovariance.Diagonal)),
        ["sparse-coding, low rank, 144 columns, 300 latents"] = (
            () => Rows.Shares(144, Count), 144, () => Sparse(SparseCovariance.LowRank)),
    };

    /// <summary>Of networks whose rounding takes more than 1e-5, here as in the runtime: several times what docs/onnx.md has.</summary>
    private static readonly Dictionary<string, double> Tolerances = new()
    {
        ["vae-d, 784-512-256-32"] = 3e-5,
        ["vae-1 poisson, 784-512-256-32"] = 1e-4,
    };

    public static IEnumerable<object[]> Names => Models.Keys.Select(n => new object[] { n });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void AllOutputs_AreTheLibrarys(string name)
    {
        (LatentModel model, double[] rows) = Of(name);
        OnnxOutputs what = model.PossibleOnnxOutputs() & ~OnnxOutputs.Decoder;
        using OnnxRun run = OnnxRun.Of(model, what);
        Dictionary<string, double[]> expected = Expected.Of(model, rows, what), found = run.Of(rows, model.ObservedDimension);
        Dictionary<string, double> differences = Differences(expected, found);
        AddToTable(name, differences, run.Size);
        double tolerance = Tolerances.GetValueOrDefault(name, 1e-5);
        foreach ((string output, double difference) in differences)
        {
            Assert.IsTrue(difference <= tolerance, $"{output}: {difference:G3}");
        }

        // A parameter is held as a coefficient, in a mean and in a mark of zeros, not once for every component.
        Assert.IsTrue(model is not MixtureModel || run.Size <= (6 * sizeof(double) * model.FreeParameters) + 65_536, $"{run.Size} bytes");
        if (model is GaussianVaeModel vae && vae.Network.Architecture.Images is null)
        {
            CheckNetworks(name, model, rows, tolerance);
        }
    }

    /// <summary>What networks in single precision, here and there, are away from the same weights in doubles.</summary>
    private static void CheckNetworks(string name, LatentModel model, double[] rows, double tolerance)
    {
        const OnnxOutputs what = OnnxOutputs.Encoder | OnnxOutputs.Reconstruction;
        ModelProto proto = LatentModelOnnx.Build(model, what, samples: 1, seed: 1);
        using OnnxRun run = OnnxRun.Of(proto), exact = OnnxRun.Of(DoubleGraph.Of(proto));
        Dictionary<string, double[]> reference = exact.Of(rows, model.ObservedDimension);
        Dictionary<string, double> library = Differences(reference, Expected.Of(model, rows, what));
        Dictionary<string, double> runtime = Differences(reference, run.Of(rows, model.ObservedDimension));
        AddToTable($"{name}: library and doubles", library, 0);
        AddToTable($"{name}: ONNX Runtime and doubles", runtime, 0);
        Assert.IsTrue(library.Values.Max() <= tolerance, $"library: {library.Values.Max():G3}");
        Assert.IsTrue(runtime.Values.Max() <= tolerance, $"ONNX Runtime: {runtime.Values.Max():G3}");
    }

    private static (LatentModel Model, double[] Rows) Of(string name)
    {
        (Func<double[]> make, int columns, Func<ITrainer> trainer) = Models[name];
        double[] rows = make();
        return (trainer().Fit(new InMemoryRows(rows, columns), new FitContext { Certificate = false }).Model, rows);
    }

    private static Dictionary<string, double> Differences(Dictionary<string, double[]> expected, Dictionary<string, double[]> found) =>
        expected.ToDictionary(e => e.Key, e => Expected.Difference(e.Value, found[e.Key]));

    private static void AddToTable(string name, Dictionary<string, double> differences, int size)
    {
        if (Environment.GetEnvironmentVariable("ENTROPY_ELBO_ONNX_SIZES") is { } file)
        {
            string Of(string output) => differences.TryGetValue(output, out double d) ? FormattableString.Invariant($"{d:0.0e+0}") : "";
            File.AppendAllText(file, FormattableString.Invariant(
                $"| {name} | {Of("mean")} | {Of("variance")} | {Of("reconstruction")} | {Of("score")} | {size / 1024.0:N0} |\n"));
        }
    }

    private static MixtureTrainer Mixture(string family, int components = 10) =>
        new(new MixtureOptions { Family = family, Components = components, Restarts = 1, Iterations = 3 });

    private static GaussianVaeTrainer Vae(VaeVariant variant, ObservableLikelihood? likelihood = null, ImageNetworks? images = null) =>
        new(new GaussianVaeOptions
        {
            Variant = variant,
            Latents = 32,
            Hidden = [512, 256],
            Likelihood = likelihood ?? ObservableLikelihood.Gaussian,
            Images = images,
            Training = new MinibatchOptions { Epochs = 2 },
        });

    private static SparseCodingTrainer Sparse(SparseCovariance covariance) => new(new SparseCodingOptions
    {
        Latents = 300,
        Learning = SparseCodingLearning.Amortised,
        Covariance = covariance,
        Rank = 4,
        Iterations = 1,
        Scaling = ScalingKind.Standard,
    });
}
