using EntropyElbo.Numerics;

namespace EntropyElbo.Reports;

/// <summary>
/// What the collapse criteria know of one latent's prior, so that they say the same of a latent in any unit: a VAE-1 and its
/// VAE-2 form count alike, and a rare indicator is judged by the little entropy that it can have.
/// </summary>
/// <param name="Entropy">Entropy of the prior, nats.</param>
/// <param name="Variance">Variance of the prior, the unit of activity.</param>
internal readonly record struct CollapseScale(double Entropy, double Variance)
{
    /// <summary>A standard normal prior's.</summary>
    public static CollapseScale StandardNormal { get; } = new(SpecialFunctions.StandardNormalEntropy, 1);

    /// <summary>The least KL divergence that a normal distribution can have from a Laplace distribution: <c>log(2 / pi) + 1/2</c>.</summary>
    public static double LeastKlFromLaplace { get; } = Math.Log(2 / Math.PI) + 0.5;

    /// <summary>The least KL divergence from the prior that the encoder's family can have, nats.</summary>
    public double LeastKl { get; init; }

    /// <summary>What thresholds in nats are multiplied by: 1 where they mean what they say for N(0, 1).</summary>
    public double Unit { get; init; } = 1;

    /// <summary>
    /// An indicator: a unit of a belief net, or whether a row is of a mixture's component. Thresholds are the share of its entropy
    /// that they are of a standard normal prior's; in nats, a component of less than a hundredth of the rows would count as
    /// collapsed however clear it is.
    /// </summary>
    public static CollapseScale Indicator(double probability)
    {
        double entropy = -SpecialFunctions.XLogX(probability) - SpecialFunctions.XLogX(1 - probability);
        return new CollapseScale(entropy, probability * (1 - probability)) { Unit = entropy / SpecialFunctions.StandardNormalEntropy };
    }

    /// <summary>KL divergences of rows below this count as collapsed (Lucas et al. 2019).</summary>
    public double KlThreshold(CollapseThresholds thresholds) => LeastKl + (thresholds.KlEpsilon * Unit);

    /// <summary>The entropy criterion (D eq. 24) for a mean encoder entropy.</summary>
    public bool IsCollapsed(double encoderEntropy, CollapseThresholds thresholds) =>
        encoderEntropy > Entropy - (thresholds.EntropyMargin * Unit);

    /// <summary>
    /// The variance of the latent's encoder mean over rows, in units of the prior's (Burda et al. 2016); 0 where the prior has
    /// none.
    /// </summary>
    public double Activity(double varianceOfMeans) => Variance > 0 ? Math.Max(0, varianceOfMeans) / Variance : 0;
}
