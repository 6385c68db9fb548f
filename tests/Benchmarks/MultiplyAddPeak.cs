using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Benchmarks;

/// <summary>What the multiply-add units give when nothing else is asked of the processor.</summary>
internal static class MultiplyAddPeak
{
    /// <summary>About as long as one timing of a product, so that both meet the same clock.</summary>
    private const int Steps = 60000;

    /// <summary>Single-precision GFLOP/s of one thread: twelve independent chains of vector multiply-adds in registers.</summary>
    public static double Measure() => Vector512.IsHardwareAccelerated
        ? Time(Chains512, Vector512<float>.Count)
        : Vector256.IsHardwareAccelerated ? Time(Chains256, Vector256<float>.Count) : Time(Chains128, Vector128<float>.Count);

    private static double Time(Func<float> chains, int lanes)
    {
        long start = Stopwatch.GetTimestamp();
        float sum = chains();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (float.IsNaN(sum))
        {
            throw new InvalidOperationException("the chains left the finite numbers");
        }

        return 2.0 * 12 * lanes * Steps / seconds / 1e9;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains512()
    {
        Vector512<float> f = Vector512.Create(0.5f), g = Vector512.Create(1f);
        Vector512<float> x0 = g, x1 = g, x2 = g, x3 = g, x4 = g, x5 = g, x6 = g, x7 = g, x8 = g, x9 = g, x10 = g, x11 = g;
        for (int s = 0; s < Steps; s++)
        {
            x0 = Vector512.FusedMultiplyAdd(x0, f, g);
            x1 = Vector512.FusedMultiplyAdd(x1, f, g);
            x2 = Vector512.FusedMultiplyAdd(x2, f, g);
            x3 = Vector512.FusedMultiplyAdd(x3, f, g);
            x4 = Vector512.FusedMultiplyAdd(x4, f, g);
            x5 = Vector512.FusedMultiplyAdd(x5, f, g);
            x6 = Vector512.FusedMultiplyAdd(x6, f, g);
            x7 = Vector512.FusedMultiplyAdd(x7, f, g);
            x8 = Vector512.FusedMultiplyAdd(x8, f, g);
            x9 = Vector512.FusedMultiplyAdd(x9, f, g);
            x10 = Vector512.FusedMultiplyAdd(x10, f, g);
            x11 = Vector512.FusedMultiplyAdd(x11, f, g);
        }

        return Vector512.Sum(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains256()
    {
        Vector256<float> f = Vector256.Create(0.5f), g = Vector256.Create(1f);
        Vector256<float> x0 = g, x1 = g, x2 = g, x3 = g, x4 = g, x5 = g, x6 = g, x7 = g, x8 = g, x9 = g, x10 = g, x11 = g;
        for (int s = 0; s < Steps; s++)
        {
            x0 = Vector256.FusedMultiplyAdd(x0, f, g);
            x1 = Vector256.FusedMultiplyAdd(x1, f, g);
            x2 = Vector256.FusedMultiplyAdd(x2, f, g);
            x3 = Vector256.FusedMultiplyAdd(x3, f, g);
            x4 = Vector256.FusedMultiplyAdd(x4, f, g);
            x5 = Vector256.FusedMultiplyAdd(x5, f, g);
            x6 = Vector256.FusedMultiplyAdd(x6, f, g);
            x7 = Vector256.FusedMultiplyAdd(x7, f, g);
            x8 = Vector256.FusedMultiplyAdd(x8, f, g);
            x9 = Vector256.FusedMultiplyAdd(x9, f, g);
            x10 = Vector256.FusedMultiplyAdd(x10, f, g);
            x11 = Vector256.FusedMultiplyAdd(x11, f, g);
        }

        return Vector256.Sum(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chains128()
    {
        Vector128<float> f = Vector128.Create(0.5f), g = Vector128.Create(1f);
        Vector128<float> x0 = g, x1 = g, x2 = g, x3 = g, x4 = g, x5 = g, x6 = g, x7 = g, x8 = g, x9 = g, x10 = g, x11 = g;
        for (int s = 0; s < Steps; s++)
        {
            x0 = Vector128.FusedMultiplyAdd(x0, f, g);
            x1 = Vector128.FusedMultiplyAdd(x1, f, g);
            x2 = Vector128.FusedMultiplyAdd(x2, f, g);
            x3 = Vector128.FusedMultiplyAdd(x3, f, g);
            x4 = Vector128.FusedMultiplyAdd(x4, f, g);
            x5 = Vector128.FusedMultiplyAdd(x5, f, g);
            x6 = Vector128.FusedMultiplyAdd(x6, f, g);
            x7 = Vector128.FusedMultiplyAdd(x7, f, g);
            x8 = Vector128.FusedMultiplyAdd(x8, f, g);
            x9 = Vector128.FusedMultiplyAdd(x9, f, g);
            x10 = Vector128.FusedMultiplyAdd(x10, f, g);
            x11 = Vector128.FusedMultiplyAdd(x11, f, g);
        }

        return Vector128.Sum(x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11);
    }
}
