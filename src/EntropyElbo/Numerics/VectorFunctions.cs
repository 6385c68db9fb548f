using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Exponentials, logarithms and turns of whole vectors by one sequence of fused multiply-adds, so their bits do not depend on the processor, on the width of its
/// registers or on how far the JIT has optimised; the runtime's own use a fused or an unfused operation, whichever is at hand.
/// </summary>
internal static class VectorFunctions
{
    private const double LogTwoHigh = 0.693147180369123816490;
    private const double LogTwoLow = 1.90821492927058770002e-10;
    private const float SingleLogTwoHigh = 0.693359375f;
    private const float SingleLogTwoLow = -2.12194440e-4f;

    /// <summary>
    /// e^x to 2 units in the last place: 0 where the result is below the normal numbers, infinity above the greatest, NaN for NaN. Reduced by multiples of log 2
    /// in two parts, then the Taylor polynomial of degree 13, whose remainder is below 1e-17.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exp(Vector512<double> x)
    {
        const double least = -708.3964185322641, greatest = 709.782712893384;
        Vector512<double> clamped = Vector512.Min(Vector512.Max(x, Vector512.Create(least)), Vector512.Create(greatest));
        Vector512<double> bias = Vector512.Create(6755399441055744.0); // 1.5 * 2^52: adding it rounds to a whole number.
        Vector512<double> shifted = Vector512.FusedMultiplyAdd(clamped, Vector512.Create(1.4426950408889634074), bias);
        Vector512<double> multiple = shifted - bias;
        Vector512<double> r = Vector512.FusedMultiplyAdd(multiple, Vector512.Create(-LogTwoHigh), clamped);
        r = Vector512.FusedMultiplyAdd(multiple, Vector512.Create(-LogTwoLow), r);
        Vector512<double> p = ExpTaylor(r);

        // 2^n in two factors, since n reaches 1024 where p is below 1.
        Vector512<long> power = shifted.AsInt64() - bias.AsInt64();
        Vector512<long> half = Vector512.ShiftRightArithmetic(power, 1);
        Vector512<double> result = p * Power(half) * Power(power - half);
        result = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(greatest)), Vector512.Create(double.PositiveInfinity), result);
        result = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(least)), Vector512<double>.Zero, result);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), result, x);
    }

    /// <inheritdoc cref="Exp(Vector512{double})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        const float least = -87.33654f, greatest = 88.72283f;
        Vector512<float> clamped = Vector512.Min(Vector512.Max(x, Vector512.Create(least)), Vector512.Create(greatest));
        Vector512<float> bias = Vector512.Create(12582912f); // 1.5 * 2^23.
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(clamped, Vector512.Create(1.44269504f), bias);
        Vector512<float> multiple = shifted - bias;
        Vector512<float> r = Vector512.FusedMultiplyAdd(multiple, Vector512.Create(-SingleLogTwoHigh), clamped);
        r = Vector512.FusedMultiplyAdd(multiple, Vector512.Create(-SingleLogTwoLow), r);
        Vector512<float> p = Vector512.Create(1f / 5040);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1f / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        Vector512<int> power = shifted.AsInt32() - bias.AsInt32();
        Vector512<int> half = Vector512.ShiftRightArithmetic(power, 1);
        Vector512<float> result = p * Power(half) * Power(power - half);
        result = Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512.Create(greatest)), Vector512.Create(float.PositiveInfinity), result);
        result = Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(least)), Vector512<float>.Zero, result);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), result, x);
    }

    /// <summary>
    /// log x to 2 units in the last place; -infinity at 0, NaN below it. x = 2^n m with m around 1, and log m = 2 atanh((m - 1) / (m + 1)) by its series up to
    /// the 21st power.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Log(Vector512<double> x)
    {
        // Numbers below the normal ones are brought up first.
        Vector512<double> small = Vector512.LessThan(x, Vector512.Create(2.2250738585072014e-308));
        Vector512<double> normal = Vector512.ConditionalSelect(small, x * 18014398509481984.0, x);
        Vector512<long> bits = normal.AsInt64() - Vector512.Create(0x3FE6A09E667F3BCDL); // sqrt(1/2): m lies between it and sqrt(2).
        Vector512<long> power = Vector512.ShiftRightArithmetic(bits, 52);
        Vector512<double> m = (normal.AsInt64() - Vector512.ShiftLeft(power, 52)).AsDouble();
        Vector512<double> n = Vector512.ConvertToDouble(power) - Vector512.ConditionalSelect(small, Vector512.Create(54.0), Vector512<double>.Zero);
        Vector512<double> f = m - Vector512<double>.One;
        Vector512<double> s = f / (m + Vector512<double>.One), z = s * s;
        Vector512<double> p = Vector512.Create(2.0 / 21);
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 19));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 17));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 15));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 13));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 11));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 9));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 7));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 5));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2.0 / 3));

        // 2 s = f - s f, so log m = f - s (f - z p): the leading term is exact.
        Vector512<double> tail = Vector512.FusedMultiplyAdd(n, Vector512.Create(LogTwoLow), -(s * Vector512.FusedMultiplyAdd(-z, p, f)));
        Vector512<double> result = Vector512.FusedMultiplyAdd(n, Vector512.Create(LogTwoHigh), f + tail);
        return Special(x, result, double.PositiveInfinity, double.NegativeInfinity, double.NaN);
    }

    /// <inheritdoc cref="Log(Vector512{double})"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Log(Vector512<float> x)
    {
        Vector512<float> small = Vector512.LessThan(x, Vector512.Create(1.17549435e-38f));
        Vector512<float> normal = Vector512.ConditionalSelect(small, x * 33554432f, x);
        Vector512<int> power = Vector512.ShiftRightArithmetic(normal.AsInt32() - Vector512.Create(0x3F3504F3), 23);
        Vector512<float> m = (normal.AsInt32() - Vector512.ShiftLeft(power, 23)).AsSingle();
        Vector512<float> n = Vector512.ConvertToSingle(power) - Vector512.ConditionalSelect(small, Vector512.Create(25f), Vector512<float>.Zero);
        Vector512<float> f = m - Vector512<float>.One;
        Vector512<float> s = f / (m + Vector512<float>.One), z = s * s;
        Vector512<float> p = Vector512.Create(2f / 9);
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2f / 7));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2f / 5));
        p = Vector512.FusedMultiplyAdd(p, z, Vector512.Create(2f / 3));
        Vector512<float> tail = Vector512.FusedMultiplyAdd(n, Vector512.Create(SingleLogTwoLow), -(s * Vector512.FusedMultiplyAdd(-z, p, f)));
        Vector512<float> result = Vector512.FusedMultiplyAdd(n, Vector512.Create(SingleLogTwoHigh), f + tail);
        return Special(x, result, float.PositiveInfinity, float.NegativeInfinity, float.NaN);
    }

    /// <summary>Sine and cosine of 2 pi u for u in [0, 1], to 1e-7 absolute: quarter turns are taken off exactly, the rest by Taylor polynomials.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> Sine, Vector512<float> Cosine) Turn(Vector512<float> u)
    {
        Vector512<float> bias = Vector512.Create(12582912f);
        Vector512<float> shifted = Vector512.FusedMultiplyAdd(u, Vector512.Create(4f), bias);
        Vector512<float> r = Vector512.FusedMultiplyAdd(shifted - bias, Vector512.Create(-0.25f), u) * (2 * MathF.PI), z = r * r;
        Vector512<float> sine = Vector512.Create(1f / 362880);
        sine = Vector512.FusedMultiplyAdd(sine, z, Vector512.Create(-1f / 5040));
        sine = Vector512.FusedMultiplyAdd(sine, z, Vector512.Create(1f / 120));
        sine = Vector512.FusedMultiplyAdd(sine, z, Vector512.Create(-1f / 6));
        sine = Vector512.FusedMultiplyAdd(sine * z, r, r);
        Vector512<float> cosine = Vector512.Create(1f / 40320);
        cosine = Vector512.FusedMultiplyAdd(cosine, z, Vector512.Create(-1f / 720));
        cosine = Vector512.FusedMultiplyAdd(cosine, z, Vector512.Create(1f / 24));
        cosine = Vector512.FusedMultiplyAdd(cosine, z, Vector512.Create(-0.5f));
        cosine = Vector512.FusedMultiplyAdd(cosine, z, Vector512<float>.One);
        Vector512<int> quarter = shifted.AsInt32();
        Vector512<float> odd = Vector512.Equals(quarter & Vector512<int>.One, Vector512<int>.One).AsSingle();
        Vector512<int> sineSign = Vector512.ShiftLeft(quarter & Vector512.Create(2), 30);
        Vector512<int> cosineSign = Vector512.ShiftLeft((quarter + Vector512<int>.One) & Vector512.Create(2), 30);
        return (
            (Vector512.ConditionalSelect(odd, cosine, sine).AsInt32() ^ sineSign).AsSingle(),
            (Vector512.ConditionalSelect(odd, sine, cosine).AsInt32() ^ cosineSign).AsSingle());
    }

    /// <summary>The Taylor polynomial of the exponential, degree 13, for numbers up to half of log 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<double> ExpTaylor(Vector512<double> r)
    {
        Vector512<double> p = Vector512.Create(1.0 / 6227020800);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 479001600));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 39916800));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 3628800));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 362880));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 40320));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 5040));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<double>.One);
        return Vector512.FusedMultiplyAdd(p, r, Vector512<double>.One);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Power(Vector512<long> n) => Vector512.ShiftLeft(n + Vector512.Create(1023L), 52).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Power(Vector512<int> n) => Vector512.ShiftLeft(n + Vector512.Create(127), 23).AsSingle();

    /// <summary>The logarithms of infinity, 0, negative numbers and NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Special<T>(Vector512<T> x, Vector512<T> result, T infinity, T negative, T none)
    {
        result = Vector512.ConditionalSelect(Vector512.Equals(x, Vector512.Create(infinity)), x, result);
        result = Vector512.ConditionalSelect(Vector512.Equals(x, Vector512<T>.Zero), Vector512.Create(negative), result);
        return Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(x, Vector512<T>.Zero), result, Vector512.Create(none));
    }
}
