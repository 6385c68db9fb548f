using EntropyElbo.Data;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Training;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>A belief net's trainer with E-steps on the device.</summary>
internal sealed class TorchBeliefNetTrainer(SigmoidBeliefNetTrainer trainer, int? device) : ITrainer
{
    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null)
    {
        torch.Device place = TorchEngine.DeviceOf(device);
        return trainer.Fit(rows, (context ?? new FitContext()) with
        {
            Beliefs = (options, table, net) => options.IsExact
                ? new TorchExactExpectation(table, place)
                : new TorchTruncatedExpectation(table, net, options.States, options.Seed, place),
        });
    }
}
