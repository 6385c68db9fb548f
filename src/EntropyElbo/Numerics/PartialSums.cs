using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>A vector that lies in parts to be added, as the gradients of shards do.</summary>
internal static unsafe class PartialSums
{
    /// <summary>Squared length of a range of the sum, in doubles over eight logical lanes.</summary>
    /// <param name="parts">The parts, added in this order.</param>
    /// <param name="start">First entry, a multiple of 16.</param>
    /// <param name="length">Entries, a multiple of 16.</param>
    public static double SquaredNorm(ReadOnlySpan<AlignedBuffer<float>> parts, int start, int length)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        for (int i = start; i < start + length; i += 16)
        {
            Vector512<float> entries = Vector512.LoadAligned(parts[0].Pointer + i);
            for (int part = 1; part < parts.Length; part++)
            {
                entries += Vector512.LoadAligned(parts[part].Pointer + i);
            }

            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(entries);
            sums = Vector512.FusedMultiplyAdd(low, low, sums);
            sums = Vector512.FusedMultiplyAdd(high, high, sums);
        }

        return VectorFold.Sum(sums);
    }
}
