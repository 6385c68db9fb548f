using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Training;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>The parts of fits that are computed on a GPU, or on libtorch's CPU: one line each.</summary>
/// <param name="index">Index of the GPU; null for the CPU.</param>
/// <param name="options">Precision and determinism.</param>
internal sealed class TorchDevice(int? index, TorchOptions options) : ComputeEngine
{
    /// <inheritdoc/>
    public override string Description => index is { } gpu ? $"GPU {gpu} (TorchSharp)" : "CPU (TorchSharp)";

    /// <inheritdoc/>
    internal override TWorker Start<TWorker>(EngineTask<TWorker> task)
    {
        torch.Device device = index is { } gpu ? torch.device($"cuda:{gpu}") : torch.CPU;
        object? worker = task switch
        {
            VaeStepsTask steps => new TorchVaeRunner(steps, device, options),
            AmortisedStepsTask steps => new TorchAmortisedSteps(steps, device, options),
            MomentsTask => new TorchMoments(device),
            LinearVaeObjectiveTask objective => new TorchLinearVaeObjective(objective.Parameters, objective.Statistics, device),
            MixturePassTask pass => TorchMixturePass.Create(pass.Problem, device),
            ExpectationTask { Options.IsExact: true } exact => new TorchExactExpectation(exact.Table, device),
            ExpectationTask truncated =>
                new TorchTruncatedExpectation(truncated.Table, truncated.Net, truncated.Options.States, truncated.Options.Seed, device),
            _ => null,
        };
        return (TWorker?)worker ?? task.OnCpu();
    }
}
