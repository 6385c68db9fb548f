using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>The inner loop of gamma columns over tiles of columns, whose sums stay in a cache from row to row.</summary>
internal static unsafe class GammaKernels
{
    /// <summary>Columns of a tile.</summary>
    public const int Tile = 256;

    /// <summary>Up to this size of u, <c>e^u - 1 - u</c> is its series.</summary>
    private const double SeriesReach = 0.5;
    private const int SingleTerms = 8;

    /// <summary>1 / 2!, 1 / 3!, ...</summary>
    private static ReadOnlySpan<double> Series =>
    [
        1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800,
        1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200, 1.0 / 1307674368000,
    ];

    /// <summary>
    /// One row of a tile, with <c>u = log x - t</c>: deviances <c>D = e^u - 1 - u</c> times shapes, and logarithms of values,
    /// summed, and the number of log-means at a bound. The gradient of minus log p is written where it has data; deviances, errors
    /// <c>e^u - 1</c> and log-means are added to the columns' sums.
    /// </summary>
    /// <param name="output">The decoder's outputs of the row.</param>
    /// <param name="row">The row.</param>
    /// <param name="gradient">Takes the gradient, or has no data.</param>
    /// <param name="start">First column of the tile, a multiple of the vector's length.</param>
    /// <param name="shapes">Shapes of the tile's columns, [Tile].</param>
    /// <param name="sums">[3, Tile]: deviances, errors, log-means.</param>
    /// <param name="activationFactor">rho.</param>
    /// <param name="greatest">Bound on the size of log-means.</param>
    public static (double Deviance, double Logarithms, int Bounded) Row<T>(
        MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, int start, ReadOnlySpan<T> shapes, Span<T> sums, double activationFactor, double greatest)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T factor = T.CreateTruncating(activationFactor);
        Vector512<T> bound = Vector512.Create(T.CreateTruncating(greatest));
        Vector512<T> deviances = Vector512<T>.Zero, logarithms = deviances;
        int bounded = 0, end = Math.Min(row.Columns, start + Tile);
        for (int column = start; column < end; column += Vector512<T>.Count)
        {
            Vector512<T> mask = Lanes.FirstLanes<T>(row.Columns - column);
            Vector512<T> log = Lanes.Log(Vector512.ConditionalSelect(mask, Vector512.LoadAligned(row.Data + column), Vector512<T>.One));
            Vector512<T> free = Vector512.LoadAligned(output.Data + column) * factor;
            bounded += BitOperations.PopCount(Vector512.ExtractMostSignificantBits(Vector512.GreaterThan(Vector512.Abs(free), bound) & mask));
            Vector512<T> logMean = Vector512.Max(Vector512.Min(free, bound), -bound) & mask;
            Vector512<T> u = log - logMean;
            Vector512<T> deviance = Deviance(u), error = deviance + u;
            int place = column - start;
            Vector512<T> shape = Vector512.Create(shapes[place..]);
            deviances = Lanes.MultiplyAdd(shape, deviance, deviances);
            logarithms += log;
            Add(sums, place, deviance);
            Add(sums, Tile + place, error);
            Add(sums, (2 * Tile) + place, logMean);
            if (gradient.Data != null)
            {
                (-shape * error * factor).StoreAligned(gradient.Data + column);
            }
        }

        return (VectorFold.Sum(deviances), VectorFold.Sum(logarithms), bounded);
    }

    /// <summary><c>e^u - 1 - u</c>, at least 0, without the loss of a difference beside 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Deviance<T>(Vector512<T> u)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        ReadOnlySpan<double> series = Series;
        int terms = typeof(T) == typeof(float) ? SingleTerms : series.Length;
        Vector512<T> reach = Vector512.Create(T.CreateTruncating(SeriesReach));
        Vector512<T> near = Vector512.Max(Vector512.Min(u, reach), -reach), sum = Vector512<T>.Zero;
        for (int k = terms; k > 0; k--)
        {
            sum = Lanes.MultiplyAdd(sum, near, Vector512.Create(T.CreateTruncating(series[k - 1])));
        }

        return Vector512.ConditionalSelect(
            Vector512.LessThanOrEqual(Vector512.Abs(u), reach), sum * (near * near), (Lanes.Exp(u) - Vector512<T>.One) - u);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<T>(Span<T> sums, int place, Vector512<T> values)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        (Vector512.Create((ReadOnlySpan<T>)sums[place..]) + values).CopyTo(sums[place..]);
}
