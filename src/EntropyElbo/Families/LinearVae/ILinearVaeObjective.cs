using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.LinearVae;

/// <summary>Minus the closed-form ELBO per row of a linear VAE with its gradient, on whatever does the arithmetic. Not safe to share between threads.</summary>
internal interface ILinearVaeObjective : IDifferentiable, IDisposable
{
    /// <summary>After an evaluation: the ELBO and its entropy sum there, split by cause.</summary>
    IterationValues Values { get; }
}

/// <summary>Makes an objective for statistics; those of a batch change from one evaluation to the next.</summary>
internal delegate ILinearVaeObjective LinearVaeObjectiveFactory(LinearVaeParameters parameters, LinearVaeStatistics statistics);
