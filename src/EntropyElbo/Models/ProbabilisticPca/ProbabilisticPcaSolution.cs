using System.Numerics.Tensors;
using EntropyElbo.Data;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

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
        Evd<double> evd = Matrix<double>.Build.Dense(columns, columns, moments.Covariance()).Evd(Symmetricity.Symmetric);
        double[] vectors = evd.EigenVectors.AsColumnMajorArray() ?? evd.EigenVectors.ToColumnMajorArray();

        // MathNet's eigenvalues rise; a covariance has none below zero but for rounding.
        double[] values = [.. evd.EigenValues.Select(v => Math.Max(0, v.Real))];
        double total = TensorPrimitives.Sum<double>(values);
        double likelihoodVariance = TensorPrimitives.Sum<double>(values.AsSpan(0, columns - latents)) / (columns - latents);
        double floor = floorShare * (total > 0 ? total / columns : 1);
        double variance = Math.Max(likelihoodVariance, floor);
        double[] loadings = new double[columns * latents];
        for (int h = 0; h < latents; h++)
        {
            int index = columns - 1 - h;
            ReadOnlySpan<double> vector = vectors.AsSpan(index * columns, columns);
            double length = Math.Sqrt(Math.Max(0, values[index] - variance));
            double signed = vector[TensorPrimitives.IndexOfMaxMagnitude(vector)] < 0 ? -length : length;
            for (int d = 0; d < columns; d++)
            {
                loadings[(d * latents) + h] = signed * vector[d];
            }
        }

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
