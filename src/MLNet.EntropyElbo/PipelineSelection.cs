using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>What came of one pipeline.</summary>
public sealed record PipelineTrial
{
    /// <summary>Zero-based place among the pipelines given.</summary>
    public required int Index { get; init; }

    /// <summary>1 for the best; null where the trial failed.</summary>
    public int? Rank { get; init; }

    /// <summary>Mean score of the rows held out; higher is better; null where the trial failed.</summary>
    public double? Score { get; init; }

    /// <summary>Standard error of <see cref="Score"/> over folds; null where the trial failed.</summary>
    public double? StandardError { get; init; }

    /// <summary>The score of each fold, those before a failure.</summary>
    public required IReadOnlyList<double> FoldScores { get; init; }

    /// <summary>The tool's name of the latent-variable model; null where there is none, or none was fitted.</summary>
    public string? Family { get; init; }

    /// <summary>Time of all folds.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Why the trial failed, or null.</summary>
    public string? Failure { get; init; }
}

/// <summary>What <see cref="LatentVariablesCatalog.SelectPipeline"/> returns.</summary>
public sealed class PipelineSelection
{
    internal PipelineSelection(IReadOnlyList<PipelineTrial> trials, IEstimator<ITransformer>? pipeline, ITransformer? model)
    {
        Trials = trials;
        Pipeline = pipeline;
        Model = model;
    }

    /// <summary>The trials, best first; those that failed come last, with the reason.</summary>
    public IReadOnlyList<PipelineTrial> Trials { get; }

    /// <summary>The best trial; null where all failed.</summary>
    public PipelineTrial? Best => Trials.FirstOrDefault(trial => trial.Rank == 1);

    /// <summary>The best pipeline; null where all failed.</summary>
    public IEstimator<ITransformer>? Pipeline { get; }

    /// <summary>The best pipeline fitted to all rows; null where all failed.</summary>
    public ITransformer? Model { get; }
}
