using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// What the Laplace prior adds to the bound of a normal <c>q = N(nu, tau^2)</c>, eight at once: <c>E |z| = tau M(nu / tau)</c>,
/// <c>M(a) = sqrt(2 / pi) exp(-a^2 / 2) + a erf(a / sqrt 2)</c> (V Theorem 2), and with the weight <c>w = gamma / lambda</c> its slope
/// <c>w erf(nu / (tau sqrt 2))</c> and curvature <c>w sqrt(2 / pi) exp(-nu^2 / 2 tau^2) / tau</c> in nu.
/// </summary>
/// <param name="Size">E |z|.</param>
/// <param name="Slope">Derivative of <c>w E |z|</c> by nu.</param>
/// <param name="Curvature">Second derivative of <c>w E |z|</c> by nu; twice its derivative by <c>tau^2</c>.</param>
internal readonly record struct LaplaceTerms(Vector512<double> Size, Vector512<double> Slope, Vector512<double> Curvature)
{
    private const double RootHalf = 0.70710678118654752440;
    private const double RootTwoOverPi = 0.79788456080286535588;

    /// <summary>The terms of eight latents.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LaplaceTerms Of(Vector512<double> mean, Vector512<double> deviation, Vector512<double> weight)
    {
        Vector512<double> ratio = mean / deviation * RootHalf;
        Vector512<double> gaussian = VectorFunctions.ExpOfNegative(-(ratio * ratio));
        Vector512<double> sign = ErrorFunction.Erf(ratio, gaussian);
        Vector512<double> peak = gaussian * RootTwoOverPi;
        return new LaplaceTerms(
            Vector512.FusedMultiplyAdd(mean, sign, deviation * peak), weight * sign, weight * peak / deviation);
    }
}
