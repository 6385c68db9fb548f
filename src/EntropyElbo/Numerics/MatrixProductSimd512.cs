using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EntropyElbo.Numerics;

/// <summary>512-bit vectors.</summary>
internal readonly unsafe struct Simd512<T> : ISimd<Vector512<T>, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector512<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load(T* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, Vector512<T> x) => x.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Broadcast(T value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> BroadcastGroup(T* source, int group)
    {
        if (group == 1)
        {
            return Vector512.Create(*source);
        }

        if (group * sizeof(T) == 8)
        {
            return Vector512.Create(*(double*)source).As<double, T>();
        }

        if (group * sizeof(T) == 16)
        {
            return Avx512F.IsSupported
                ? Avx512F.BroadcastVector128ToVector512((float*)source).As<float, T>()
                : Vector512.Create(Vector256.Create(Vector128.Load(source), Vector128.Load(source)), Vector256.Create(Vector128.Load(source), Vector128.Load(source)));
        }

        if (group * sizeof(T) == 32)
        {
            return Avx512F.IsSupported
                ? Avx512F.BroadcastVector256ToVector512((double*)source).As<double, T>()
                : Vector512.Create(Vector256.Load(source), Vector256.Load(source));
        }

        return Vector512.Load(source);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd(Vector512<T> x, Vector512<T> y, Vector512<T> z) =>
        typeof(T) == typeof(float)
            ? Vector512.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
            : Vector512.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Add(Vector512<T> x, Vector512<T> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> LeakyRelu(Vector512<T> x, Vector512<T> slope) => Vector512.MaxNative(x, x * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Gate(Vector512<T> x, Vector512<T> gate, Vector512<T> slope) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(gate, Vector512<T>.Zero), x * slope, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> FoldPairs(Vector512<T> x, Vector512<T> y)
    {
        if (typeof(T) == typeof(float))
        {
            if (Avx512F.IsSupported)
            {
                Vector512<float> even = Avx512F.PermuteVar16x32x2(x.AsSingle(), Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), y.AsSingle());
                Vector512<float> odd = Avx512F.PermuteVar16x32x2(x.AsSingle(), Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31), y.AsSingle());
                return (even + odd).As<float, T>();
            }

            return (Vector512.Create(Vector512.Shuffle(x.AsSingle(), Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14)).GetLower(), Vector512.Shuffle(y.AsSingle(), Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 0, 2, 4, 6, 8, 10, 12, 14)).GetLower())
                + Vector512.Create(Vector512.Shuffle(x.AsSingle(), Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15)).GetLower(), Vector512.Shuffle(y.AsSingle(), Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 1, 3, 5, 7, 9, 11, 13, 15)).GetLower())).As<float, T>();
        }

        return (Vector512.Create(Vector512.Shuffle(x.AsDouble(), Vector512.Create(0L, 2L, 4L, 6L, 0L, 2L, 4L, 6L)).GetLower(), Vector512.Shuffle(y.AsDouble(), Vector512.Create(0L, 2L, 4L, 6L, 0L, 2L, 4L, 6L)).GetLower())
            + Vector512.Create(Vector512.Shuffle(x.AsDouble(), Vector512.Create(1L, 3L, 5L, 7L, 1L, 3L, 5L, 7L)).GetLower(), Vector512.Shuffle(y.AsDouble(), Vector512.Create(1L, 3L, 5L, 7L, 1L, 3L, 5L, 7L)).GetLower())).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Zip(Vector512<T> x) =>
        typeof(T) == typeof(float)
            ? Vector512.Shuffle(x.AsSingle(), Vector512.Create(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)).As<float, T>()
            : Vector512.Shuffle(x.AsDouble(), Vector512.Create(0L, 4L, 1L, 5L, 2L, 6L, 3L, 7L)).As<double, T>();
}
