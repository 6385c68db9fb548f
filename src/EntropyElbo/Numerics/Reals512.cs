using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>512-bit vectors.</summary>
internal readonly unsafe struct Reals512<T>(Vector512<T> lanes) : IReals<Reals512<T>, T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public Vector512<T> Lanes { get; } = lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> operator +(Reals512<T> x, Reals512<T> y) => new(x.Lanes + y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> operator -(Reals512<T> x, Reals512<T> y) => new(x.Lanes - y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> operator *(Reals512<T> x, Reals512<T> y) => new(x.Lanes * y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> operator /(Reals512<T> x, Reals512<T> y) => new(x.Lanes / y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> operator -(Reals512<T> x) => new(-x.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Of(T value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> MultiplyAdd(Reals512<T> x, Reals512<T> y, Reals512<T> z) =>
        new(Simd512<T>.MultiplyAdd(x.Lanes, y.Lanes, z.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Min(Reals512<T> x, Reals512<T> y) => new(Vector512.Min(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Max(Reals512<T> x, Reals512<T> y) => new(Vector512.Max(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Select(Reals512<T> mask, Reals512<T> x, Reals512<T> y) =>
        new(Vector512.ConditionalSelect(mask.Lanes, x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Less(Reals512<T> x, Reals512<T> y) => new(Vector512.LessThan(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Equal(Reals512<T> x, Reals512<T> y) => new(Vector512.Equals(x.Lanes, y.Lanes));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> IsOdd(Reals512<T> x) =>
        sizeof(T) == 4
            ? new(Vector512.Equals(x.Lanes.AsInt32() & Vector512<int>.One, Vector512<int>.One).As<int, T>())
            : new(Vector512.Equals(x.Lanes.AsInt64() & Vector512<long>.One, Vector512<long>.One).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> OfBits(long bits) =>
        sizeof(T) == 4 ? new(Vector512.Create((int)bits).As<int, T>()) : new(Vector512.Create(bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> AddBits(Reals512<T> x, Reals512<T> y) =>
        sizeof(T) == 4
            ? new((x.Lanes.AsInt32() + y.Lanes.AsInt32()).As<int, T>())
            : new((x.Lanes.AsInt64() + y.Lanes.AsInt64()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> SubtractBits(Reals512<T> x, Reals512<T> y) =>
        sizeof(T) == 4
            ? new((x.Lanes.AsInt32() - y.Lanes.AsInt32()).As<int, T>())
            : new((x.Lanes.AsInt64() - y.Lanes.AsInt64()).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> And(Reals512<T> x, Reals512<T> y) => new(x.Lanes & y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Xor(Reals512<T> x, Reals512<T> y) => new(x.Lanes ^ y.Lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> ShiftLeft(Reals512<T> x, int bits) =>
        sizeof(T) == 4
            ? new(Vector512.ShiftLeft(x.Lanes.AsInt32(), bits).As<int, T>())
            : new(Vector512.ShiftLeft(x.Lanes.AsInt64(), bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> ShiftRight(Reals512<T> x, int bits) =>
        sizeof(T) == 4
            ? new(Vector512.ShiftRightArithmetic(x.Lanes.AsInt32(), bits).As<int, T>())
            : new(Vector512.ShiftRightArithmetic(x.Lanes.AsInt64(), bits).As<long, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Reals512<T> Number(Reals512<T> bits) => sizeof(T) == 4
        ? new(Vector512.ConvertToSingle(bits.Lanes.AsInt32()).As<float, T>())
        : new(Vector512.ConvertToDouble(bits.Lanes.AsInt64()).As<double, T>());
}
