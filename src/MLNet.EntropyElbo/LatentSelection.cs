using EntropyElbo.Selection;

namespace MLNet.EntropyElbo;

/// <summary>What <see cref="LatentVariablesCatalog"/> returns from a selection.</summary>
public sealed class LatentSelection
{
    internal LatentSelection(SelectionResult result, LatentEstimator? estimator, Func<LatentEstimator, LatentTransformer> transformer)
    {
        Result = result;
        Estimator = estimator;
        Model = estimator is null ? null : transformer(estimator);
    }

    /// <summary>The trials, best first, those that failed last with the reason; criterion, why the search ended.</summary>
    public SelectionResult Result { get; }

    /// <summary>The trials, best first; those that failed come last.</summary>
    public IReadOnlyList<SelectionTrial> Trials => Result.Trials;

    /// <summary>The best trial; null where all failed.</summary>
    public SelectionTrial? Best => Result.Best;

    /// <summary>The best candidate's estimator, for a pipeline of your own; null where all failed.</summary>
    public LatentEstimator? Estimator { get; }

    /// <summary>The best model, fitted to all rows; null where all failed.</summary>
    public LatentTransformer? Model { get; }
}
