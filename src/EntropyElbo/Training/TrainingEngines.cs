using System.Reflection;

namespace EntropyElbo.Training;

/// <summary>Finds the GPU engine where it is part of the app, and chooses where to train.</summary>
public static class TrainingEngines
{
    /// <summary>Name of the assembly that holds the GPU engine.</summary>
    public const string AssemblyName = "EntropyElbo.TorchSharp";

    /// <summary>Full name of the engine's type in it: public, with a constructor without parameters.</summary>
    public const string TypeName = "EntropyElbo.TorchSharp.TorchEngine";

    /// <summary>The GPU engine, or null where its assembly is not part of the app.</summary>
    /// <exception cref="InvalidOperationException">
    /// The assembly is there but does not hold the engine: versions that do not go together.
    /// </exception>
    public static ITrainingEngine? Find() =>
        Find(AssemblyName, static () => Type.GetType($"{TypeName}, {AssemblyName}") is { } type ? Activator.CreateInstance(type) : null);

    /// <summary>Chooses where to train.</summary>
    /// <param name="engine">The GPU engine, or null.</param>
    /// <param name="gpuDeviceId">The GPU to train on; null for the first where there is one, else the CPU.</param>
    /// <param name="fallbackToCpu">Whether to train on the CPU where <paramref name="gpuDeviceId"/> cannot be used.</param>
    /// <exception cref="BadOptionException">
    /// A GPU is asked for and cannot be used, and <paramref name="fallbackToCpu"/> is false.
    /// </exception>
    public static TrainingPlace Choose(ITrainingEngine? engine, int? gpuDeviceId, bool fallbackToCpu)
    {
        int devices = engine?.DeviceCount ?? 0;
        if (gpuDeviceId is not { } wanted)
        {
            return devices > 0 ? OnGpu(engine!, 0) : new TrainingPlace(ComputeEngine.Cpu, $"CPU ({Lack(engine)})", false);
        }

        if (wanted >= 0 && wanted < devices)
        {
            return OnGpu(engine!, wanted);
        }

        string reason = devices > 0 ? $"there are {devices} GPUs, counted from 0" : Lack(engine);
        return fallbackToCpu
            ? new TrainingPlace(ComputeEngine.Cpu, $"CPU instead of GPU {wanted} ({reason})", false)
            : throw new BadOptionException(
                "GpuDeviceId",
                $"GpuDeviceId is {wanted}, but {reason}. Install {AssemblyName} and a CUDA runtime, choose another GPU, leave GpuDeviceId "
                    + $"unset, or set FallbackToCpu to train on the CPU.");
    }

    /// <summary>
    /// The engine's type stands as one constant where it is made, so that trimming keeps it where its assembly is part of the app.
    /// </summary>
    internal static ITrainingEngine? Find(string assemblyName, Func<object?> create)
    {
        Assembly assembly;
        try
        {
            assembly = Assembly.Load(assemblyName);
        }
        catch (FileNotFoundException)
        {
            return null; // Not part of the app.
        }

        return create() is ITrainingEngine engine
            ? engine
            : throw new InvalidOperationException(
                $"The assembly {assembly.FullName} holds no engine {TypeName}; install versions of the packages that go together.");
    }

    private static TrainingPlace OnGpu(ITrainingEngine engine, int device) =>
        new(engine.OnGpu(device), $"GPU {device} ({engine.Name})", true);

    private static string Lack(ITrainingEngine? engine) =>
        engine is null ? $"{AssemblyName} is not part of the app"
        : engine.Problem is { } problem ? $"{engine.Name} cannot be used: {problem}"
        : $"{engine.Name} finds no usable GPU";
}

/// <summary>Where a model is trained.</summary>
/// <param name="Engine">The engine, for <see cref="FitContext.Engine"/>.</param>
/// <param name="Description">The place in words, for logs.</param>
/// <param name="IsGpu">Whether it is a GPU.</param>
public sealed record TrainingPlace(ComputeEngine Engine, string Description, bool IsGpu);
