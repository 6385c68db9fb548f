using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Vae;

[TestClass]
public sealed class Vae0ContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.FixedVariance;

    protected override string Name => "vae-0";
}

[TestClass]
public sealed class Vae1ContractTests : VaeContract
{
}

[TestClass]
public sealed class Vae2ContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.LearnedPrior;

    protected override string Name => "vae-2";
}

[TestClass]
public sealed class VaeDContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.VariancePerColumn;

    protected override string Name => "vae-d";
}

[TestClass]
public sealed class Vae3ContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.VarianceNetwork;

    protected override string Name => "vae-3";
}

[TestClass]
public sealed class SparseVaeContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.SparsePrior;

    protected override string Name => "sparse-vae";
}

[TestClass]
public sealed class BernoulliVaeContractTests : VaeContract
{
    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Bernoulli;
}

[TestClass]
public sealed class BinomialVaeContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.LearnedPrior;

    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Binomial(8);

    protected override string Name => "vae-2";
}

[TestClass]
public sealed class PoissonVaeContractTests : VaeContract
{
    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Poisson;
}

[TestClass]
public sealed class GammaVaeContractTests : VaeContract
{
    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Gamma;
}

[TestClass]
public sealed class GammaVaeDContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.VariancePerColumn;

    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Gamma;

    protected override string Name => "vae-d";
}

[TestClass]
public sealed class ContinuousBernoulliVaeContractTests : VaeContract
{
    protected override ObservableLikelihood Likelihood => ObservableLikelihood.ContinuousBernoulli;
}

[TestClass]
public sealed class FractionVaeContractTests : VaeContract
{
    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Bernoulli with { AllowFractions = true };
}

[TestClass]
public sealed class ConvolutionalVaeContractTests : VaeContract
{
    protected override ImageNetworks? Images { get; } = new() { Shape = new ImageShape(2, 3), Filters = [8, 6] };
}

[TestClass]
public sealed class ConvolutionalVae3ContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.VarianceNetwork;

    protected override string Name => "vae-3";

    protected override ImageNetworks? Images { get; } = new() { Shape = new ImageShape(3, 1, 2) { Order = PixelOrder.Planar }, Filters = [8] };
}

[TestClass]
public sealed class ConvolutionalBernoulliVaeContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.LearnedPrior;

    protected override ObservableLikelihood Likelihood => ObservableLikelihood.Bernoulli;

    protected override string Name => "vae-2";

    protected override ImageNetworks? Images { get; } = new() { Shape = new ImageShape(1, 3, 2) { Order = PixelOrder.Planar }, Filters = [8], HorizontalFlips = true };
}

public abstract class VaeContract : ModelFamilyContract
{
    protected virtual ImageNetworks? Images => null;

    protected virtual VaeVariant Variant => VaeVariant.LearnedVariance;

    protected virtual ObservableLikelihood Likelihood => ObservableLikelihood.Gaussian;

    protected override string Name => "vae-1";

    protected override IRowSource Rows(ulong seed = 1) => Likelihood.IsGaussian ? base.Rows(seed) : Counts(Likelihood, 600, 6, seed);

    protected override double IdentityTolerance => 1e-5;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) => new GaussianVaeTrainer(new GaussianVaeOptions
    {
        Variant = Variant,
        Latents = latents,
        Hidden = [16, 8],
        Likelihood = Likelihood,
        Images = Images,
        Training = new MinibatchOptions { Epochs = 30, Seed = seed, BatchSize = 64 },
    });

    /// <summary>Images of those sizes would be no images.</summary>
    private protected override LatentModel? Wide(IRowSource rows) => Images is null ? base.Wide(rows) : null;

    private protected override LatentModel Untrained(int columns, ulong seed) => RandomModel(Variant, columns, 3, seed, Likelihood, Images);

    /// <summary>Counts that depend on two Gaussian latents.</summary>
    internal static InMemoryRows Counts(ObservableLikelihood likelihood, int rows, int columns, ulong seed)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 98);
        double[] loadings = new double[2 * columns];
        random.FillGaussian(loadings);
        double[] values = new double[rows * columns];
        double strength = likelihood.Name is "poisson" or "gamma" ? 0.5 : likelihood.Name == "continuous-bernoulli" || likelihood.AllowFractions ? 4 : 1;
        likelihood = likelihood.AllowFractions ? ObservableLikelihood.ContinuousBernoulli : likelihood;
        for (int row = 0; row < rows; row++)
        {
            double a = strength * random.NextGaussian();
            double b = strength * random.NextGaussian();
            for (int d = 0; d < columns; d++)
            {
                double output = 0.3 + (a * loadings[d]) + (0.6 * b * loadings[columns + d]);
                likelihood.Family!.Sample(Natural(likelihood, output), random, values.AsSpan((row * columns) + d, 1));
            }
        }

        return new InMemoryRows(values, columns);
    }

    /// <summary>Natural parameters of an output of the decoder: gamma columns have it for a log-mean, and here a shape of 5.</summary>
    internal static double[] Natural(ObservableLikelihood likelihood, double output, double shape = 5) =>
        likelihood.Name == "gamma" ? [shape - 1, -shape * Math.Exp(-output)] : [output];

    /// <summary>A VAE with random weights and biases everywhere.</summary>
    internal static GaussianVaeModel RandomModel(VaeVariant variant, int columns, int latents, ulong seed, ObservableLikelihood? likelihood = null, ImageNetworks? images = null)
    {
        VaeNetwork network = new(new VaeArchitecture(variant, columns, latents, [9, 5])
        {
            Likelihood = likelihood ?? ObservableLikelihood.Gaussian,
            Images = images,
        });
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, seed, -1.5);
        RandomStream random = new(seed, RandomPurpose.Initialisation, 7);
        foreach (ParameterTensor tensor in network.Layout.Tensors.Where(t => t.Rows == 1))
        {
            for (int i = 0; i < tensor.Columns; i++)
            {
                parameters.Span[tensor.Offset + i] += (float)(0.2 * random.NextGaussian());
            }
        }

        TrainingRecord record = new() { Converged = false, StopReason = StopReason.EpochLimit, Epochs = 0, Steps = 0, Rows = 0 };
        string[] names = [.. Enumerable.Range(0, columns).Select(c => $"c{c}")];
        return new GaussianVaeModel(network, parameters, new ModelHeader(Scaling.Identity(columns), names, record));
    }
}
