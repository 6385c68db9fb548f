using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Priors;

/// <summary>
/// The inner loops of priors. Heads are [n, 2H], means then log-variances, so a line of log-variances may begin anywhere and end in
/// the next row; lanes past the last latent are masked, or added nothing to.
/// </summary>
internal static unsafe class PriorKernels
{
    /// <summary>A line of latents over all rows: adds the gradients, returns the sums of <c>E |z|</c> and of log-variances.</summary>
    public static (Vector512<T> Sizes, Vector512<T> Logs) Laplace<T>(
        MatrixView<T> heads, MatrixView<T> deviations, MatrixView<T> headGradient, int column, Vector512<T> slope, T half, int latents)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> root = Vector512.Create(T.CreateTruncating(Math.Sqrt(0.5)));
        Vector512<T> factor = Vector512.Create(T.CreateTruncating(Math.Sqrt(2 / Math.PI)));
        Vector512<T> mask = Lanes.FirstLanes<T>(latents - column);
        Vector512<T> sizes = Vector512<T>.Zero, logs = sizes, halves = Vector512.Create(half), halfOne = Vector512.Create(T.CreateTruncating(0.5));
        for (int row = 0; row < heads.Rows; row++)
        {
            T* head = heads.Data + ((long)row * heads.Stride) + column;
            T* target = headGradient.Data + ((long)row * headGradient.Stride) + column;
            Vector512<T> mean = Vector512.Load(head) & mask;

            // Idle lanes get a deviation of 1, to divide by.
            Vector512<T> deviation = Vector512.ConditionalSelect(
                mask, Vector512.LoadAligned(deviations.Data + ((long)row * deviations.Stride) + column), Vector512<T>.One);
            Vector512<T> ratio = mean / deviation * root;
            Vector512<T> gaussian = Lanes.Exp(-(ratio * ratio));
            Vector512<T> sign = ErrorFunction.Erf(ratio, gaussian) & mask;
            Vector512<T> spread = (deviation * factor * gaussian) & mask;
            sizes += Lanes.MultiplyAdd(mean, sign, spread);
            logs += Vector512.Load(head + latents) & mask;
            Lanes.MultiplyAdd(sign, slope, Vector512.Load(target)).Store(target);
            Vector512<T> towardsPrior = ((spread * slope * halfOne) - halves) & mask;
            (Vector512.Load(target + latents) + towardsPrior).Store(target + latents);
        }

        return (sizes, logs);
    }

    /// <summary>A line of latents over all rows: adds the gradients, returns the sums of <c>E z^2</c> and of log-variances.</summary>
    public static (Vector512<T> Second, Vector512<T> Logs) Normal<T>(
        MatrixView<T> heads, MatrixView<T> deviations, MatrixView<T> headGradient, int column, Vector512<T> precision, T weight, T half, int latents)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> slope = precision * weight;
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
            Lanes.MultiplyAdd(mean, slope, Vector512.Load(target)).Store(target);
            Vector512<T> towardsPrior = (((variance * precision) - Vector512<T>.One) * half) & mask;
            (Vector512.Load(target + latents) + towardsPrior).Store(target + latents);
        }

        return (second, logs);
    }
}
