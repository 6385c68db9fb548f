using System.Numerics;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// The observable distribution p(x|z) behind the decoder network: from the network's outputs to log-likelihoods, their
/// gradients and the sums from which decoder entropy and noise residual are made. Block calls only.
/// </summary>
internal abstract class DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Number of sums it keeps in <see cref="ElboStatistics.Moments"/>.</summary>
    public abstract int MomentCount { get; }

    /// <summary>
    /// Writes log p(x|z) of every row to <paramref name="logLikelihoods"/> and adds its sums, times <paramref name="weight"/>,
    /// to <paramref name="moments"/>.
    /// </summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="outputs">What the decoder gave.</param>
    /// <param name="rows">[n, D].</param>
    /// <param name="weight">Weight of these rows in the moments: 1 over the number of samples.</param>
    /// <param name="logLikelihoods">[n], overwritten.</param>
    /// <param name="moments">Added to.</param>
    public abstract void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments);

    /// <summary>
    /// Adds log p(x_d|z) of every row and column, times <paramref name="weight"/>, to <paramref name="columns"/>, for outputs as
    /// the decoder has just given them: what <see cref="Evaluate"/> writes is the sum over the columns, to rounding.
    /// </summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="outputs">What the decoder gave.</param>
    /// <param name="rows">[n, D].</param>
    /// <param name="weight">1 over the number of samples.</param>
    /// <param name="columns">[n, D], row-major, added to.</param>
    public abstract void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns);

    /// <summary>Whether the entropy of p(x|z) is the same for every z, so that no latents need be drawn for it.</summary>
    public virtual bool HasConstantEntropy => false;

    /// <summary>
    /// Like <see cref="Evaluate"/> with weight 1, returning the sum of log-likelihoods, and with the gradient of minus
    /// that sum: with respect to the outputs into <paramref name="outputGradient"/>, and to its own parameters into
    /// <paramref name="gradient"/> (overwritten).
    /// </summary>
    public abstract double Gradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        DecoderBlock<T> outputGradient,
        Span<double> moments);

    /// <summary>
    /// Mean expected decoder entropy, noise residual and mean log base measure from the moments of some rows, nats per row.
    /// </summary>
    public abstract (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows);

    /// <summary>
    /// The shares of the noise residual that vanish one by one: of the whole where one parameter serves all columns, else of every
    /// column or channel; nats per row. None where the moments do not have them apart.
    /// </summary>
    public abstract double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows);

    /// <summary>
    /// Moves its variances towards their optimum for the moments of some rows (D eq. 76): a share of 1 goes all the way,
    /// less averages over batches. Nothing where no variance is learned.
    /// </summary>
    public abstract void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share);

    /// <summary>Draws rows from p(x|z) for given outputs.</summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="outputs">What the decoder gave.</param>
    /// <param name="random">Source of the draws.</param>
    /// <param name="rows">[n, D], filled.</param>
    public abstract void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows);

    /// <summary>
    /// A factor that brings the gradient to the scale of errors, whatever the variance: the geometric mean variance.
    /// </summary>
    public abstract double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows);

    /// <summary>Takes outputs of the decoder network to means of the columns, in place.</summary>
    /// <param name="outputs">[n, D], row-major.</param>
    public virtual void ToMeans(Span<double> outputs)
    {
    }

    /// <summary>What a reader of a report over these moments must know, or null.</summary>
    public virtual string? Remark(ReadOnlySpan<double> moments, long rows) => null;
}

/// <summary>What the decoder gives for a block of rows, or its gradient.</summary>
/// <param name="Means">[n, D], the outputs that speak for the mean.</param>
/// <param name="Spreads">[n, D], the outputs that speak for the variance; without data where no network does.</param>
internal readonly record struct DecoderBlock<T>(MatrixView<T> Means, MatrixView<T> Spreads)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>One row of the block.</summary>
    public DecoderBlock<T> Row(int row) => new(Means.Slice(row, 1), Spreads.HasData ? Spreads.Slice(row, 1) : default);
}
