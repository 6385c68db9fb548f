using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace EntropyElbo.Numerics;

/// <summary>128-bit vectors.</summary>
internal readonly unsafe struct Simd128<T> : ISimd<Vector128<T>, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public static int Count => Vector128<T>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Load(T* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> LoadHalves(T* lower, T* upper) => Vector128.Create(Vector64.Load(lower), Vector64.Load(upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* target, Vector128<T> x) => x.Store(target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Broadcast(T value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> BroadcastGroup(T* source, int group)
    {
        if (group == 1)
        {
            return Vector128.Create(*source);
        }

        if (group * sizeof(T) == 8)
        {
            return Vector128.Create(*(double*)source).As<double, T>();
        }

        return Vector128.Load(source);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> MultiplyAdd(Vector128<T> x, Vector128<T> y, Vector128<T> z) =>
        typeof(T) == typeof(float)
            ? Vector128.FusedMultiplyAdd(x.AsSingle(), y.AsSingle(), z.AsSingle()).As<float, T>()
            : Vector128.FusedMultiplyAdd(x.AsDouble(), y.AsDouble(), z.AsDouble()).As<double, T>();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Add(Vector128<T> x, Vector128<T> y) => x + y;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Rectify(Vector128<T> x, Vector128<T> slope) => Vector128.MaxNative(x, x * slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Gate(Vector128<T> x, Vector128<T> gate, Vector128<T> slope) =>
        Vector128.ConditionalSelect(Vector128.LessThanOrEqual(gate, Vector128<T>.Zero), x * slope, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> FoldPairs(Vector128<T> x, Vector128<T> y)
    {
        if (AdvSimd.Arm64.IsSupported)
        {
            return typeof(T) == typeof(float)
                ? AdvSimd.Arm64.AddPairwise(x.AsSingle(), y.AsSingle()).As<float, T>()
                : AdvSimd.Arm64.AddPairwise(x.AsDouble(), y.AsDouble()).As<double, T>();
        }

        if (Sse3.IsSupported)
        {
            return typeof(T) == typeof(float)
                ? Sse3.HorizontalAdd(x.AsSingle(), y.AsSingle()).As<float, T>()
                : Sse3.HorizontalAdd(x.AsDouble(), y.AsDouble()).As<double, T>();
        }

        return typeof(T) == typeof(float)
            ? Vector128.Create(
                x.AsSingle()[0] + x.AsSingle()[1], x.AsSingle()[2] + x.AsSingle()[3],
                y.AsSingle()[0] + y.AsSingle()[1], y.AsSingle()[2] + y.AsSingle()[3]).As<float, T>()
            : Vector128.Create(x.AsDouble()[0] + x.AsDouble()[1], y.AsDouble()[0] + y.AsDouble()[1]).As<double, T>();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Zip(Vector128<T> x) =>
        typeof(T) == typeof(float)
            ? Vector128.Shuffle(x.AsSingle(), Vector128.Create(0, 2, 1, 3)).As<float, T>()
            : Vector128.Shuffle(x.AsDouble(), Vector128.Create(0L, 1L)).As<double, T>();
}
