using System.Numerics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.GaussianVae;

/// <summary>
/// The observable distribution p(x|z) behind the decoder network: from the network's outputs to log-likelihoods, their
/// gradients and the sums from which decoder entropy and noise residual are made. Block calls only.
/// </summary>
internal abstract unsafe class DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Number of sums it keeps in <see cref="ElboStatistics.Moments"/>.</summary>
    public abstract int MomentCount { get; }

    /// <summary>
    /// Adds log p(x|z) of every row to <paramref name="logLikelihoods"/> and its sums, times <paramref name="weight"/>,
    /// to <paramref name="moments"/>.
    /// </summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="outputs">[n, outputs] of the decoder network.</param>
    /// <param name="rows">[n, D].</param>
    /// <param name="weight">Weight of these rows in the moments: 1 over the number of samples.</param>
    /// <param name="logLikelihoods">[n], overwritten.</param>
    /// <param name="moments">Added to.</param>
    public abstract void Evaluate(
        T* parameters, MatrixView<T> outputs, MatrixView<T> rows, double weight, Span<double> logLikelihoods, Span<double> moments);

    /// <summary>
    /// Like <see cref="Evaluate"/> with weight 1, returning the sum of log-likelihoods, and with the gradient of minus
    /// that sum: with respect to the outputs into <paramref name="outputGradient"/>, and to its own parameters into
    /// <paramref name="gradient"/> (overwritten).
    /// </summary>
    public abstract double Gradient(
        T* parameters, T* gradient, MatrixView<T> outputs, MatrixView<T> rows, MatrixView<T> outputGradient, Span<double> moments);

    /// <summary>Mean expected decoder entropy, noise residual and mean log base measure from the moments of some rows, nats per row.</summary>
    public abstract (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(T* parameters, ReadOnlySpan<double> moments, long rows);
}
