using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae.Networks;

/// <summary>
/// The two outputs of the encoder, <c>[nu | rho]</c> with <c>tau^2 = exp(rho)</c>, and the reparameterised sample
/// <c>z = nu + tau eps</c> (Kingma and Welling 2014).
/// </summary>
internal static unsafe class EncoderKernels
{
    /// <summary>
    /// Bound on the size of an encoder log-variance: deviations from 3e-7 to 3e6. Beyond it the gradient is that at the bound,
    /// where the KL divergence points back inside.
    /// </summary>
    public const double LogVarianceBound = 30;


    /// <summary>Bounds the log-variances in place, and gives tau for every row and latent; padding lanes are 0.</summary>
    public static void Deviations<T>(MatrixView<T> heads, MatrixView<T> deviations)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int line = Vector512<T>.Count;
        Vector512<T> half = Vector512.Create(T.CreateTruncating(0.5));
        Vector512<T> bound = Vector512.Create(T.CreateTruncating(LogVarianceBound));
        for (int row = 0; row < heads.Rows; row++)
        {
            T* logs = heads.Data + ((long)row * heads.Stride) + deviations.Columns;
            T* target = deviations.Data + ((long)row * deviations.Stride);
            for (int column = 0; column < deviations.Columns; column += line)
            {
                Vector512<T> mask = Lanes.FirstLanes<T>(deviations.Columns - column);
                Vector512<T> log = Vector512.Load(logs + column);
                Vector512<T> bounded = Vector512.Max(Vector512.Min(log, bound), -bound);

                // Lanes past the last latent are padding or the next row: they stay what they are.
                Vector512.ConditionalSelect(mask, bounded, log).Store(logs + column);
                (Lanes.Exp(bounded * half) & mask).StoreAligned(target + column);
            }
        }
    }

    /// <summary><c>z = nu + tau eps</c>; padding lanes are 0.</summary>
    public static void Reparameterise<T>(MatrixView<T> heads, MatrixView<T> deviations, MatrixView<T> noise, MatrixView<T> latents)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int line = Vector512<T>.Count;
        for (int row = 0; row < heads.Rows; row++)
        {
            T* means = heads.Data + ((long)row * heads.Stride);
            long offset = (long)row * deviations.Stride;
            for (int column = 0; column < deviations.Columns; column += line)
            {
                Vector512<T> mask = Lanes.FirstLanes<T>(deviations.Columns - column);
                Vector512<T> mean = Vector512.Load(means + column) & mask;
                Vector512<T> deviation = Vector512.LoadAligned(deviations.Data + offset + column);
                Vector512<T> draw = Vector512.LoadAligned(noise.Data + offset + column);
                Lanes.MultiplyAdd(deviation, draw, mean).StoreAligned(latents.Data + offset + column);
            }
        }
    }

    /// <summary>
    /// Gradient with respect to the heads, overwritten, from that with respect to z: <c>d nu = dz</c>,
    /// <c>d rho = dz eps tau / 2</c>.
    /// </summary>
    public static void Backward<T>(MatrixView<T> latentGradient, MatrixView<T> deviations, MatrixView<T> noise, MatrixView<T> headGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int line = Vector512<T>.Count;
        int latents = deviations.Columns;
        Vector512<T> half = Vector512.Create(T.CreateTruncating(0.5));
        for (int row = 0; row < headGradient.Rows; row++)
        {
            T* target = headGradient.Data + ((long)row * headGradient.Stride);
            long offset = (long)row * deviations.Stride;
            for (int column = 0; column < latents; column += line)
            {
                // Lanes past the last latent spill into the log-variances, which the next loop writes.
                Vector512.LoadAligned(latentGradient.Data + offset + column).Store(target + column);
            }

            for (int column = 0; column < latents; column += line)
            {
                Vector512<T> dz = Vector512.LoadAligned(latentGradient.Data + offset + column);
                Vector512<T> deviation = Vector512.LoadAligned(deviations.Data + offset + column);
                Vector512<T> draw = Vector512.LoadAligned(noise.Data + offset + column);
                (dz * draw * (deviation * half)).Store(target + latents + column);
            }
        }
    }

    /// <summary>Adds a number to the log-variances' part of the heads' gradient.</summary>
    public static void AddToLogVariances<T>(MatrixView<T> headGradient, int latents, T value)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < headGradient.Rows; row++)
        {
            foreach (ref T entry in headGradient[row].Slice(latents, latents))
            {
                entry += value;
            }
        }
    }

    /// <summary>Adds the encoder entropies of a block to the sums.</summary>
    public static void AddEntropies<T>(MatrixView<T> heads, int latents, ElboStatistics sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < heads.Rows; row++)
        {
            Span<T> logs = heads[row].Slice(latents, latents);
            for (int h = 0; h < latents; h++)
            {
                sums.EncoderEntropy[h] += SpecialFunctions.StandardNormalEntropy + (0.5 * double.CreateTruncating(logs[h]));
            }
        }
    }
}
