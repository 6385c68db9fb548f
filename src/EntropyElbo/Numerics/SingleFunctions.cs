using System.Runtime.CompilerServices;

namespace EntropyElbo.Numerics;

/// <summary>Exponential, logarithm and turns of floats; see <see cref="VectorFunctions"/>.</summary>
internal static class SingleFunctions<V>
    where V : struct, IReals<V, float>
{
    private const float LogTwoHigh = 0.693359375f;
    private const float LogTwoLow = -2.12194440e-4f;
    private const float Rounding = 12582912f; // 1.5 * 2^23.

    /// <summary>As of doubles, with the Taylor polynomial of degree 7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Exp(V x)
    {
        const float least = -87.33654f, greatest = 88.72283f;
        V clamped = V.Min(V.Max(x, V.Of(least)), V.Of(greatest));
        V shifted = V.MultiplyAdd(clamped, V.Of(1.44269504f), V.Of(Rounding)), multiple = shifted - V.Of(Rounding);
        V r = V.MultiplyAdd(multiple, V.Of(-LogTwoHigh), clamped);
        r = V.MultiplyAdd(multiple, V.Of(-LogTwoLow), r);
        V p = V.MultiplyAdd(V.Of(1f / 5040), r, V.Of(1f / 720));
        p = V.MultiplyAdd(p, r, V.Of(1f / 120));
        p = V.MultiplyAdd(p, r, V.Of(1f / 24));
        p = V.MultiplyAdd(p, r, V.Of(1f / 6));
        p = V.MultiplyAdd(p, r, V.Of(0.5f));
        p = V.MultiplyAdd(p, r, V.Of(1));
        p = V.MultiplyAdd(p, r, V.Of(1));
        V power = V.SubtractBits(shifted, V.Of(Rounding)), half = V.ShiftRight(power, 1);
        V result = p * Power(half) * Power(V.SubtractBits(power, half));
        result = V.Select(V.Less(V.Of(greatest), x), V.Of(float.PositiveInfinity), result);
        result = V.Select(V.Less(x, V.Of(least)), V.Of(0), result);
        return V.Select(V.Equal(x, x), result, x);
    }

    /// <summary>As of doubles, with the series up to the 9th power.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Log(V x)
    {
        V small = V.Less(x, V.Of(1.17549435e-38f)), normal = V.Select(small, x * V.Of(33554432f), x);
        V power = V.ShiftRight(V.SubtractBits(normal, V.OfBits(0x3F3504F3)), 23);
        V m = V.SubtractBits(normal, V.ShiftLeft(power, 23)), n = V.Number(power) - V.Select(small, V.Of(25), V.Of(0));
        V f = m - V.Of(1), s = f / (m + V.Of(1)), z = s * s;
        V p = V.MultiplyAdd(V.Of(2f / 9), z, V.Of(2f / 7));
        p = V.MultiplyAdd(p, z, V.Of(2f / 5));
        p = V.MultiplyAdd(p, z, V.Of(2f / 3));
        V tail = V.MultiplyAdd(n, V.Of(LogTwoLow), -(s * V.MultiplyAdd(-z, p, f)));
        V result = V.MultiplyAdd(n, V.Of(LogTwoHigh), f + tail);
        result = V.Select(V.Equal(x, V.Of(float.PositiveInfinity)), x, result);
        result = V.Select(V.Equal(x, V.Of(0)), V.Of(float.NegativeInfinity), result);
        return V.Select(V.Less(x, V.Of(0)), V.Of(float.NaN), V.Select(V.Equal(x, x), result, V.Of(float.NaN)));
    }

    /// <summary>Sine and cosine of 2 pi u: quarter turns are taken off exactly, the rest by Taylor polynomials.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (V Sine, V Cosine) Turn(V u)
    {
        V shifted = V.MultiplyAdd(u, V.Of(4), V.Of(Rounding));
        V r = V.MultiplyAdd(shifted - V.Of(Rounding), V.Of(-0.25f), u) * V.Of(2 * MathF.PI), z = r * r;
        V sine = V.MultiplyAdd(V.Of(1f / 362880), z, V.Of(-1f / 5040));
        sine = V.MultiplyAdd(sine, z, V.Of(1f / 120));
        sine = V.MultiplyAdd(sine, z, V.Of(-1f / 6));
        sine = V.MultiplyAdd(sine * z, r, r);
        V cosine = V.MultiplyAdd(V.Of(1f / 40320), z, V.Of(-1f / 720));
        cosine = V.MultiplyAdd(cosine, z, V.Of(1f / 24));
        cosine = V.MultiplyAdd(cosine, z, V.Of(-0.5f));
        cosine = V.MultiplyAdd(cosine, z, V.Of(1));
        V odd = V.IsOdd(shifted);
        V sineSign = V.ShiftLeft(V.And(shifted, V.OfBits(2)), 30);
        V cosineSign = V.ShiftLeft(V.And(V.AddBits(shifted, V.OfBits(1)), V.OfBits(2)), 30);
        return (V.Xor(V.Select(odd, cosine, sine), sineSign), V.Xor(V.Select(odd, sine, cosine), cosineSign));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Power(V n) => V.ShiftLeft(V.AddBits(n, V.OfBits(127)), 23);
}
