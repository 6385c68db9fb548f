using EntropyElbo.Distributions;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// The log partition F of a likelihood's columns as a function of the decoder's (canonical) output, its derivatives, and the output
/// of a mean. Gamma columns, whose logarithmic link is not the canonical one, have a mean and an output, and no F.
/// </summary>
internal static class MeanFunction
{
    /// <summary>F(t).</summary>
    public static double LogPartition(ObservableLikelihood likelihood, double output) => likelihood.Kind switch
    {
        LikelihoodKind.Binomial => likelihood.Trials * SpecialFunctions.Softplus(output),
        LikelihoodKind.Poisson => Math.Exp(output),
        LikelihoodKind.ContinuousBernoulli => ContinuousBernoulli.LogPartitionOf(output),
        _ => throw NoPartition(likelihood),
    };

    /// <summary>The mean, F'(t) where the link is canonical.</summary>
    public static double Mean(ObservableLikelihood likelihood, double output) => likelihood.Kind switch
    {
        LikelihoodKind.Gaussian => output,
        LikelihoodKind.Binomial => likelihood.Trials * SpecialFunctions.Logistic(output),
        LikelihoodKind.ContinuousBernoulli => ContinuousBernoulli.MeanOf(output),
        _ => Math.Exp(output),
    };

    /// <summary>F''(t).</summary>
    public static double Curvature(ObservableLikelihood likelihood, double output) => likelihood.Kind switch
    {
        LikelihoodKind.Binomial => likelihood.Trials * SpecialFunctions.Logistic(output) * SpecialFunctions.Logistic(-output),
        LikelihoodKind.Poisson => Math.Exp(output),
        LikelihoodKind.ContinuousBernoulli => ContinuousBernoulli.VarianceOf(output),
        _ => throw NoPartition(likelihood),
    };

    /// <summary>The greatest F'' (Boehning 1992), or null where it has no bound.</summary>
    public static double? GreatestCurvature(ObservableLikelihood likelihood) => likelihood.Kind switch
    {
        LikelihoodKind.Gaussian => 1,
        LikelihoodKind.Binomial => 0.25 * likelihood.Trials,
        LikelihoodKind.ContinuousBernoulli => 1.0 / 12,
        _ => null,
    };

    /// <summary>The output whose mean is that of a column, half a count away from the ends where they have none.</summary>
    /// <param name="likelihood">The likelihood.</param>
    /// <param name="mean">Mean of the column.</param>
    /// <param name="rows">Rows that it is the mean of.</param>
    public static double Output(ObservableLikelihood likelihood, double mean, long rows)
    {
        double half = 0.5 / rows;
        return likelihood.Kind switch
        {
            LikelihoodKind.Gaussian => mean,
            LikelihoodKind.Binomial => SpecialFunctions.Logit(Math.Clamp(mean / likelihood.Trials, half, 1 - half)),
            LikelihoodKind.ContinuousBernoulli => ContinuousBernoulli.NaturalOfMean(Math.Clamp(mean, half, 1 - half)),
            LikelihoodKind.Gamma => Math.Log(mean),
            _ => Math.Log(Math.Max(mean, half)),
        };
    }

    private static InvalidOperationException NoPartition(ObservableLikelihood likelihood) =>
        new($"The likelihood {likelihood.Name} has no log partition in the decoder's output.");
}
