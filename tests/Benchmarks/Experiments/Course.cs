using EntropyElbo.Training;

namespace EntropyElbo.Benchmarks.Experiments;

/// <summary>Keeps the progress after each epoch.</summary>
internal sealed class Course : IProgress<FitProgress>
{
    public List<FitProgress> Epochs { get; } = [];

    public void Report(FitProgress value) => Epochs.Add(value);
}
