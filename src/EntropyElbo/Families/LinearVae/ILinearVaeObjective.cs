using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// Minus the closed-form ELBO per row of a linear VAE with its gradient, on whatever does the arithmetic. Not safe to share between
/// threads.
/// </summary>
internal interface ILinearVaeObjective : IDifferentiable, IDisposable
{
    /// <summary>After an evaluation: the ELBO and its entropy sum there, split by cause.</summary>
    IterationValues Values { get; }
}

/// <summary>The objective for statistics; those of a batch change from one evaluation to the next.</summary>
internal sealed class LinearVaeObjectiveTask(
    LinearVaeParameters parameters, LinearVaeStatistics statistics) : EngineTask<ILinearVaeObjective>
{
    /// <summary>Where the parameters lie.</summary>
    public LinearVaeParameters Parameters => parameters;

    /// <summary>What is known of the rows.</summary>
    public LinearVaeStatistics Statistics => statistics;

    /// <inheritdoc/>
    public override ILinearVaeObjective OnCpu() => new LinearVaeObjective(parameters, statistics);
}
