using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;

namespace EntropyElbo.Criterion;

/// <summary>Probabilistic PCA, linear VAE and factor analysis: factors on the loadings, on the mean and on the noise variances.</summary>
internal static class LinearParameterization
{
    public static ModelParameterization Of(LinearGaussianModel model)
    {
        LinearGaussian own = model.Parameters;
        GenerativeParameterization common = ModelParameterization.StandardNormal(own.Latents) with
        {
            ObservableParameters = [1, 1, 1],
            ObservableNames = ["loadings", "mean", "noise variances"],
        };
        return ModelParameterization.Gaussian(
            model.Family,
            common,
            (z, t) => (
                [.. Enumerable.Range(0, own.Columns).Select(d => (t[0] * VectorFold.Dot(own.Loadings.AsSpan(d * own.Latents, own.Latents), z)) + (t[1] * own.Mean[d]))],
                [.. own.NoiseVariances.Select(v => Math.Log(v) + Math.Log(t[2]))]),
            hasPseudoEntropies: true);
    }
}
