using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>From log joint densities to responsibilities, row by row, all K at a time in vectors.</summary>
internal static unsafe class PosteriorKernels
{
    /// <summary>Log densities below this stand for probability 0 (<see cref="ColumnComponents.LogOfZero"/> and its sums).</summary>
    public const double Impossible = -1e290;

    /// <summary>exp of this is 0, and 0 times it is 0.</summary>
    public const double Negligible = -1e4;

    /// <summary>
    /// Fills responsibilities, row values (log of the sum of joint densities) and row entropies. Rows that are impossible
    /// under every component get the weights as responsibilities and the value -infinity.
    /// </summary>
    /// <param name="work">Holds the log densities; they are overwritten.</param>
    /// <param name="count">Rows.</param>
    /// <param name="weights">pi, K values.</param>
    /// <param name="logWeights">log pi, -infinity in the padding to whole vectors.</param>
    /// <param name="kept">Components kept per row: the others get responsibility 0 (the truncated posterior).</param>
    public static void Fill(MixtureWorkspace work, int count, ReadOnlySpan<double> weights, ReadOnlySpan<double> logWeights, int kept)
    {
        fixed (double* logs = logWeights)
        {
            for (int row = 0; row < count; row++)
            {
                AddWeights(work, row, logs);
                if (kept < work.Components)
                {
                    Truncate(work.Joint[row], kept);
                }
            }
        }

        SubtractMaxima(work, count);
        int length = count * work.Lanes;
        VectorFunctions.ExpOfNegatives(new(work.Shifted.Pointer, length), new(work.Exponentials.Pointer, length));
        Normalise(work, count, weights);
    }

    private static void AddWeights(MixtureWorkspace work, int row, double* logs)
    {
        double* joint = work.Joint.Data + ((long)row * work.Joint.Stride);
        for (int i = 0; i < work.Lanes; i += 8)
        {
            (Vector512.LoadAligned(joint + i) + Vector512.Load(logs + i)).StoreAligned(joint + i);
        }
    }

    /// <summary>Sets all but the best to -infinity; of equals the first are kept.</summary>
    private static void Truncate(Span<double> joint, int kept)
    {
        double[] sorted = joint.ToArray();
        Array.Sort(sorted);
        double least = sorted[^kept];
        int atLeast = kept - joint.Length + Array.FindLastIndex(sorted, v => v <= least) + 1;
        foreach (ref double value in joint)
        {
            bool keep = value > least || (value == least && atLeast-- > 0);
            value = keep ? value : double.NegativeInfinity;
        }
    }

    private static void SubtractMaxima(MixtureWorkspace work, int count)
    {
        int lanes = work.Lanes;
        Vector512<double> negligible = Vector512.Create(Negligible);
        for (int row = 0; row < count; row++)
        {
            double* joint = work.Joint.Data + ((long)row * work.Joint.Stride);
            double* shifted = work.Shifted.Pointer + ((long)row * lanes);
            Vector512<double> top = Vector512.LoadAligned(joint);
            for (int i = 8; i < lanes; i += 8)
            {
                top = Vector512.Max(top, Vector512.LoadAligned(joint + i));
            }

            double maximum = VectorFold.Max(top);
            work.RowValues[row] = maximum;
            Vector512<double> subtracted = Vector512.Create(maximum > Impossible ? maximum : 0);
            for (int i = 0; i < lanes; i += 8)
            {
                Vector512.Max(Vector512.LoadAligned(joint + i) - subtracted, negligible).StoreAligned(shifted + i);
            }
        }
    }

    private static void Normalise(MixtureWorkspace work, int count, ReadOnlySpan<double> weights)
    {
        int lanes = work.Lanes;
        for (int row = 0; row < count; row++)
        {
            double* shifted = work.Shifted.Pointer + ((long)row * lanes);
            double* e = work.Exponentials.Pointer + ((long)row * lanes);
            double* r = work.Responsibilities.Data + ((long)row * work.Responsibilities.Stride);
            if (!(work.RowValues[row] > Impossible))
            {
                Surrender(work, row, weights);
                continue;
            }

            Vector512<double> sums = Vector512<double>.Zero;
            Vector512<double> dots = sums;
            for (int i = 0; i < lanes; i += 8)
            {
                Vector512<double> own = Vector512.LoadAligned(e + i);
                sums += own;
                dots = Vector512.FusedMultiplyAdd(own, Vector512.LoadAligned(shifted + i), dots);
            }

            double total = VectorFold.Sum(sums);
            double log = Math.Log(total);
            work.RowValues[row] += log;
            work.RowEntropies[row] = Math.Max(0, log - (VectorFold.Sum(dots) / total));
            for (int i = 0; i < lanes; i += 8)
            {
                (Vector512.LoadAligned(e + i) / total).StoreAligned(r + i);
            }
        }
    }

    private static void Surrender(MixtureWorkspace work, int row, ReadOnlySpan<double> weights)
    {
        Span<double> r = work.Responsibilities[row];
        weights.CopyTo(r);
        work.RowValues[row] = double.NegativeInfinity;
        work.RowEntropies[row] = 0;
        foreach (double weight in weights)
        {
            work.RowEntropies[row] -= SpecialFunctions.XLogX(weight);
        }
    }
}
