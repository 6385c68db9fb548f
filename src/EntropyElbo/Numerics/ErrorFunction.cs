using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// erf, by <c>erfc(z) = t exp(-z^2 + P(u))</c>, <c>t = 2 / (2 + z)</c>, <c>u = 2 t - 1</c>, for z of at least 0, with P a Chebyshev
/// series; absolute error near the rounding of T at 1. The coefficients come from Reference/distributions.py of the tests.
/// </summary>
internal static class ErrorFunction
{
    private const int FloatTerms = 12;

    private static ReadOnlySpan<double> Series =>
    [
        -0.651326859890854717, 0.64196979235649026, 0.0194764732041858363, -0.00956151478680863164, -0.000946595344482036872,
        0.000366839497852761457, 0.0000425233248069077679, -0.0000202785781125342405, -1.62429000464702696e-6, 1.3036558355805234e-6,
        1.56264417220672071e-8, -8.52380959149288335e-8, 6.52905443910230201e-9, 5.05934349554696056e-9, -9.91364156487599574e-10,
        -2.27365122299382313e-10, 9.64679110269368174e-11, 2.39403807587424281e-12, -6.88602751916009234e-12, 8.94487920014788771e-13,
        3.13092146970951939e-13, -1.1270823018587603e-13, 3.81096440154687502e-16, 7.10609253026631492e-15, -1.52302409863328307e-15,
        -9.45779476773519717e-17, 1.21025532109556688e-16, -2.81672023733006537e-17,
    ];

    /// <summary>erf(x).</summary>
    public static double Erf(double x)
    {
        double size = Math.Abs(x);
        double t = 2 / (2 + size), u = (2 * t) - 1, twice = 2 * u, next = 0, after = 0;
        for (int k = Series.Length - 1; k > 0; k--)
        {
            (next, after) = ((twice * next) - after + Series[k], next);
        }

        double exponent = (u * next) - after + Series[0];
        return Math.CopySign(1 - (t * Math.Exp(exponent - (size * size))), x);
    }

    /// <summary>erf(x) of every lane, given exp(-x^2), which callers have at hand.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Erf<T>(Vector512<T> x, Vector512<T> gaussian)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> two = Vector512.Create(T.CreateTruncating(2));
        Vector512<T> t = two / (two + Vector512.Abs(x));
        Vector512<T> u = (two * t) - Vector512<T>.One, twice = two * u;
        Vector512<T> next = Vector512<T>.Zero, after = next;
        for (int k = (typeof(T) == typeof(float) ? FloatTerms : Series.Length) - 1; k > 0; k--)
        {
            (next, after) = (Lanes.MultiplyAdd(twice, next, Vector512.Create(T.CreateTruncating(Series[k])) - after), next);
        }

        Vector512<T> exponent = Lanes.MultiplyAdd(u, next, Vector512.Create(T.CreateTruncating(Series[0])) - after);
        Vector512<T> size = Vector512<T>.One - (t * gaussian * Lanes.Exp(exponent));
        return Vector512.CopySign(size, x);
    }
}
