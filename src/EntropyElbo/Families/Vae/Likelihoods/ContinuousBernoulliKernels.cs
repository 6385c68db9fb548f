using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Distributions;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>The inner loop of continuous Bernoulli columns; as those in <see cref="LikelihoodKernels"/>.</summary>
internal static unsafe class ContinuousBernoulliKernels
{
    /// <summary>Terms of the series that single precision needs.</summary>
    private const int SingleTerms = 6;

    /// <summary>As <see cref="LikelihoodKernels.Binomial"/>, for numbers in [0, 1].</summary>
    public static (double Partition, double Product, double Observed, int Bounded) Row<T>(
        MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, double activationFactor)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T factor = T.CreateTruncating(activationFactor);
        Vector512<T> partition = Vector512<T>.Zero, product = partition, observed = partition;
        for (int column = 0; column < row.Columns; column += Vector512<T>.Count)
        {
            Vector512<T> mask = Lanes.FirstLanes<T>(row.Columns - column);
            Vector512<T> x = Vector512.LoadAligned(row.Data + column);
            Vector512<T> natural = Vector512.LoadAligned(output.Data + column) * factor;
            (Vector512<T> log, Vector512<T> mean) = PartitionAndMean(natural);
            mean &= mask;
            partition += log & mask;
            product = Lanes.MultiplyAdd(natural, mean, product);
            observed = Lanes.MultiplyAdd(natural, x, observed);
            if (gradient.Data != null)
            {
                ((mean - x) * factor).StoreAligned(gradient.Data + column);
            }
        }

        return (VectorFold.Sum(partition), VectorFold.Sum(product), VectorFold.Sum(observed), 0);
    }

    /// <summary>log((e^eta - 1) / eta) and its slope: by series beside 0, else from the tail e^-|eta|.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<T> Partition, Vector512<T> Mean) PartitionAndMean<T>(Vector512<T> natural)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> series = ContinuousBernoulli.Series;
        int terms = typeof(T) == typeof(float) ? SingleTerms : series.Length;
        Vector512<T> half = Vector512.Create(T.CreateTruncating(0.5)), reach = Vector512.Create(T.CreateTruncating(ContinuousBernoulli.SeriesReach));
        Vector512<T> size = Vector512.Abs(natural), near = Vector512.Min(size, reach), square = near * near;
        Vector512<T> even = Vector512<T>.Zero, slope = even;
        for (int k = terms; k > 0; k--)
        {
            even = Lanes.MultiplyAdd(even, square, Vector512.Create(T.CreateTruncating(series[k - 1])));
            slope = Lanes.MultiplyAdd(slope, square, Vector512.Create(T.CreateTruncating(2 * k * series[k - 1])));
        }

        Vector512<T> far = Vector512.Max(size, reach), tail = Lanes.Exp(-far), rest = Vector512<T>.One - tail;
        Vector512<T> below = (Vector512<T>.One / far) - (tail / rest);
        Vector512<T> positive = Vector512.GreaterThan(natural, Vector512<T>.Zero), isNear = Vector512.LessThan(size, reach);
        Vector512<T> farPartition = Vector512.Max(natural, Vector512<T>.Zero) + Lanes.Log(rest / far);
        Vector512<T> farMean = Vector512.ConditionalSelect(positive, Vector512<T>.One - below, below);
        return (
            Vector512.ConditionalSelect(isNear, Lanes.MultiplyAdd(natural, half, even * square), farPartition),
            Vector512.ConditionalSelect(isNear, Lanes.MultiplyAdd(natural, slope, half), farMean));
    }
}
