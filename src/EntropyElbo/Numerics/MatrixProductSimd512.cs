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
    public static Vector512<T> LoadHalves(T* lower, T* upper) => Vector512.Create(Vector256.Load(lower), Vector256.Load(upper));

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
    public static Vector512<T> Rectify(Vector512<T> x, Vector512<T> slope) => Vector512.MaxNative(x, x * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Gate(Vector512<T> x, Vector512<T> gate, Vector512<T> slope) =>
        Vector512.ConditionalSelect(Vector512.LessThanOrEqual(gate, Vector512<T>.Zero), x * slope, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> FoldPairs(Vector512<T> x, Vector512<T> y) =>
        !Avx512F.IsSupported ? FoldHalves(x, y)
        : typeof(T) == typeof(float) ? FoldFloats(x.AsSingle(), y.AsSingle()).As<float, T>()
        : FoldDoubles(x.AsDouble(), y.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> FoldFloats(Vector512<float> x, Vector512<float> y) =>
        Avx512F.PermuteVar16x32x2(x, Vector512.CreateSequence(0, 2), y) + Avx512F.PermuteVar16x32x2(x, Vector512.CreateSequence(1, 2), y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> FoldDoubles(Vector512<double> x, Vector512<double> y) =>
        Avx512F.PermuteVar8x64x2(x, Vector512.CreateSequence(0L, 2L), y) + Avx512F.PermuteVar8x64x2(x, Vector512.CreateSequence(1L, 2L), y);

    private static Vector512<T> FoldHalves(Vector512<T> x, Vector512<T> y) => Vector512.Create(
        Simd256<T>.FoldPairs(x.GetLower(), x.GetUpper()), Simd256<T>.FoldPairs(y.GetLower(), y.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Zip(Vector512<T> x) =>
        typeof(T) == typeof(float)
            ? Vector512.Shuffle(x.AsSingle(), Vector512.Create(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15)).As<float, T>()
            : Vector512.Shuffle(x.AsDouble(), Vector512.Create(0L, 4L, 1L, 5L, 2L, 6L, 3L, 7L)).As<double, T>();
}
