using System.Runtime.CompilerServices;

namespace EntropyElbo.Numerics;

/// <summary>Exponential and logarithm of doubles; see <see cref="VectorFunctions"/>.</summary>
internal static class DoubleFunctions<V>
    where V : struct, IReals<V, double>
{
    private const double LogTwoHigh = 0.693147180369123816490;
    private const double LogTwoLow = 1.90821492927058770002e-10;
    private const double Rounding = 6755399441055744.0; // 1.5 * 2^52: adding it rounds to a whole number.

    /// <summary>Reduced by multiples of log 2 in two parts, then the Taylor polynomial.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        const double least = -708.3964185322641, greatest = 709.782712893384;
        V clamped = V.Min(V.Max(x, V.Of(least)), V.Of(greatest));
        (V p, V shifted) = Reduced(clamped);

        // 2^n in two factors, since n reaches 1024 where p is below 1.
        V power = V.SubtractBits(shifted, V.Of(Rounding)), half = V.ShiftRight(power, 1);
        V result = p * Power(half) * Power(V.SubtractBits(power, half));
        result = V.Select(V.Less(V.Of(greatest), x), V.Of(double.PositiveInfinity), result);
        result = V.Select(V.Less(x, V.Of(least)), V.Of(0), result);
        return V.Select(V.Equal(x, x), result, x);
    }

    /// <summary>For numbers that are at most 0, and 0 where the result is no normal number: half the work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V ExpOfNegative(V x)
    {
        const double least = -708;
        V tiny = V.Less(x, V.Of(least));
        (V p, V shifted) = Reduced(V.Select(tiny, V.Of(least), x));
        return V.Select(tiny, V.Of(0), p * V.ShiftLeft(V.AddBits(shifted, V.OfBits(1023)), 52));
    }

    /// <summary>x = 2^n m with m around 1, and log m = 2 atanh((m - 1) / (m + 1)) by its series up to the 21st power.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log(V x)
    {
        // Numbers below the normal ones are brought up first.
        V small = V.Less(x, V.Of(2.2250738585072014e-308)), normal = V.Select(small, x * V.Of(18014398509481984.0), x);
        V power = V.ShiftRight(V.SubtractBits(normal, V.OfBits(0x3FE6A09E667F3BCDL)), 52); // sqrt(1/2): m lies between it and sqrt(2).
        V m = V.SubtractBits(normal, V.ShiftLeft(power, 52)), n = V.Number(power) - V.Select(small, V.Of(54), V.Of(0));
        V f = m - V.Of(1), s = f / (m + V.Of(1)), z = s * s;
        V p = V.MultiplyAdd(V.Of(2.0 / 21), z, V.Of(2.0 / 19));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 17));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 15));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 13));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 11));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 9));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 7));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 5));
        p = V.MultiplyAdd(p, z, V.Of(2.0 / 3));

        // 2 s = f - s f, so log m = f - s (f - z p): the leading term is exact.
        V tail = V.MultiplyAdd(n, V.Of(LogTwoLow), -(s * V.MultiplyAdd(-z, p, f)));
        V result = V.MultiplyAdd(n, V.Of(LogTwoHigh), f + tail);
        result = V.Select(V.Equal(x, V.Of(double.PositiveInfinity)), x, result);
        result = V.Select(V.Equal(x, V.Of(0)), V.Of(double.NegativeInfinity), result);
        return V.Select(V.Less(x, V.Of(0)), V.Of(double.NaN), V.Select(V.Equal(x, x), result, V.Of(double.NaN)));
    }

    /// <summary>
    /// The Taylor polynomial of what is left of x without multiples of log 2, degree 13, whose remainder is below 1e-17; and the
    /// multiple plus the rounding constant.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (V Value, V Shifted) Reduced(V x)
    {
        V shifted = V.MultiplyAdd(x, V.Of(1.4426950408889634074), V.Of(Rounding)), multiple = shifted - V.Of(Rounding);
        V r = V.MultiplyAdd(multiple, V.Of(-LogTwoHigh), x);
        r = V.MultiplyAdd(multiple, V.Of(-LogTwoLow), r);
        V p = V.MultiplyAdd(V.Of(1.0 / 6227020800), r, V.Of(1.0 / 479001600));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 39916800));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 3628800));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 362880));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 40320));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 5040));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 720));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 120));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 24));
        p = V.MultiplyAdd(p, r, V.Of(1.0 / 6));
        p = V.MultiplyAdd(p, r, V.Of(0.5));
        p = V.MultiplyAdd(p, r, V.Of(1));
        return (V.MultiplyAdd(p, r, V.Of(1)), shifted);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Power(V n) => V.ShiftLeft(V.AddBits(n, V.OfBits(1023)), 52);
}
