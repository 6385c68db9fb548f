using EntropyElbo.Distributions;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;

namespace EntropyElbo.Criterion;

/// <summary>
/// Sparse coding: the scales of the Laplace latents, and factors on the fields, on the means or offsets, and on the noise variance.
/// </summary>
internal static class SparseParameterization
{
    /// <summary>Gaussian columns.</summary>
    public static ModelParameterization Of(SparseCodingModel model)
    {
        SparseCodingParameters own = model.Parameters;
        GenerativeParameterization common = Common(own) with
        {
            ObservableParameters = [1, 1, 1],
            ObservableNames = ["fields", "mean", "noise variance"],
        };
        double logVariance = Math.Log(own.NoiseVariance);
        return ModelParameterization.Gaussian(
            model.Family,
            common,
            (z, t) => (Linear(own, z, t), [.. Enumerable.Repeat(logVariance + Math.Log(t[2]), own.Columns)]),
            hasPseudoEntropies: true);
    }

    /// <summary>Counts: fields and offsets scale the natural parameters, which are the log-rates.</summary>
    public static ModelParameterization Of(PoissonSparseCodingModel model)
    {
        SparseCodingParameters own = model.Parameters;
        Poisson column = new();
        return new ModelParameterization(model.Family, null, Common(own) with
        {
            ObservableParameters = [1, 1],
            ObservableNames = ["fields", "offsets"],
            Observable = (z, t) => Linear(own, z, t),
            LogBaseMeasure = (x, _) => x.Sum(value => column.LogBaseMeasure([value])),
            Rows = [new double[own.Columns]],
        });
    }

    private static double[] Linear(SparseCodingParameters own, double[] z, double[] t) =>
        [.. Enumerable.Range(0, own.Columns).Select(d => (t[0] * VectorFold.Dot(own.Fields[d], z)) + (t[1] * own.Mean[d]))];

    private static GenerativeParameterization Common(SparseCodingParameters own) => ModelParameterization.StandardNormal(own.Latents) with
    {
        Prior = scales => Array.ConvertAll(scales, s => -1 / s),
        PriorParameters = [.. own.Scales],
        ScaledLatents = null,
        Latents = ModelParameterization.Draws([.. own.Scales.Select(s => Math.Sqrt(2) * s)]),
    };
}
