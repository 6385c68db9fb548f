using EntropyElbo.Training;
using TorchSharp;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Trains the VAE family, the linear VAE and the networks of sparse coding through TorchSharp (autograd) on a GPU or on libtorch's CPU,
/// and computes there the scatter matrices that probabilistic PCA and factor analysis learn from, and the E-steps of mixtures and of
/// belief nets; the models are those of the library's own engine and need no Torch afterwards. ML.NET estimators find it where its
/// assembly is part of the app. Other families are trained on the CPU.
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
    public ComputeEngine OnGpu(int device) => device >= 0 && device < DeviceCount
        ? new TorchDevice(device, _options)
        : throw new BadOptionException("device", $"There is no GPU {device}; libtorch finds {DeviceCount}, counted from 0.");

    /// <summary>The engine on the device that the options name, for <see cref="FitContext.Engine"/>.</summary>
    /// <exception cref="BadOptionException">The device is unknown or not there.</exception>
    /// <exception cref="InvalidOperationException">libtorch cannot be loaded; the message gives the reason.</exception>
    public ComputeEngine OnDevice() => Problem is null
        ? new TorchDevice(_options.DeviceIndex(DeviceCount), _options)
        : throw new InvalidOperationException($"{Name} cannot be used: {Problem}");

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
