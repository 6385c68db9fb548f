using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Numerics;
using EntropyElbo.Tests.Contracts;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Models.GaussianVae;

[TestClass]
public sealed class Vae0ContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.FixedVariance;

    protected override string Name => "vae-0";
}

[TestClass]
public sealed class Vae1ContractTests : VaeContract
{
    protected override VaeVariant Variant => VaeVariant.LearnedVariance;

    protected override string Name => "vae-1";
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

public abstract class VaeContract : ModelFamilyContract
{
    protected abstract VaeVariant Variant { get; }

    protected override double IdentityTolerance => 1e-5;

    protected override ITrainer Trainer(ulong seed = 1, int latents = 2) => new GaussianVaeTrainer(new GaussianVaeOptions
    {
        Variant = Variant,
        Latents = latents,
        Hidden = [16, 8],
        Training = new MinibatchOptions { Epochs = 30, Seed = seed, BatchSize = 64 },
    });

    private protected override LatentModel Untrained(int columns, ulong seed) => RandomModel(Variant, columns, 3, seed);

    /// <summary>A VAE with random weights and biases everywhere.</summary>
    internal static GaussianVaeModel RandomModel(VaeVariant variant, int columns, int latents, ulong seed)
    {
        VaeNetwork network = new(new VaeArchitecture(variant, columns, latents, [9, 5]));
        AlignedBuffer<float> parameters = new(network.Layout.Length);
        network.Initialise(parameters.Span, seed, -1.5);
        RandomStream random = new(seed, RandomPurpose.Initialisation, 7);
        foreach (Networks.ParameterTensor tensor in network.Layout.Tensors.Where(t => t.Rows == 1))
        {
            for (int i = 0; i < tensor.Columns; i++)
            {
                parameters.Span[tensor.Offset + i] += (float)(0.2 * random.NextGaussian());
            }
        }

        TrainingRecord record = new() { Converged = false, StopReason = StopReason.EpochLimit, Epochs = 0, Steps = 0, Rows = 0 };
        string[] names = [.. Enumerable.Range(0, columns).Select(c => $"c{c}")];
        return new GaussianVaeModel(network, parameters, new ModelFrame(Scaling.Identity(columns), names, record));
    }
}
