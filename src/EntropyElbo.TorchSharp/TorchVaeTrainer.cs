using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Training;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Trains a VAE through autograd: the library's loop, options, checkpoints and reports, its steps on the device. The rows are moved there once where they
/// are in memory and fit, else batch by batch. Device memory: the rows, four times the parameters, one batch of activations.
/// </summary>
internal sealed class TorchVaeTrainer(GaussianVaeTrainer trainer, int? device, TorchOptions options) : ITrainer
{
    /// <inheritdoc/>
    public FitResult Fit(IRowSource rows, FitContext? context = null) => trainer.FitWith(
        (network, state, batches) => new TorchVaeRunner(network, trainer.Options, state, batches, TorchEngine.DeviceOf(device), options), rows, context);
}
