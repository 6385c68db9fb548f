using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>The parameter updates of a VAE's epochs.</summary>
internal sealed class VaeStepsTask(
    VaeNetwork network, GaussianVaeOptions options, BlockObjective objective, TrainingState state, TrainingRows rows, int threads)
    : EngineTask<IStepRunner>
{
    /// <summary>The networks.</summary>
    public VaeNetwork Network => network;

    /// <summary>How it is trained.</summary>
    public GaussianVaeOptions Options => options;

    /// <summary>Parameters and the optimiser, brought up to date by <see cref="IStepRunner.EndEpoch"/>.</summary>
    public TrainingState State => state;

    /// <summary>The training rows in batches.</summary>
    public TrainingRows Rows => rows;

    /// <inheritdoc/>
    public override IStepRunner OnCpu() =>
        new StepRunner(objective, state, rows, threads, options.Training.BatchSize, options.Training.Seed);
}
