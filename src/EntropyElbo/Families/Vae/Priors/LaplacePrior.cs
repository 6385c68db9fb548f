using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Distributions;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae.Priors;

/// <summary>
/// <c>p(z) = prod_h Laplace(lambda_h)</c> of mean zero with learned scales, the sparse prior of V. Its statistic is
/// <c>E |z| = tau M(nu / tau)</c>, <c>M(a) = sqrt(2 / pi) exp(-a^2 / 2) + a erf(a / sqrt 2)</c>, <c>M'(a) = erf(a / sqrt 2)</c>
/// (V Theorem 2), so <c>KL = log(2 lambda) + E |z| / lambda - H[q]</c>.
/// </summary>
internal sealed class LaplacePrior<T>(int latents, ScaleParameters logScales) : LatentPrior<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly double RootTwoOverPi = Math.Sqrt(2 / Math.PI);

    /// <inheritdoc/>
    public override (double Kl, double Statistic) Evaluate(AlignedBuffer<T> parameters, int latent, double mean, double logVariance)
    {
        double deviation = Math.Exp(0.5 * logVariance);
        double ratio = mean / deviation;
        double statistic = (deviation * RootTwoOverPi * Math.Exp(-0.5 * ratio * ratio)) + (mean * ErrorFunction.Erf(ratio / Math.Sqrt(2)));
        return (Kl(LogScale(parameters, latent), statistic, logVariance, 1), statistic);
    }

    /// <inheritdoc/>
    public override void Gradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        MatrixView<T> heads,
        MatrixView<T> deviations,
        double weight,
        MatrixView<T> headGradient,
        ElboStatistics sums)
    {
        int line = Vector512<T>.Count;
        Span<T> lanes = stackalloc T[3 * line];
        for (int column = 0; column < latents; column += line)
        {
            int width = Math.Min(line, latents - column);
            for (int h = 0; h < line; h++)
            {
                lanes[h] = h < width ? T.CreateTruncating(weight * Math.Exp(-LogScale(parameters, column + h))) : T.Zero;
            }

            (Vector512<T> sizes, Vector512<T> logs) = PriorKernels.Laplace(
                heads, deviations, headGradient, column, Vector512.Create<T>(lanes[..line]), T.CreateTruncating(0.5 * weight), latents);
            sizes.CopyTo(lanes[line..]);
            logs.CopyTo(lanes[(2 * line)..]);
            for (int h = 0; h < width; h++)
            {
                double size = double.CreateTruncating(lanes[line + h]);
                double logScale = LogScale(parameters, column + h);
                sums.SecondMoment[column + h] += size;
                sums.Kl[column + h] += Kl(logScale, size, double.CreateTruncating(lanes[(2 * line) + h]), heads.Rows);
                gradient[logScales.Tensor.Offset + column + h] = T.CreateTruncating(weight * (heads.Rows - (size * Math.Exp(-logScale))));
            }
        }
    }

    /// <inheritdoc/>
    public override double LogDensity(AlignedBuffer<T> parameters, int latent, double value)
    {
        double logScale = LogScale(parameters, latent);
        return -Math.Log(2) - logScale - (Math.Abs(value) * Math.Exp(-logScale));
    }

    /// <inheritdoc/>
    public override (double ByLatent, double ByScale) LogDensitySlopes(AlignedBuffer<T> parameters, int latent, double value)
    {
        double rate = Math.Exp(-LogScale(parameters, latent));
        return (-Math.Sign(value) * rate, (Math.Abs(value) * rate) - 1);
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, RandomStream random, Span<double> target)
    {
        Laplace family = new(latents);
        double[] natural = new double[latents];
        for (int h = 0; h < latents; h++)
        {
            natural[h] = -Math.Exp(-LogScale(parameters, h));
        }

        for (int start = 0; start < target.Length; start += latents)
        {
            family.Sample(natural, random, target.Slice(start, latents));
        }
    }

    /// <inheritdoc/>
    public override CollapseScale[] Scales(AlignedBuffer<T> parameters)
    {
        CollapseScale[] scales = new CollapseScale[latents];
        for (int h = 0; h < latents; h++)
        {
            double logScale = LogScale(parameters, h);
            scales[h] = new CollapseScale(1 + Math.Log(2) + logScale, 2 * Math.Exp(2 * logScale)) { LeastKl = CollapseScale.LeastKlFromLaplace };
        }

        return scales;
    }

    /// <inheritdoc/>
    public override double Residual(AlignedBuffer<T> parameters, int latent, double statistic) =>
        -(1 - (statistic * Math.Exp(-LogScale(parameters, latent))));

    /// <inheritdoc/>
    public override double Degrees => 2;

    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> statistics, long rows, double share)
    {
        for (int h = 0; h < latents; h++)
        {
            logScales.Move(parameters, h, statistics[h] / rows, share);
        }
    }

    /// <summary>KL of some rows from their sums of <c>E |z|</c> and of log-variances.</summary>
    private static double Kl(double logScale, double sizes, double logVariances, int rows) =>
        (rows * (Math.Log(2) + logScale - SpecialFunctions.StandardNormalEntropy)) + (sizes * Math.Exp(-logScale)) - (0.5 * logVariances);

    private double LogScale(AlignedBuffer<T> parameters, int latent) =>
        double.CreateTruncating(parameters[logScales.Tensor.Offset + latent]);
}
