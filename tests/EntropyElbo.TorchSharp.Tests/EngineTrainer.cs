using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.TorchSharp.Tests;

/// <summary>A trainer whose fits another engine computes.</summary>
internal sealed class EngineTrainer(ITrainer trainer, ComputeEngine engine) : ITrainer
{
    public FitResult Fit(IRowSource rows, FitContext? context = null, CancellationToken cancellationToken = default) =>
        trainer.Fit(rows, (context ?? new FitContext()) with { Engine = engine }, cancellationToken);
}
