using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae.Priors;

/// <summary>
/// <c>p(z) = N(0, diag alpha^2)</c> with alpha^2 learned (D eq. 6), or <c>N(0, I)</c> (D eq. 2) where there is no tensor of
/// log-variances. Its statistic is <c>E z^2 = nu^2 + tau^2</c>.
/// </summary>
internal sealed class NormalPrior<T>(int latents, ScaleParameters? logVariances) : LatentPrior<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{

    /// <inheritdoc/>
    public override (double Kl, double Statistic) Evaluate(AlignedBuffer<T> parameters, int latent, double mean, double logVariance)
    {
        double statistic = (mean * mean) + Math.Exp(logVariance);
        double logPrior = LogVariance(parameters, latent);
        return (0.5 * ((statistic * Math.Exp(-logPrior)) - 1 - logVariance + logPrior), statistic);
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
        T half = T.CreateTruncating(0.5 * weight);
        Span<T> lanes = stackalloc T[3 * line];
        for (int column = 0; column < latents; column += line)
        {
            int width = Math.Min(line, latents - column);
            for (int h = 0; h < line; h++)
            {
                lanes[h] = h < width ? T.CreateTruncating(Math.Exp(-LogVariance(parameters, column + h))) : T.Zero;
            }

            Vector512<T> precision = Vector512.Create<T>(lanes[..line]);
            (Vector512<T> second, Vector512<T> logs) = PriorKernels.Normal(
                heads, deviations, headGradient, column, precision, T.CreateTruncating(weight), half, latents);
            second.CopyTo(lanes[line..]);
            logs.CopyTo(lanes[(2 * line)..]);
            for (int h = 0; h < width; h++)
            {
                AddSums(
                    parameters,
                    gradient,
                    column + h,
                    heads.Rows,
                    double.CreateTruncating(lanes[line + h]),
                    double.CreateTruncating(lanes[(2 * line) + h]),
                    weight,
                    sums);
            }
        }
    }

    /// <inheritdoc/>
    public override double LogDensity(AlignedBuffer<T> parameters, int latent, double value)
    {
        double logPrior = LogVariance(parameters, latent);
        return -0.5 * (SpecialFunctions.LogTwoPi + logPrior + (value * value * Math.Exp(-logPrior)));
    }

    /// <inheritdoc/>
    public override (double ByLatent, double ByScale) LogDensitySlopes(AlignedBuffer<T> parameters, int latent, double value)
    {
        double precision = Math.Exp(-LogVariance(parameters, latent));
        return (-value * precision, 0.5 * ((value * value * precision) - 1));
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, RandomStream random, Span<double> target)
    {
        random.FillGaussian(target);
        for (int i = 0; i < target.Length && logVariances is not null; i++)
        {
            target[i] *= Math.Exp(0.5 * LogVariance(parameters, i % latents));
        }
    }

    /// <inheritdoc/>
    public override CollapseScale[] Scales(AlignedBuffer<T> parameters)
    {
        CollapseScale[] scales = new CollapseScale[latents];
        for (int h = 0; h < latents; h++)
        {
            double logVariance = LogVariance(parameters, h);
            scales[h] = new CollapseScale(SpecialFunctions.StandardNormalEntropy + (0.5 * logVariance), Math.Exp(logVariance));
        }

        return scales;
    }

    /// <inheritdoc/>
    public override double Residual(AlignedBuffer<T> parameters, int latent, double statistic) =>
        -0.5 * (1 - (statistic * Math.Exp(-LogVariance(parameters, latent))));

    /// <inheritdoc/>
    public override double Degrees => 1;

    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> statistics, long rows, double share)
    {
        for (int h = 0; h < latents; h++)
        {
            logVariances?.Move(parameters, h, statistics[h] / rows, share);
        }
    }

    private double LogVariance(AlignedBuffer<T> parameters, int latent) =>
        logVariances is null ? 0 : double.CreateTruncating(parameters[logVariances.Tensor.Offset + latent]);

    private void AddSums(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        int latent,
        int rows,
        double squares,
        double logs,
        double weight,
        ElboStatistics sums)
    {
        double logPrior = LogVariance(parameters, latent);
        double scaled = squares * Math.Exp(-logPrior);
        sums.SecondMoment[latent] += squares;
        sums.Kl[latent] += 0.5 * (scaled - rows - logs + (rows * logPrior));
        if (logVariances is not null)
        {
            gradient[logVariances.Tensor.Offset + latent] = T.CreateTruncating(0.5 * weight * (rows - scaled));
        }
    }
}
