namespace EntropyElbo.Training;

/// <summary>
/// Another engine that trains the same models, such as one on GPUs. It lives in an assembly of its own that this one
/// does not refer to; <see cref="TrainingEngines"/> looks for it.
/// </summary>
public interface ITrainingEngine
{
    /// <summary>The engine's name, for logs and messages.</summary>
    string Name { get; }

    /// <summary>Number of GPUs that it can train on in this process; 0 where there is none.</summary>
    int DeviceCount { get; }

    /// <summary>Why it cannot be used in this process, for logs; null where it can.</summary>
    string? Problem => null;

    /// <summary>The engine on a GPU, for <see cref="FitContext.Engine"/>.</summary>
    /// <param name="device">Zero-based index of the GPU, below <see cref="DeviceCount"/>.</param>
    /// <exception cref="BadOptionException">There is no such GPU.</exception>
    ComputeEngine OnGpu(int device);
}
