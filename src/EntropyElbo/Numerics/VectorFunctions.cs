using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Exponentials, logarithms and turns of whole vectors by one sequence of fused multiply-adds, so their bits do not depend on the
/// processor, on the width of its registers or on how far the JIT has optimised; the runtime's own use a fused or an unfused
/// operation, whichever is at hand. Without 512-bit registers a vector is taken in two halves, each by a call: the runtime's
/// stand-in for such registers is a call for every operation once there are many.
/// </summary>
internal static class VectorFunctions
{
    /// <summary>
    /// e^x to 2 units in the last place: 0 where the result is below the normal numbers, infinity above the greatest, NaN for NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp(Vector512<double> x) => Vector512.IsHardwareAccelerated
        ? DoubleFunctions<Reals512<double>>.Exp(new(x)).Lanes
        : Vector512.Create(ExpHalf(x.GetLower()), ExpHalf(x.GetUpper()));

    /// <inheritdoc cref="Exp(Vector512{double})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Vector512.IsHardwareAccelerated
        ? SingleFunctions<Reals512<float>>.Exp(new(x)).Lanes
        : Vector512.Create(ExpHalf(x.GetLower()), ExpHalf(x.GetUpper()));

    /// <summary>The same for numbers that are at most 0: half the work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> ExpOfNegative(Vector512<double> x) => Vector512.IsHardwareAccelerated
        ? DoubleFunctions<Reals512<double>>.ExpOfNegative(new(x)).Lanes
        : Vector512.Create(ExpOfNegativeHalf(x.GetLower()), ExpOfNegativeHalf(x.GetUpper()));

    /// <summary>log x to 2 units in the last place; -infinity at 0, NaN below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x) => Vector512.IsHardwareAccelerated
        ? DoubleFunctions<Reals512<double>>.Log(new(x)).Lanes
        : Vector512.Create(LogHalf(x.GetLower()), LogHalf(x.GetUpper()));

    /// <inheritdoc cref="Log(Vector512{double})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x) => Vector512.IsHardwareAccelerated
        ? SingleFunctions<Reals512<float>>.Log(new(x)).Lanes
        : Vector512.Create(LogHalf(x.GetLower()), LogHalf(x.GetUpper()));

    /// <summary>Sine and cosine of 2 pi u for u in [0, 1], to 1e-7 absolute.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Sine, Vector512<float> Cosine) Turn(Vector512<float> u)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            (Reals512<float> sine, Reals512<float> cosine) = SingleFunctions<Reals512<float>>.Turn(new(u));
            return (sine.Lanes, cosine.Lanes);
        }

        (Vector256<float> lowSine, Vector256<float> lowCosine) = TurnHalf(u.GetLower());
        (Vector256<float> highSine, Vector256<float> highCosine) = TurnHalf(u.GetUpper());
        return (Vector512.Create(lowSine, highSine), Vector512.Create(lowCosine, highCosine));
    }

    /// <summary>Exponentials of a span of any length.</summary>
    public static void Exp(ReadOnlySpan<double> x, Span<double> target)
    {
        int i = 0;
        for (; i + 8 <= x.Length; i += 8)
        {
            Exp(Vector512.Create(x[i..])).CopyTo(target[i..]);
        }

        if (i < x.Length)
        {
            Span<double> rest = stackalloc double[8];
            x[i..].CopyTo(rest);
            Exp(Vector512.Create((ReadOnlySpan<double>)rest)).CopyTo(rest);
            rest[..(x.Length - i)].CopyTo(target[i..]);
        }
    }

    /// <summary>Exponentials of a span of numbers that are at most 0, of any length; 0 below -708.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ExpOfNegatives(ReadOnlySpan<double> x, Span<double> target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, x.Length);
        ref double from = ref MemoryMarshal.GetReference(x), to = ref MemoryMarshal.GetReference(target);
        nuint i = 0, length = (nuint)x.Length;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; i + 8 <= length; i += 8)
            {
                DoubleFunctions<Reals512<double>>.ExpOfNegative(new(Vector512.LoadUnsafe(ref from, i))).Lanes.StoreUnsafe(ref to, i);
            }
        }

        for (; i + 4 <= length; i += 4)
        {
            DoubleFunctions<Reals256<double>>.ExpOfNegative(new(Vector256.LoadUnsafe(ref from, i))).Lanes.StoreUnsafe(ref to, i);
        }

        if (i < length)
        {
            Span<double> rest = stackalloc double[4];
            x[(int)i..].CopyTo(rest);
            DoubleFunctions<Reals256<double>>.ExpOfNegative(new(Vector256.Create((ReadOnlySpan<double>)rest))).Lanes.CopyTo(rest);
            rest[..(int)(length - i)].CopyTo(target[(int)i..]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<double> ExpHalf(Vector256<double> x) => DoubleFunctions<Reals256<double>>.Exp(new(x)).Lanes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> ExpHalf(Vector256<float> x) => SingleFunctions<Reals256<float>>.Exp(new(x)).Lanes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<double> ExpOfNegativeHalf(Vector256<double> x) => DoubleFunctions<Reals256<double>>.ExpOfNegative(new(x)).Lanes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<double> LogHalf(Vector256<double> x) => DoubleFunctions<Reals256<double>>.Log(new(x)).Lanes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<float> LogHalf(Vector256<float> x) => SingleFunctions<Reals256<float>>.Log(new(x)).Lanes;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Vector256<float> Sine, Vector256<float> Cosine) TurnHalf(Vector256<float> u)
    {
        (Reals256<float> sine, Reals256<float> cosine) = SingleFunctions<Reals256<float>>.Turn(new(u));
        return (sine.Lanes, cosine.Lanes);
    }
}
