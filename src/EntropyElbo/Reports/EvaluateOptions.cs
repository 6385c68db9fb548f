using EntropyElbo.Data;

namespace EntropyElbo.Reports;

/// <summary>Options of <c>LatentModel.Evaluate</c>.</summary>
public sealed record EvaluateOptions
{
    /// <summary>Default of <see cref="Samples"/>.</summary>
    public const int DefaultSamples = 10;

    /// <summary>
    /// Monte-Carlo samples per row where an expectation has no closed form; at least 2 for a report, so that the standard error is
    /// known, and 1 for estimates.
    /// </summary>
    public int Samples { get; init; } = DefaultSamples;

    /// <summary>Seed of the Monte-Carlo draws.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads; 0 for one per core. The result does not depend on it.</summary>
    public int Threads { get; init; }

    /// <summary>What to do with rows that hold missing values.</summary>
    public MissingValues MissingValues { get; init; } = MissingValues.Reject;

    /// <summary>Thresholds of the collapse criteria.</summary>
    public CollapseThresholds Thresholds { get; init; } = new();

    /// <summary>Stops the pass.</summary>
    internal CancellationToken CancellationToken { get; init; }
}
