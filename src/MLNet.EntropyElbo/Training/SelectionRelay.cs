using EntropyElbo.Selection;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.EntropyElbo.Training;

/// <summary>What happens after each trial: a line in the log, the user's progress, a look whether execution was cancelled.</summary>
internal sealed class SelectionRelay(MLContext ml, IChannel channel, IProgress<SelectionProgress>? progress) : IProgress<SelectionProgress>
{
    private readonly CancellationProbe _probe = new(ml);

    /// <inheritdoc/>
    public void Report(SelectionProgress value)
    {
        _probe.ThrowIfCancelled();
        string outcome = value.Latest.Failure is { } failure
            ? $"failed: {failure}"
            : FormattableString.Invariant($"score {value.Latest.Score:F4}, {value.Latest.Elapsed.TotalSeconds:F2} s");
        channel.WriteInfo($"Trial {value.Done} of {value.Trials}, {value.Latest.Candidate}: {outcome}");
        progress?.Report(value);
    }
}
