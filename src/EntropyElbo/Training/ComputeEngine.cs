namespace EntropyElbo.Training;

/// <summary>
/// What computes the heavy parts of a fit: this library's own threads, or a GPU through another assembly. Options, loops,
/// checkpoints and reports are the library's in any case, and so is every part that the engine does not know.
/// </summary>
public abstract class ComputeEngine
{
    /// <summary>For engines of this project's own assemblies.</summary>
    private protected ComputeEngine()
    {
    }

    /// <summary>The library's own threads on the CPU; the default of every fit.</summary>
    public static ComputeEngine Cpu { get; } = new CpuEngine();

    /// <summary>Where it computes, for logs.</summary>
    public abstract string Description { get; }

    /// <summary>Whether it is the library's own on the CPU.</summary>
    internal bool IsCpu => this is CpuEngine;

    /// <summary>What does a part of a fit; on the CPU where this engine does not know that part.</summary>
    internal abstract TWorker Start<TWorker>(EngineTask<TWorker> task)
        where TWorker : class;

    private sealed class CpuEngine : ComputeEngine
    {
        public override string Description => "CPU";

        internal override TWorker Start<TWorker>(EngineTask<TWorker> task) => task.OnCpu();
    }
}

/// <summary>
/// A part of a fit that another engine may compute, stated by the family that needs it: what is given is the task's own, what is
/// wanted is the worker.
/// </summary>
/// <typeparam name="TWorker">What does it, on whatever device.</typeparam>
internal abstract class EngineTask<TWorker>
    where TWorker : class
{
    /// <summary>The library's own worker.</summary>
    public abstract TWorker OnCpu();
}
