using EntropyElbo.Families.Vae.Likelihoods;

namespace EntropyElbo.Families.Vae.Affine;

/// <summary>
/// Poisson and gamma columns have a curvature without a bound: where they spread far more than the model at their means,
/// <c>(x - mean)^2 / 2 F''</c> is a multiple of the log-likelihood that any decoder can gain, which is the deviance. The curvature
/// of the secant makes the two equal on average over a column's rows.
/// </summary>
internal static class AffineSecant
{
    /// <summary>Adds the deviances of rows from the means: what a row fitted exactly gains (of gamma columns, of shape 1).</summary>
    public static void AddDeviances(
        ObservableLikelihood likelihood, ReadOnlySpan<double> rows, ReadOnlySpan<double> means, double weight, Span<double> sums)
    {
        for (int i = 0; i < rows.Length && likelihood.Kind is LikelihoodKind.Poisson or LikelihoodKind.Gamma; i++)
        {
            double ratio = rows[i] / means[i % means.Length];
            if (ratio > 0)
            {
                sums[i % means.Length] +=
                    weight * (likelihood.Kind == LikelihoodKind.Poisson ? rows[i] * Math.Log(ratio) : -Math.Log(ratio));
            }
        }
    }

    /// <summary>
    /// Curvatures of the columns: of the secant for gamma ones and, where that is greater than F'', for Poisson ones; null for
    /// others. Deviances are means over rows, in which terms of first order cancel.
    /// </summary>
    public static double[]? Curvatures(ObservableLikelihood likelihood, ReadOnlySpan<double> means, double[] variances, double[] deviances)
    {
        if (likelihood.Kind is not (LikelihoodKind.Poisson or LikelihoodKind.Gamma))
        {
            return null;
        }

        double[] curvatures = new double[means.Length];
        for (int d = 0; d < curvatures.Length; d++)
        {
            bool isGamma = likelihood.Kind == LikelihoodKind.Gamma;
            double spread = isGamma ? variances[d] / (means[d] * means[d]) : variances[d];
            double secant = variances[d] > 0 && deviances[d] > 0 ? 0.5 * spread / deviances[d] : 0;
            curvatures[d] = isGamma ? (secant > 0 ? secant : 1) : secant;
        }

        return curvatures;
    }
}
