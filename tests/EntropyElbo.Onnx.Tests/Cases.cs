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

namespace EntropyElbo.Onnx.Tests;

/// <summary>A trained model of each exportable kind, with the rows it was trained on.</summary>
internal static class Cases
{
    private static readonly Dictionary<string, (Func<double[]> Rows, int Columns, Func<ITrainer> Trainer)> Table = new()
    {
        ["ppca"] = (() => Rows.Real(8), 8, () => new ProbabilisticPcaTrainer(new ProbabilisticPcaOptions { Latents = 3 })),
        ["linear-vae"] = (() => Rows.Real(8), 8, () => new LinearVaeTrainer(new LinearVaeOptions { Latents = 3, Iterations = 20 })),
        ["factor-analysis"] = (() => Rows.Real(8), 8, () => new FactorAnalysisTrainer(new FactorAnalysisOptions { Latents = 2 })),
        ["vae-0"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.FixedVariance)),
        ["vae-1"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.LearnedVariance)),
        ["vae-2"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.LearnedPrior)),
        ["vae-d"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.VariancePerColumn)),
        ["vae-3"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.VarianceNetwork)),
        ["vae-3 softplus"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.VarianceNetwork, output: VarianceOutput.Softplus)),
        ["vae-3 offset-relu"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.VarianceNetwork, output: VarianceOutput.OffsetRelu)),
        ["sparse-vae"] = (() => Rows.Real(8), 8, () => Vae(VaeVariant.SparsePrior)),
        ["vae-1 bernoulli"] = (() => Rows.Binary(8), 8, () => Vae(VaeVariant.LearnedVariance, ObservableLikelihood.Bernoulli)),
        ["vae-1 binomial"] = (() => Rows.Counts(8, 9), 8, () => Vae(VaeVariant.LearnedVariance, ObservableLikelihood.Binomial(9))),
        ["vae-1 poisson"] = (() => Rows.Events(8), 8, () => Vae(VaeVariant.LearnedVariance, ObservableLikelihood.Poisson)),
        ["vae-1 continuous-bernoulli"] = (() => Rows.Shares(8), 8, () => Vae(VaeVariant.LearnedVariance, ObservableLikelihood.ContinuousBernoulli)),
        ["vae-d gamma"] = (() => Rows.Positive(8), 8, () => Vae(VaeVariant.VariancePerColumn, ObservableLikelihood.Gamma)),
        ["vae-1 image"] = (() => Rows.Shares(84), 84, () => Vae(VaeVariant.LearnedVariance, image: new ImageShape(7, 6, 2))),
        ["vae-3 image, planar"] = (() => Rows.Shares(84), 84, () => Vae(
            VaeVariant.VarianceNetwork, image: new ImageShape(6, 7, 2) { Order = PixelOrder.Planar })),
        ["mixture:gaussian-full"] = (() => Rows.Real(6), 6, () => Mixture("gaussian-full")),
        ["mixture:gaussian-tied"] = (() => Rows.Real(6), 6, () => Mixture("gaussian-tied")),
        ["mixture:gaussian-diagonal"] = (() => Rows.Real(6), 6, () => Mixture("gaussian-diagonal")),
        ["mixture:gaussian-spherical"] = (() => Rows.Real(6), 6, () => Mixture("gaussian-spherical")),
        ["mixture:gaussian-full, kept 2"] = (() => Rows.Real(6), 6, () => Mixture("gaussian-full", kept: 2)),
        ["mixture:gamma"] = (() => Rows.Positive(6), 6, () => Mixture("gamma")),
        ["mixture:exponential"] = (() => Rows.Positive(6), 6, () => Mixture("exponential")),
        ["mixture:beta"] = (() => Rows.Shares(6), 6, () => Mixture("beta")),
        ["mixture:bernoulli"] = (() => Rows.Binary(6), 6, () => Mixture("bernoulli")),
        ["mixture:binomial:9"] = (() => Rows.Counts(6, 9), 6, () => Mixture("binomial:9")),
        ["mixture:poisson"] = (() => Rows.Events(6), 6, () => Mixture("poisson")),
        ["mixture:categorical"] = (() => Rows.Categories(6, 5), 6, () => Mixture("categorical")),
        ["mixture, mixed"] = (
            () => Rows.Beside(Rows.Count, (Rows.Real(3), 3), (Rows.Events(2), 2), (Rows.Binary(2), 2), (Rows.Categories(2, 4), 2)), 9,
            () => Mixture("gaussian-full@1-3,poisson@4-5,bernoulli@6-7,categorical@8-9")),
        ["sparse-coding, network"] = (() => Rows.Real(6), 6, () => Sparse(SparseCovariance.Diagonal)),
        ["sparse-coding, low rank"] = (() => Rows.Real(6), 6, () => Sparse(SparseCovariance.LowRank)),
    };

    public static IEnumerable<object[]> Names => Table.Keys.Select(n => new object[] { n });

    /// <summary>Rows and a model trained on them, for a moment.</summary>
    public static (LatentModel Model, double[] Rows) Of(string name)
    {
        (Func<double[]> rows, int columns, Func<ITrainer> trainer) = Table[name];
        double[] values = rows();
        return (trainer().Fit(new InMemoryRows(values, columns)).Model, values);
    }

    private static GaussianVaeTrainer Vae(
        VaeVariant variant, ObservableLikelihood? likelihood = null, VarianceOutput output = VarianceOutput.Exponential, ImageShape? image = null) =>
        new(new GaussianVaeOptions
        {
            Variant = variant,
            Latents = 3,
            Hidden = [16, 12],
            Likelihood = likelihood ?? ObservableLikelihood.Gaussian,
            VarianceOutput = output,
            Images = image is null ? null : new ImageNetworks { Shape = image, Filters = [4, 6] },
            Training = new MinibatchOptions { Epochs = 4 },
        });

    private static MixtureTrainer Mixture(string family, int? kept = null) =>
        new(new MixtureOptions { Family = family, Components = 4, Restarts = 1, Iterations = 20, KeptComponents = kept });

    private static SparseCodingTrainer Sparse(SparseCovariance covariance) => new(new SparseCodingOptions
    {
        Latents = 5,
        Learning = SparseCodingLearning.Amortised,
        Covariance = covariance,
        Rank = 2,
        Iterations = 3,
        Scaling = ScalingKind.Standard,
    });
}
