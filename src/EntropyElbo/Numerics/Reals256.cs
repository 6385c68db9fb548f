using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>256-bit vectors.</summary>
internal readonly unsafe struct Reals256<T>(Vector256<T> lanes) : IReals<Reals256<T>, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public Vector256<T> Lanes { get; } = lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> operator +(Reals256<T> x, Reals256<T> y) => new(x.Lanes + y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> operator -(Reals256<T> x, Reals256<T> y) => new(x.Lanes - y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> operator *(Reals256<T> x, Reals256<T> y) => new(x.Lanes * y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> operator /(Reals256<T> x, Reals256<T> y) => new(x.Lanes / y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> operator -(Reals256<T> x) => new(-x.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Of(T value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> MultiplyAdd(Reals256<T> x, Reals256<T> y, Reals256<T> z) =>
        new(Simd256<T>.MultiplyAdd(x.Lanes, y.Lanes, z.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Min(Reals256<T> x, Reals256<T> y) => new(Vector256.Min(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Max(Reals256<T> x, Reals256<T> y) => new(Vector256.Max(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Select(Reals256<T> mask, Reals256<T> x, Reals256<T> y) =>
        new(Vector256.ConditionalSelect(mask.Lanes, x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Less(Reals256<T> x, Reals256<T> y) => new(Vector256.LessThan(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Equal(Reals256<T> x, Reals256<T> y) => new(Vector256.Equals(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> IsOdd(Reals256<T> x) =>
        sizeof(T) == 4
            ? new(Vector256.Equals(x.Lanes.AsInt32() & Vector256<int>.One, Vector256<int>.One).As<int, T>())
            : new(Vector256.Equals(x.Lanes.AsInt64() & Vector256<long>.One, Vector256<long>.One).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> OfBits(long bits) =>
        sizeof(T) == 4 ? new(Vector256.Create((int)bits).As<int, T>()) : new(Vector256.Create(bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> AddBits(Reals256<T> x, Reals256<T> y) =>
        sizeof(T) == 4
            ? new((x.Lanes.AsInt32() + y.Lanes.AsInt32()).As<int, T>())
            : new((x.Lanes.AsInt64() + y.Lanes.AsInt64()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> SubtractBits(Reals256<T> x, Reals256<T> y) =>
        sizeof(T) == 4
            ? new((x.Lanes.AsInt32() - y.Lanes.AsInt32()).As<int, T>())
            : new((x.Lanes.AsInt64() - y.Lanes.AsInt64()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> And(Reals256<T> x, Reals256<T> y) => new(x.Lanes & y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Xor(Reals256<T> x, Reals256<T> y) => new(x.Lanes ^ y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> ShiftLeft(Reals256<T> x, int bits) =>
        sizeof(T) == 4
            ? new(Vector256.ShiftLeft(x.Lanes.AsInt32(), bits).As<int, T>())
            : new(Vector256.ShiftLeft(x.Lanes.AsInt64(), bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> ShiftRight(Reals256<T> x, int bits) =>
        sizeof(T) == 4
            ? new(Vector256.ShiftRightArithmetic(x.Lanes.AsInt32(), bits).As<int, T>())
            : new(Vector256.ShiftRightArithmetic(x.Lanes.AsInt64(), bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals256<T> Number(Reals256<T> bits) => sizeof(T) == 4
        ? new(Vector256.ConvertToSingle(bits.Lanes.AsInt32()).As<float, T>())
        : new(Vector256.ConvertToDouble(bits.Lanes.AsInt64()).As<double, T>());
}
