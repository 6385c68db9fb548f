namespace EntropyElbo.Tests.Shared;

/// <summary>Progress that calls an action at once, on the thread that reports.</summary>
internal sealed class OnProgress<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
