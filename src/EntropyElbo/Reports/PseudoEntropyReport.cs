using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using EntropyElbo.Numerics;

namespace EntropyElbo.Reports;

/// <summary>
/// The second meter, for observables whose natural parameters are linear in a free last layer: with everything else in the base
/// measure, <c>eta_d(z) = (w_d' h(z) + b_d) / sigma_d^2</c>, <c>T = x</c>, the layer's own weights satisfy the parameterization
/// criterion, so at every point that is stationary in them the ELBO equals a sum of (pseudo) entropies, whatever the variances are.
/// At any parameters <c>Elbo = EntropySum - ElboReport.PriorResidual - Residual</c>. No step of training closes this residual by
/// construction.
/// </summary>
public sealed record PseudoEntropyReport
{
    // Generated JSON code sets a member that a file does not have to null, so the list's setter knows no null.

    /// <summary>
    /// Encoder entropy - prior entropy - <see cref="DecoderEntropy"/> + <see cref="BaseMeasure"/>; for Gaussian columns
    /// <c>mean H[q] - H[p(z)] + mean E mu^2 / 2 sigma^2 - mean x^2 / 2 sigma^2 - 1/2 log 2 pi sigma^2</c>, summed over columns.
    /// </summary>
    public required double EntropySum { get; init; }

    /// <summary>
    /// Mean expected (pseudo) entropy of the observable distribution, <c>A(eta) - eta A'(eta)</c>: for Gaussian columns
    /// <c>-mean E mu^2 / 2 sigma^2</c>.
    /// </summary>
    public required double DecoderEntropy { get; init; }

    /// <summary>Mean log base measure.</summary>
    public required double BaseMeasure { get; init; }

    /// <summary>
    /// The gap by column, <c>mean E (mean_d - x_d) eta_d(z)</c>: the slope of the ELBO, with its sign turned, as the weights and
    /// the bias of the column grow by a common factor. Of images, by channel: their pixels share weights.
    /// </summary>
    public IReadOnlyList<double> Residuals { get; init => field = value ?? []; } = [];

    /// <summary>Sum of <see cref="Residuals"/>.</summary>
    [JsonIgnore]
    public double Residual => Residuals.Sum();

    /// <summary>Sum of their sizes: parts of opposite sign do not cancel.</summary>
    [JsonIgnore]
    public double AbsoluteResidual => Residuals.Sum(Math.Abs);

    /// <summary>Index of the part that is furthest from 0, a column or a channel.</summary>
    [JsonIgnore]
    public int Worst => TensorPrimitives.IndexOfMaxMagnitude<double>([.. Residuals]);

    /// <summary>Reports are equal when their figures are.</summary>
    /// <param name="other">Another report.</param>
    public bool Equals(PseudoEntropyReport? other) => other is not null && EntropySum.Equals(other.EntropySum)
        && DecoderEntropy.Equals(other.DecoderEntropy) && BaseMeasure.Equals(other.BaseMeasure) && Residuals.SequenceEqual(other.Residuals);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(EntropySum, DecoderEntropy, BaseMeasure, Residuals.Count);

    /// <summary>Whether all figures are finite numbers.</summary>
    internal bool IsFinite => TensorPrimitives.IsFiniteAll([EntropySum, DecoderEntropy, BaseMeasure, Residual]);

    /// <summary>The report of Gaussian columns from means over rows.</summary>
    /// <param name="latentEntropies">Encoder entropy less prior entropy.</param>
    /// <param name="logVariances">log sigma_d^2.</param>
    /// <param name="products">mean E (mu_d - x_d) mu_d.</param>
    /// <param name="differences">mean E (mu_d^2 - x_d^2).</param>
    /// <param name="squares">mean x_d^2.</param>
    internal static PseudoEntropyReport Gaussian(
        double latentEntropies,
        ReadOnlySpan<double> logVariances,
        ReadOnlySpan<double> products,
        ReadOnlySpan<double> differences,
        ReadOnlySpan<double> squares)
    {
        double[] residuals = new double[products.Length];
        double entropy = 0, baseMeasure = 0, both = 0;
        for (int d = 0; d < residuals.Length; d++)
        {
            double half = 0.5 * Math.Exp(-logVariances[d]);
            double constant = 0.5 * (SpecialFunctions.LogTwoPi + logVariances[d]);
            residuals[d] = 2 * half * products[d];
            entropy -= half * (differences[d] + squares[d]);
            baseMeasure -= (half * squares[d]) + constant;

            // The two cancel but for this, and are large where the variance is small.
            both += (half * differences[d]) - constant;
        }

        return new PseudoEntropyReport { EntropySum = latentEntropies + both, DecoderEntropy = entropy, BaseMeasure = baseMeasure, Residuals = residuals };
    }
}
