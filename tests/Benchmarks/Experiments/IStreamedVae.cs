using EntropyElbo.Families.LinearVae;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>A linear VAE that is learnt from a stream of batches.</summary>
internal interface IStreamedVae
{
    /// <summary>The evidence from variances alone, nats per row (D Cor. 1).</summary>
    double EntropySum { get; }

    /// <summary>The ELBO of a batch by draws, nats per row.</summary>
    double SampledElbo(ReadOnlySpan<double> batch, int samples, ulong seed);

    /// <summary>Learns from a batch.</summary>
    void Step(ReadOnlySpan<double> batch);
}

/// <summary>The library's learner: logarithms of variances, the gradient in closed form.</summary>
internal sealed class LibraryLinearVae(int columns, int latents, ulong seed) : IStreamedVae
{
    private readonly LinearVaeLearner _learner = new(columns, new LinearVaeOptions { Latents = latents, Seed = seed });

    public double EntropySum => _learner.EntropySum;

    public double SampledElbo(ReadOnlySpan<double> batch, int samples, ulong seed) => _learner.SampledElbo(batch, samples, seed);

    public void Step(ReadOnlySpan<double> batch) => _learner.Step(batch);
}
