using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EntropyElbo.Numerics;

/// <summary>256-bit vectors.</summary>
internal readonly unsafe struct Simd256<T> : ISimd<Vector256<T>, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector256<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Load(T* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, Vector256<T> x) => x.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Broadcast(T value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> BroadcastGroup(T* source, int group)
    {
        if (group == 1)
        {
            return Vector256.Create(*source);
        }

        if (group * sizeof(T) == 8)
        {
            return Vector256.Create(*(double*)source).As<double, T>();
        }

        if (group * sizeof(T) == 16)
        {
            return Avx.IsSupported
                ? Avx.BroadcastVector128ToVector256((float*)source).As<float, T>()
                : Vector256.Create(Vector128.Load(source), Vector128.Load(source));
        }

        return Vector256.Load(source);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> MultiplyAdd(Vector256<T> x, Vector256<T> y, Vector256<T> z) =>
        typeof(T) == typeof(float)
            ? Vector256.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
            : Vector256.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Add(Vector256<T> x, Vector256<T> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> LeakyRelu(Vector256<T> x, Vector256<T> slope) => Vector256.MaxNative(x, x * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gate(Vector256<T> x, Vector256<T> gate, Vector256<T> slope) =>
        Vector256.ConditionalSelect(Vector256.LessThanOrEqual(gate, Vector256<T>.Zero), x * slope, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> FoldPairs(Vector256<T> x, Vector256<T> y)
    {
        if (typeof(T) == typeof(float))
        {
            return (Vector256.Create(Vector256.Shuffle(x.AsSingle(), Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower(), Vector256.Shuffle(y.AsSingle(), Vector256.Create(0, 2, 4, 6, 0, 2, 4, 6)).GetLower())
                + Vector256.Create(Vector256.Shuffle(x.AsSingle(), Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)).GetLower(), Vector256.Shuffle(y.AsSingle(), Vector256.Create(1, 3, 5, 7, 1, 3, 5, 7)).GetLower())).As<float, T>();
        }

        return (Vector256.Create(Vector256.Shuffle(x.AsDouble(), Vector256.Create(0L, 2L, 0L, 2L)).GetLower(), Vector256.Shuffle(y.AsDouble(), Vector256.Create(0L, 2L, 0L, 2L)).GetLower())
            + Vector256.Create(Vector256.Shuffle(x.AsDouble(), Vector256.Create(1L, 3L, 1L, 3L)).GetLower(), Vector256.Shuffle(y.AsDouble(), Vector256.Create(1L, 3L, 1L, 3L)).GetLower())).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Zip(Vector256<T> x) =>
        typeof(T) == typeof(float)
            ? Vector256.Shuffle(x.AsSingle(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).As<float, T>()
            : Vector256.Shuffle(x.AsDouble(), Vector256.Create(0L, 2L, 1L, 3L)).As<double, T>();
}
