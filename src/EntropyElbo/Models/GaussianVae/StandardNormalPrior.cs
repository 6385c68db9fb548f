using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.GaussianVae;

/// <summary><c>p(z) = N(0, I)</c> (D eq. 2). Its statistic is <c>E z^2 = nu^2 + tau^2</c>.</summary>
internal sealed unsafe class StandardNormalPrior<T>(int latents) : LatentPrior<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly double UnitEntropy = 0.5 * Math.Log(2 * Math.PI * Math.E);

    /// <inheritdoc/>
    public override (double Kl, double Statistic) Evaluate(T* parameters, int latent, double mean, double logVariance)
    {
        double statistic = (mean * mean) + Math.Exp(logVariance);
        return (0.5 * (statistic - 1 - logVariance), statistic);
    }

    /// <inheritdoc/>
    public override void Gradient(
        T* parameters,
        T* gradient,
        MatrixView<T> heads,
        MatrixView<T> deviations,
        double weight,
        MatrixView<T> headGradient,
        ElboStatistics sums)
    {
        int line = Vector512<T>.Count;
        T beta = T.CreateTruncating(weight);
        T half = T.CreateTruncating(0.5 * weight);
        Span<T> lanes = stackalloc T[2 * line];
        for (int column = 0; column < latents; column += line)
        {
            Vector512<T> mask = Lanes.FirstLanes<T>(latents - column);
            Vector512<T> second = Vector512<T>.Zero;
            Vector512<T> logs = Vector512<T>.Zero;
            for (int row = 0; row < heads.Rows; row++)
            {
                T* head = heads.Data + ((long)row * heads.Stride) + column;
                T* target = headGradient.Data + ((long)row * headGradient.Stride) + column;
                Vector512<T> mean = Vector512.Load(head) & mask;
                Vector512<T> deviation = Vector512.LoadAligned(deviations.Data + ((long)row * deviations.Stride) + column);
                Vector512<T> variance = deviation * deviation;
                second = Lanes.MultiplyAdd(mean, mean, second + (variance & mask));
                logs += Vector512.Load(head + latents) & mask;
                Lanes.MultiplyAdd(mean, Vector512.Create(beta), Vector512.Load(target)).Store(target);
                Vector512<T> towardsUnit = ((variance - Vector512<T>.One) * half) & mask;
                (Vector512.Load(target + latents) + towardsUnit).Store(target + latents);
            }

            second.CopyTo(lanes);
            logs.CopyTo(lanes[line..]);
            for (int h = 0; h < Math.Min(line, latents - column); h++)
            {
                double squares = double.CreateTruncating(lanes[h]);
                sums.SecondMoment[column + h] += squares;
                sums.Kl[column + h] += 0.5 * (squares - heads.Rows - double.CreateTruncating(lanes[line + h]));
            }
        }
    }

    /// <inheritdoc/>
    public override double[] Entropies(T* parameters)
    {
        double[] entropies = new double[latents];
        Array.Fill(entropies, UnitEntropy);
        return entropies;
    }

    /// <inheritdoc/>
    public override double Residual(T* parameters, ReadOnlySpan<double> statistics, long rows)
    {
        double residual = 0;
        foreach (double statistic in statistics)
        {
            residual -= 0.5 * (1 - (statistic / rows));
        }

        return residual;
    }
}
