using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Sums, products and exponentials of doubles whose bits depend on the values only. The runtime's own do not promise
/// that: <c>Vector512.Sum</c> adds in another order in code that is not yet optimised, <c>Vector512.Exp</c> rounds
/// differently there, and the reductions of <c>TensorPrimitives</c> group terms by their address.
/// </summary>
internal static class VectorFold
{
    /// <summary>The sum of eight entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector512<double> x)
    {
        Vector256<double> four = x.GetLower() + x.GetUpper();
        Vector128<double> two = four.GetLower() + four.GetUpper();
        return two[0] + two[1];
    }

    /// <summary>The sum of sixteen entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> x)
    {
        Vector256<float> eight = x.GetLower() + x.GetUpper();
        Vector128<float> four = eight.GetLower() + eight.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }

    /// <summary>The sum of all entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum<T>(Vector512<T> x)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Sum(x.AsSingle()) : Sum(x.AsDouble());

    /// <summary>The greatest of eight entries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Max(Vector512<double> x)
    {
        Vector256<double> four = Vector256.Max(x.GetLower(), x.GetUpper());
        Vector128<double> two = Vector128.Max(four.GetLower(), four.GetUpper());
        return Math.Max(two[0], two[1]);
    }

    /// <summary>The sum of a vector of any length.</summary>
    public static double Sum(ReadOnlySpan<double> x)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            sums += Vector512.Create(x[i..]);
        }

        double sum = Sum(sums);
        for (; i < x.Length; i++)
        {
            sum += x[i];
        }

        return sum;
    }

    /// <summary>The inner product of two vectors of one length.</summary>
    public static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            sums = Vector512.FusedMultiplyAdd(Vector512.Create(x[i..]), Vector512.Create(y[i..]), sums);
        }

        double sum = Sum(sums);
        for (; i < x.Length; i++)
        {
            sum = Math.FusedMultiplyAdd(x[i], y[i], sum);
        }

        return sum;
    }

    /// <summary>The sum of squares.</summary>
    public static double SumOfSquares(ReadOnlySpan<double> x) => Dot(x, x);

    /// <summary>The Euclidean length.</summary>
    public static double Norm(ReadOnlySpan<double> x) => Math.Sqrt(Dot(x, x));

    /// <summary>The sum of squared differences of two vectors of one length.</summary>
    public static double SquaredDistance(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            Vector512<double> difference = Vector512.Create(x[i..]) - Vector512.Create(y[i..]);
            sums = Vector512.FusedMultiplyAdd(difference, difference, sums);
        }

        double sum = Sum(sums);
        for (; i < x.Length; i++)
        {
            double difference = x[i] - y[i];
            sum = Math.FusedMultiplyAdd(difference, difference, sum);
        }

        return sum;
    }
}
