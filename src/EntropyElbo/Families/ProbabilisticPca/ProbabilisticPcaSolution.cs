using System.Numerics.Tensors;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>
/// Maximum-likelihood parameters of probabilistic PCA (Tipping and Bishop 1999, eq. 7 and 8; D App. A):
/// <c>sigma^2 = mean(l_{H+1..D})</c>, <c>W = U_H (L_H - sigma^2)^(1/2)</c> from the eigenvalues of the covariance (1/N).
/// </summary>
/// <param name="Mean">Mean of the rows, D values.</param>
/// <param name="Loadings">W, [D, H]: orthogonal columns of falling length, the largest entry of each positive.</param>
/// <param name="Variance">Noise variance.</param>
/// <param name="IsFloored">Whether the variance is the floor, not the maximum-likelihood value.</param>
internal sealed record ProbabilisticPcaSolution(double[] Mean, double[] Loadings, double Variance, bool IsFloored)
{
    /// <summary>Solves for the spread of some rows.</summary>
    /// <param name="spread">The spread of at least 2 rows, and of more than latents.</param>
    /// <param name="latents">H, below D.</param>
    /// <param name="floorShare">Least variance as a share of the mean variance of the columns that vary.</param>
    public static ProbabilisticPcaSolution Solve(RowSpread spread, int latents, double floorShare)
    {
        PrincipalAxes axes = spread.Axes(latents);

        // What the top directions leave; below zero only by rounding.
        double likelihoodVariance = Math.Max(0, spread.TotalVariance - VectorFold.Sum(axes.Values)) / (spread.Columns - latents);
        double variance = Math.Max(likelihoodVariance, floorShare * spread.Unit);
        double[] lengths = new double[axes.Values.Length * latents];
        for (int h = 0; h < axes.Values.Length; h++)
        {
            lengths[(h * latents) + h] = Math.Sqrt(Math.Max(0, axes.Values[h] - variance));
        }

        double[] loadings = axes.Lift(lengths, latents);
        LoadingSigns.Fix(loadings, latents);
        return new ProbabilisticPcaSolution(spread.Mean, loadings, variance, variance > likelihoodVariance);
    }

    /// <summary>The noise variance once per column.</summary>
    public double[] Variances()
    {
        double[] variances = new double[Mean.Length];
        Array.Fill(variances, Variance);
        return variances;
    }
}
