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
    public static Vector256<T> LoadHalves(T* lower, T* upper) => Vector256.Create(Vector128.Load(lower), Vector128.Load(upper));

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
    public static Vector256<T> Rectify(Vector256<T> x, Vector256<T> slope) => Vector256.MaxNative(x, x * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Gate(Vector256<T> x, Vector256<T> gate, Vector256<T> slope) =>
        Vector256.ConditionalSelect(Vector256.LessThanOrEqual(gate, Vector256<T>.Zero), x * slope, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> FoldPairs(Vector256<T> x, Vector256<T> y)
    {
        if (!Avx2.IsSupported)
        {
            return Vector256.Create(
                Simd128<T>.FoldPairs(x.GetLower(), x.GetUpper()), Simd128<T>.FoldPairs(y.GetLower(), y.GetUpper()));
        }

        // Both halves of the processor's horizontal sum hold a quarter of x before one of y.
        Vector256<double> sums = typeof(T) == typeof(float)
            ? Avx.HorizontalAdd(x.AsSingle(), y.AsSingle()).AsDouble()
            : Avx.HorizontalAdd(x.AsDouble(), y.AsDouble());
        return Avx2.Permute4x64(sums, 0b_11_01_10_00).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<T> Zip(Vector256<T> x) =>
        typeof(T) == typeof(float)
            ? Vector256.Shuffle(x.AsSingle(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).As<float, T>()
            : Vector256.Shuffle(x.AsDouble(), Vector256.Create(0L, 2L, 1L, 3L)).As<double, T>();
}
