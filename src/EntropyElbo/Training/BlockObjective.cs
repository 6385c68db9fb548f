using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>What the minibatch loop needs of a family: where its parameters lie, a worker per thread, a report of sums.</summary>
internal abstract class BlockObjective
{
    /// <summary>Where the parameters lie.</summary>
    public abstract ParameterLayout Layout { get; }

    /// <summary>Number of latents, H.</summary>
    public abstract int Latents { get; }

    /// <summary>Number of family-specific sums.</summary>
    public abstract int MomentCount { get; }

    /// <summary>
    /// Whether the rows of a batch depend on each other, so that one worker must have them all; it shares the work with the team itself.
    /// </summary>
    public virtual bool TakesWholeBatches => false;

    /// <summary>Buffers and code of one thread, for blocks of up to <paramref name="maxRows"/> rows.</summary>
    /// <param name="maxRows">Most rows of a block.</param>
    /// <param name="team">Who may share the work where <see cref="TakesWholeBatches"/>; not to be used by others.</param>
    public abstract BlockWorker CreateWorker(int maxRows, WorkerTeam team);

    /// <summary>The report of the sums of some rows.</summary>
    public abstract ElboReport Summarise(AlignedBuffer<float> parameters, ElboStatistics sums);

    /// <summary>
    /// Called once per update, after the gradients and before the optimiser: returns the factor on the mean gradient, and
    /// may replace single entries of the shards' gradients. A family uses it to keep gradients of one scale while its
    /// variances change by orders of magnitude, which Adam's long memory of squared gradients would otherwise punish.
    /// Directions of parameters relative to one another may change, stationary points may not.
    /// </summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="gradients">Gradients of the summed objective, one buffer per shard.</param>
    /// <param name="sums">Un-weighted sums of the batch.</param>
    public virtual float PrepareUpdate(
        AlignedBuffer<float> parameters, ReadOnlySpan<AlignedBuffer<float>> gradients, ElboStatistics sums) => 1;

    /// <summary>Called once per update, after the optimiser: brings parameters back to where they are constrained to.</summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="weights">Weights of the update's objective.</param>
    public virtual void FinishUpdate(Span<float> parameters, StepWeights weights)
    {
    }

    /// <summary>Tensors that learn by their gradient: what a training leaves in the gradient's other places is none.</summary>
    public virtual IEnumerable<ParameterTensor> Learned => Layout.Tensors;

    /// <summary>The noise variance, or the geometric mean of several; null where there is none.</summary>
    public virtual double? NoiseVariance(AlignedBuffer<float> parameters, ElboStatistics sums) => null;

    /// <summary>Entropy and scale of each latent's prior.</summary>
    public abstract CollapseScale[] PriorScales(AlignedBuffer<float> parameters);
}

/// <summary>One thread's share of a <see cref="BlockObjective"/>.</summary>
internal abstract class BlockWorker
{
    /// <summary>Where the rows of the next block go.</summary>
    public abstract MatrixView<float> Rows { get; }

    /// <summary>Where the weights of the rows go, with room for one a draw; empty where all count as one.</summary>
    public float[] RowWeights { get; set; } = [];

    /// <summary>
    /// Gradient of minus the summed objective over the first <paramref name="rows"/> rows, or over their draws where there are
    /// several, overwriting <paramref name="gradient"/>; adds the un-weighted sums, in which every draw is a row.
    /// </summary>
    public abstract void Gradient(
        AlignedBuffer<float> parameters,
        AlignedBuffer<float> gradient,
        int rows,
        StepWeights weights,
        RandomStream noise,
        ElboStatistics sums);

    /// <summary>
    /// After <see cref="Gradient"/>: where in the flow from rows to likelihood the first value is that is not finite, and the row
    /// of the block that it belongs to (-1 for none).
    /// </summary>
    public virtual (string Place, int Row) FindNonFinite(int rows) => ("the ELBO", -1);
}
