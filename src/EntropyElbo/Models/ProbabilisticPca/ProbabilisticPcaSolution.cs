using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.ProbabilisticPca;

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
    /// <summary>Solves for the moments of some rows.</summary>
    /// <param name="moments">Moments of at least 2 rows.</param>
    /// <param name="latents">H, below D.</param>
    /// <param name="floorShare">Least variance as a share of the mean variance of the columns.</param>
    public static ProbabilisticPcaSolution Solve(RowMoments moments, int latents, double floorShare)
    {
        int columns = moments.Columns;
        EigenPairs pairs = SymmetricEigen.Top(moments.Covariance(), columns, latents);
        double total = 0;
        for (int d = 0; d < columns; d++)
        {
            total += moments.Covariance(d, d);
        }

        // What the top directions leave; below zero only by rounding.
        double likelihoodVariance = Math.Max(0, total - TensorPrimitives.Sum<double>(pairs.Values)) / (columns - latents);
        double floor = floorShare * (total > 0 ? total / columns : 1);
        double variance = Math.Max(likelihoodVariance, floor);
        double[] loadings = pairs.Columns(Array.ConvertAll(pairs.Values, l => Math.Sqrt(Math.Max(0, l - variance))));
        return new ProbabilisticPcaSolution(moments.Mean.ToArray(), loadings, variance, variance > likelihoodVariance);
    }

    /// <summary>The noise variance once per column.</summary>
    public double[] Variances()
    {
        double[] variances = new double[Mean.Length];
        Array.Fill(variances, Variance);
        return variances;
    }
}
