using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.ProbabilisticPca;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.Vae;
using EntropyElbo.Training;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Trains the VAE family and the linear VAE through TorchSharp (autograd) on a GPU or on libtorch's CPU, and computes there the scatter matrices that probabilistic
/// PCA and factor analysis learn from, and the E-steps of mixtures and of belief nets; the models are those of the library's own engine and need no Torch afterwards. ML.NET estimators find it where its assembly
/// is part of the app. Other families are trained on the CPU.
/// </summary>
public sealed class TorchEngine : ITrainingEngine
{
    internal const string PackageRemedy = "Add TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows to the app.";

    private readonly TorchOptions _options;

    /// <summary>An engine with default options.</summary>
    public TorchEngine()
        : this(new TorchOptions())
    {
    }

    /// <summary>An engine with options.</summary>
    /// <param name="options">The options.</param>
    public TorchEngine(TorchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        (DeviceCount, Problem) = Probe();
    }

    /// <inheritdoc/>
    public string Name => "TorchSharp";

    /// <inheritdoc/>
    public int DeviceCount { get; }

    /// <inheritdoc/>
    public string? Problem { get; }

    /// <inheritdoc/>
    public ITrainer? Bind(ITrainer trainer, int device)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (device < 0 || device >= DeviceCount)
        {
            throw new BadOptionException("device", $"There is no GPU {device}; libtorch finds {DeviceCount}, counted from 0.");
        }

        return OnDevice(trainer, device);
    }

    /// <summary>The same training on the device that the options name.</summary>
    /// <param name="trainer">A trainer of the library.</param>
    /// <returns>A trainer for the same model, or null where the engine has none for this family.</returns>
    /// <exception cref="BadOptionException">The device is unknown or not there.</exception>
    /// <exception cref="InvalidOperationException">libtorch cannot be loaded; the message gives the reason.</exception>
    public ITrainer? Bind(ITrainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        return Problem is null
            ? OnDevice(trainer, _options.DeviceIndex(DeviceCount))
            : throw new InvalidOperationException($"{Name} cannot be used: {Problem}");
    }

    /// <summary>The device of that index; null for the CPU.</summary>
    internal static torch.Device DeviceOf(int? index) => index is { } gpu ? torch.device($"cuda:{gpu}") : torch.CPU;

    private ITrainer? OnDevice(ITrainer trainer, int? device) => trainer switch
    {
        GaussianVaeTrainer vae => new TorchVaeTrainer(vae, device, _options),
        LinearVaeTrainer linear => new TorchLinearVaeTrainer(linear, device),
        MixtureTrainer mixture => new TorchMixtureTrainer(mixture, device),
        SigmoidBeliefNetTrainer beliefs => new TorchBeliefNetTrainer(beliefs, device),
        ProbabilisticPcaTrainer or FactorAnalysisTrainer => new TorchMomentsTrainer(trainer, device),
        _ => null,
    };

    /// <summary>Loads libtorch: the number of GPUs, or the reason why there is none to ask.</summary>
    private static (int Devices, string? Problem) Probe()
    {
        if (NativeLibtorch.Problem(typeof(torch).Assembly) is { } problem)
        {
            return (0, problem);
        }

        try
        {
            return (torch.cuda.is_available() ? torch.cuda.device_count() : 0, null);
        }
        catch (Exception error) when (error is TypeInitializationException or DllNotFoundException or NotSupportedException or BadImageFormatException or EntryPointNotFoundException)
        {
            Exception cause = error is TypeInitializationException { InnerException: { } inner } ? inner : error;
            return (0, $"{cause.Message.Split('\r', '\n')[0]} {PackageRemedy}");
        }
    }
}
