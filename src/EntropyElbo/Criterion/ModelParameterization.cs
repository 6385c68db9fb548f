using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.PoissonSparseCoding;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Families.Vae;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Criterion;

/// <summary>
/// Trained models as the criterion wants them, at their own parameters. A whole layer, or all variances, move by one factor each:
/// what holds for fewer parameters holds for more, and a least-squares problem over all weights of a network would not end.
/// </summary>
/// <param name="Family">The tool's name of the family.</param>
/// <param name="Entropies">The form with a constant base measure, or null.</param>
/// <param name="PseudoEntropies">The form with another one, or null.</param>
internal sealed record ModelParameterization(
    string Family, GenerativeParameterization? Entropies, GenerativeParameterization? PseudoEntropies)
{
    /// <summary>Points of continuous latents.</summary>
    private const int Points = 12;

    /// <summary>The forms of a model.</summary>
    /// <exception cref="BadOptionException">The family is not one of this library's.</exception>
    public static ModelParameterization Of(LatentModel model) => model switch
    {
        GaussianVaeModel vae => VaeParameterization.Of(vae),
        LinearGaussianModel linear => LinearParameterization.Of(linear),
        MixtureModel mixture => MixtureParameterization.Of(mixture),
        SparseCodingModel sparse => SparseParameterization.Of(sparse),
        PoissonSparseCodingModel counts => SparseParameterization.Of(counts),
        SigmoidBeliefNetModel net => BeliefParameterization.Of(net),
        _ => throw new BadOptionException("model", $"The criterion knows no parameterization of {model.Family}; write one and use Check."),
    };

    public ModelCriterion Check(double tolerance) => new()
    {
        Family = Family,
        Entropies = Entropies is null ? null : ParameterizationCriterion.Check(Entropies, tolerance),
        PseudoEntropies = PseudoEntropies is null ? null : ParameterizationCriterion.Check(PseudoEntropies, tolerance),
    };

    /// <summary>Draws of independent latents of those deviations, which stand for where latents live.</summary>
    public static double[][] Draws(IReadOnlyList<double> deviations)
    {
        RandomStream random = new(1, RandomPurpose.Sampling);
        return [.. Enumerable.Range(0, Points).Select(_ => deviations.Select(d => d * random.NextGaussian()).ToArray())];
    }

    /// <summary>
    /// Both forms of Gaussian columns, from means and log-variances: <c>(mu / sigma^2, -1 / 2 sigma^2)</c>, and <c>mu / sigma^2</c>
    /// with the rest in the base measure, for which the columns' values are the means themselves and 0.
    /// </summary>
    /// <param name="family">The tool's name of the family.</param>
    /// <param name="common">What both have: prior, parameters, latents.</param>
    /// <param name="columns">Means, then log-variances, given latents and parameters.</param>
    /// <param name="hasPseudoEntropies">Whether the variances are no functions of the latents.</param>
    public static ModelParameterization Gaussian(
        string family,
        GenerativeParameterization common,
        Func<double[],
        double[],
        (double[] Means, double[] LogVariances)> columns,
        bool hasPseudoEntropies)
    {
        GenerativeParameterization entropies = common with
        {
            Observable = (z, t) => columns(z, t) is var (means, logs)
                ? [.. means.Zip(logs, (m, s) => m * Math.Exp(-s)), .. logs.Select(s => -0.5 * Math.Exp(-s))] : [],
        };
        double[] origin = new double[common.Latents[0].Length];
        GenerativeParameterization pseudo = common with
        {
            Observable = (z, t) => columns(z, t) is var (means, logs) ? [.. means.Zip(logs, (m, s) => m * Math.Exp(-s))] : [],
            LogBaseMeasure = (x, t) => columns(origin, t).LogVariances.Zip(
                x, (s, value) => -0.5 * ((value * value * Math.Exp(-s)) + SpecialFunctions.LogTwoPi + s)).Sum(),
            Rows = [.. common.Latents.Take(3).Select(z => columns(z, [.. common.ObservableParameters]).Means)],
        };
        return new ModelParameterization(family, entropies, hasPseudoEntropies ? pseudo : null);
    }

    /// <summary>A prior N(0, I), whose common scale the observable distribution can take over.</summary>
    public static GenerativeParameterization StandardNormal(int latents) => new()
    {
        Prior = scale => [-0.5 / (scale[0] * scale[0])],
        PriorParameters = [1],
        ScaledLatents = [[.. Enumerable.Range(0, latents)]],
        Observable = (_, _) => [],
        ObservableParameters = [],
        Latents = Draws([.. Enumerable.Repeat(1.0, latents)]),
    };
}
