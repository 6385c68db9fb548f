using EntropyElbo.Distributions;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// What models with Laplace latents and a normal q share: <c>H = 1 + log 2 lambda</c>, <c>E log p(z_h) = -log 2 lambda_h - E|z_h| /
/// lambda_h</c> (V eq. 123), draws, and the sums that reports are made of.
/// </summary>
internal static class LaplaceLatents
{
    /// <summary>Entropy of a latent with this scale, nats.</summary>
    public static double Entropy(double scale) => 1 + Math.Log(2 * scale);

    /// <summary>Its variance.</summary>
    public static double Variance(double scale) => 2 * scale * scale;

    /// <summary>What collapse is measured by.</summary>
    public static CollapseScale[] CollapseScales(double[] scales) => Array.ConvertAll(
        scales, s => new CollapseScale(Entropy(s), Variance(s)) { LeastKl = CollapseScale.LeastKlFromLaplace });

    /// <summary>KL divergence of a latent's marginal q from its prior, by <paramref name="size"/>, the mean of |z|.</summary>
    public static double Kl(double scale, double size, double entropy) => Math.Log(2 * scale) + (size / scale) - entropy;

    /// <summary>Expected log p(z) of a row.</summary>
    public static double LogPrior(ReadOnlySpan<double> scales, ReadOnlySpan<double> sizes)
    {
        double sum = 0;
        for (int h = 0; h < scales.Length; h++)
        {
            sum -= Math.Log(2 * scales[h]) + (sizes[h] / scales[h]);
        }

        return sum;
    }

    /// <summary>Draws of the latents of <paramref name="count"/> rows.</summary>
    public static double[] Draw(double[] scales, int count, RandomStream random)
    {
        double[] latents = new double[ArraySize.Of(count, scales.Length)];
        Laplace prior = new(scales.Length);
        double[] natural = Array.ConvertAll(scales, s => -1 / s);
        for (int start = 0; start < latents.Length; start += scales.Length)
        {
            prior.Sample(natural, random, latents.AsSpan(start, scales.Length));
        }

        return latents;
    }

    /// <summary>Adds a row's latents to the sums: means, variances and mean sizes of its q.</summary>
    public static void Add(
        ReadOnlySpan<double> scales,
        ReadOnlySpan<double> means,
        ReadOnlySpan<double> variances,
        ReadOnlySpan<double> sizes,
        double[] thresholds,
        ElboStatistics sums)
    {
        for (int h = 0; h < scales.Length; h++)
        {
            double entropy = SpecialFunctions.StandardNormalEntropy + (0.5 * Math.Log(variances[h]));
            double kl = Kl(scales[h], sizes[h], entropy);
            sums.EncoderEntropy[h] += entropy;
            sums.Kl[h] += kl;
            sums.Mean[h] += means[h];
            sums.MeanSquare[h] += means[h] * means[h];
            sums.SecondMoment[h] += sizes[h];
            sums.CollapsedRows[h] += kl < thresholds[h] ? 1 : 0;
        }
    }

    /// <summary>Means over the rows of E log p(z), the prior's entropy, and the prior residual (V Theorem 1 and 2).</summary>
    public static (double LogPrior, double Entropy, double Residual) Summarise(ReadOnlySpan<double> scales, ElboStatistics sums)
    {
        double prior = 0, entropy = 0, residual = 0;
        for (int h = 0; h < scales.Length; h++)
        {
            double ratio = sums.SecondMoment[h] / sums.Rows / scales[h];
            prior -= Math.Log(2 * scales[h]) + ratio;
            entropy += Entropy(scales[h]);
            residual -= 1 - ratio;
        }

        return (prior, entropy, residual);
    }

    /// <summary>Every latent's share of the residual: how far its scale is from the mean size of its codes.</summary>
    public static double[] Residuals(double[] scales, ElboStatistics sums) =>
        [.. sums.SecondMoment.Select((size, h) => (size / sums.Rows / scales[h]) - 1)];

    /// <summary>What a report says of rows whose E-step did not come to its end; null where there are none.</summary>
    public static string? Remark(double openRows, long rows, int evaluations) => openRows == 0 ? null
        : $"The codes of {openRows} of {rows} rows were not at their optimum after {evaluations} evaluations; their ELBOs are lower than "
            + $"they could be.";
}
