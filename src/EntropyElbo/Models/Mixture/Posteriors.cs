using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.Mixture;

/// <summary>From log joint densities to responsibilities, row by row, all K at a time in vectors.</summary>
internal static unsafe class Posteriors
{
    /// <summary>Log densities below this stand for probability 0 (<see cref="ColumnComponents.LogOfZero"/> and its sums).</summary>
    private const double Impossible = -1e290;

    /// <summary>exp of this is 0, and 0 times it is 0.</summary>
    private const double Negligible = -1e4;

    /// <summary>
    /// Fills responsibilities, row values (log of the sum of joint densities) and row entropies. Rows that are impossible
    /// under every component get the weights as responsibilities and the value -infinity.
    /// </summary>
    /// <param name="work">Holds the log joint densities, -infinity in the padding; they are overwritten.</param>
    /// <param name="count">Rows.</param>
    /// <param name="weights">pi, K values.</param>
    /// <param name="kept">Components kept per row: the others get responsibility 0 (the truncated posterior).</param>
    public static void Fill(MixtureWorkspace work, int count, ReadOnlySpan<double> weights, int kept)
    {
        if (kept < work.Components)
        {
            Truncate(work, count, kept);
        }

        SubtractMaxima(work, count);
        Span<double> shifted = new(work.Joint.Data, count * work.Stride);
        TensorPrimitives.Exp(shifted, new Span<double>(work.Responsibilities.Data, count * work.Stride));
        Normalise(work, count, weights);
    }

    /// <summary>Sets all but the best to -infinity; of equals the first are kept.</summary>
    private static void Truncate(MixtureWorkspace work, int count, int kept)
    {
        Span<double> best = stackalloc double[kept];
        for (int row = 0; row < count; row++)
        {
            Span<double> joint = work.Joint[row];
            best.Fill(double.NegativeInfinity);
            foreach (double value in joint)
            {
                int place = kept;
                while (place > 0 && value > best[place - 1])
                {
                    place--;
                }

                if (place < kept)
                {
                    best[place..^1].CopyTo(best[(place + 1)..]);
                    best[place] = value;
                }
            }

            double least = best[^1];
            int atLeast = best.Length;
            foreach (double value in best)
            {
                atLeast -= value > least ? 1 : 0;
            }

            foreach (ref double value in joint)
            {
                bool keep = value > least || (value == least && atLeast-- > 0);
                value = keep ? value : double.NegativeInfinity;
            }
        }
    }

    private static void SubtractMaxima(MixtureWorkspace work, int count)
    {
        Vector512<double> negligible = Vector512.Create(Negligible);
        for (int row = 0; row < count; row++)
        {
            double* p = work.Joint.Data + ((long)row * work.Stride);
            Vector512<double> top = Vector512.LoadAligned(p);
            for (int i = 8; i < work.Stride; i += 8)
            {
                top = Vector512.Max(top, Vector512.LoadAligned(p + i));
            }

            Vector256<double> four = Vector256.Max(top.GetLower(), top.GetUpper());
            Vector128<double> two = Vector128.Max(four.GetLower(), four.GetUpper());
            double maximum = Math.Max(two[0], two[1]);
            work.RowValues[row] = maximum;
            Vector512<double> subtracted = Vector512.Create(maximum > Impossible ? maximum : 0);
            for (int i = 0; i < work.Stride; i += 8)
            {
                Vector512.Max(Vector512.LoadAligned(p + i) - subtracted, negligible).StoreAligned(p + i);
            }
        }
    }

    private static void Normalise(MixtureWorkspace work, int count, ReadOnlySpan<double> weights)
    {
        for (int row = 0; row < count; row++)
        {
            double* shifted = work.Joint.Data + ((long)row * work.Stride);
            double* r = work.Responsibilities.Data + ((long)row * work.Stride);
            if (!(work.RowValues[row] > Impossible))
            {
                Surrender(work, row, weights);
                continue;
            }

            Vector512<double> sums = Vector512<double>.Zero;
            Vector512<double> dots = sums;
            for (int i = 0; i < work.Stride; i += 8)
            {
                Vector512<double> e = Vector512.LoadAligned(r + i);
                sums += e;
                dots = Vector512.FusedMultiplyAdd(e, Vector512.LoadAligned(shifted + i), dots);
            }

            double total = Vector512.Sum(sums);
            double log = Math.Log(total);
            work.RowValues[row] += log;
            work.RowEntropies[row] = Math.Max(0, log - (Vector512.Sum(dots) / total));
            for (int i = 0; i < work.Stride; i += 8)
            {
                (Vector512.LoadAligned(r + i) / total).StoreAligned(r + i);
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
