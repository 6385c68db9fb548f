using System.Numerics;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae.Priors;

/// <summary>
/// The prior p(z) of a VAE with encoder <c>N(nu, diag tau^2)</c>: KL divergence in closed form, its gradients, and the
/// sums behind the prior residual.
/// </summary>
internal abstract class LatentPrior<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>KL divergence of one row and latent, and <c>E T(z)</c> of the prior's sufficient statistic.</summary>
    public abstract (double Kl, double Statistic) Evaluate(AlignedBuffer<T> parameters, int latent, double mean, double logVariance);

    /// <summary>
    /// Adds <paramref name="weight"/> times the gradient of the summed KL to <paramref name="headGradient"/>, writes that of
    /// its own parameters, and adds KL and statistics to the sums.
    /// </summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="gradient">The flat gradient.</param>
    /// <param name="heads">[n, 2H]: means, then log-variances.</param>
    /// <param name="deviations">[n, H]: tau.</param>
    /// <param name="weight">The KL weight, beta.</param>
    /// <param name="headGradient">[n, 2H], added to.</param>
    /// <param name="sums">Added to: Kl and SecondMoment.</param>
    public abstract void Gradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        MatrixView<T> heads,
        MatrixView<T> deviations,
        double weight,
        MatrixView<T> headGradient,
        ElboStatistics sums);

    /// <summary>log p(z) of one latent.</summary>
    public abstract double LogDensity(AlignedBuffer<T> parameters, int latent, double value);

    /// <summary>
    /// Derivatives of log p(z) of one latent by z and by the latent's log-scale or log-variance; of no meaning by what the prior
    /// does not learn.
    /// </summary>
    public abstract (double ByLatent, double ByScale) LogDensitySlopes(AlignedBuffer<T> parameters, int latent, double value);

    /// <summary>Draws latents.</summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="random">Source of the draws.</param>
    /// <param name="latents">[n, H], filled.</param>
    public abstract void Sample(AlignedBuffer<T> parameters, RandomStream random, Span<double> latents);

    /// <summary>Entropy and scale of each latent's prior.</summary>
    public abstract CollapseScale[] Scales(AlignedBuffer<T> parameters);

    /// <summary>The prior residual, nats per row, from the sums of <c>E T(z)</c> per latent.</summary>
    public double Residual(AlignedBuffer<T> parameters, ReadOnlySpan<double> statistics, long rows)
    {
        double residual = 0;
        for (int h = 0; h < statistics.Length; h++)
        {
            residual += Residual(parameters, h, statistics[h] / rows);
        }

        return residual;
    }

    /// <summary>One latent's share of it, from its mean <c>E T(z)</c>.</summary>
    public abstract double Residual(AlignedBuffer<T> parameters, int latent, double statistic);

    /// <summary>
    /// The power of a latent's scale in its statistic, over which residuals and gains follow from the ratio of statistic and
    /// optimum: 1 for a variance, 2 for the scale of a Laplace distribution.
    /// </summary>
    public abstract double Degrees { get; }

    /// <summary>
    /// Moves its scales towards their optimum for the statistics of some rows (D eq. 76): a share of 1 goes all the way,
    /// less averages over batches. Nothing where the prior is fixed.
    /// </summary>
    public abstract void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> statistics, long rows, double share);
}
