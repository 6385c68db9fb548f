using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Models;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae;

/// <summary>ELBO of a VAE's observable distribution without latents: independent columns, in closed form from their moments.</summary>
internal static class VaeBaseline
{
    /// <summary>The ELBO, nats per row.</summary>
    /// <param name="network">The networks, which say what is learned.</param>
    /// <param name="fixedVariance">The decoder variance where it is not.</param>
    /// <param name="moments">Moments of the training rows, unscaled.</param>
    /// <param name="scaling">Their scaling.</param>
    /// <param name="report">The report over them, for the base measure.</param>
    public static double Elbo(VaeNetwork network, double fixedVariance, ColumnMoments moments, Scaling scaling, ElboReport report)
    {
        double[] variances =
            [.. Enumerable.Range(0, scaling.Columns).Select(d => moments.Variance(d) * scaling.Factor[d] * scaling.Factor[d])];
        return network.Architecture switch
        {
            { Likelihood.IsGaussian: false } => Canonical(network, moments, report),
            { Spread: SpreadKind.Fixed } =>
                -0.5 * ((variances.Length * (SpecialFunctions.LogTwoPi + Math.Log(fixedVariance))) + (variances.Sum() / fixedVariance)),
            { Spread: SpreadKind.Shared } =>
                -0.5 * variances.Length * (SpecialFunctions.LogTwoPi + 1 + ScaleParameters.Log(variances.Average())),
            _ => -0.5 * variances.Sum(v => SpecialFunctions.LogTwoPi + 1 + ScaleParameters.Log(v)),
        };
    }

    private static double Canonical(VaeNetwork network, ColumnMoments moments, ElboReport report)
    {
        ObservableLikelihood likelihood = network.Architecture.Likelihood;
        double sum = report.BaseMeasure;
        Span<double> natural = stackalloc double[likelihood.Family!.NaturalDimension];
        for (int d = 0; d < network.Architecture.Columns; d++)
        {
            double mean = moments.Mean(d);
            if (likelihood.Kind == LikelihoodKind.Gamma)
            {
                // By the moments: the best shape would ask for the means of log x too.
                double rate = mean / Math.Max(moments.Variance(d), VarianceFloors.DefaultShare * mean * mean);
                natural[0] = (mean * rate) - 1;
                natural[1] = -rate;
            }
            else
            {
                natural[0] = MeanFunction.Output(likelihood, mean, moments.Rows);
            }

            sum -= likelihood.Family.Entropy(natural);
        }

        return sum;
    }
}
