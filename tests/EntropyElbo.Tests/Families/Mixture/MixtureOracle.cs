using EntropyElbo.Distributions;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>Densities, entropies and residuals of a mixture from the distributions one value at a time, by the formulas of LW eq. 51 and 69.</summary>
internal static class MixtureOracle
{
    public static double LogJoint(MixtureModel model, int component, ReadOnlySpan<double> row)
    {
        double sum = Math.Log(model.Weights[component]);
        foreach ((ExponentialFamily family, double[] natural, int start) in Parts(model, component))
        {
            sum += family.LogDensity(row.Slice(start, family.Dimension), natural);
        }

        return sum;
    }

    public static double Entropy(MixtureModel model, int component) => Parts(model, component).Sum(p => p.Family.Entropy(p.Natural));

    public static double NoiseResidual(MixtureModel model, double[] values, double[] codes)
    {
        int components = model.LatentDimension;
        int rows = codes.Length / components;
        int columns = values.Length / rows;
        double sum = 0;
        for (int k = 0; k < components; k++)
        {
            foreach ((ExponentialFamily family, double[] natural, int start) in Parts(model, k))
            {
                double[] mean = new double[natural.Length];
                double[] statistics = new double[natural.Length];
                family.MeanParameters(natural, mean);
                for (int n = 0; n < rows; n++)
                {
                    family.SufficientStatistics(values.AsSpan((n * columns) + start, family.Dimension), statistics);
                    for (int i = 0; i < natural.Length; i++)
                    {
                        sum += codes[(n * components) + k] * natural[i] * (mean[i] - statistics[i]);
                    }
                }
            }
        }

        return sum / rows;
    }

    private static IEnumerable<(ExponentialFamily Family, double[] Natural, int Start)> Parts(MixtureModel model, int component)
    {
        for (int g = 0; g < model.Ranges.Count; g++)
        {
            ColumnRange range = model.Ranges[g];
            double[] parameters = model.StandardParameters(g).ToArray();
            int n = range.Count;
            int k = model.LatentDimension;
            if (range.Family.StartsWith("gaussian", StringComparison.Ordinal))
            {
                bool matrix = range.Family is "gaussian-full" or "gaussian-tied";
                int covariance = range.Family == "gaussian-tied" ? k * n : (k * n) + (component * n * n);
                ExponentialFamily family = matrix ? new GaussianFull(n) : new GaussianDiagonal(n);
                double[] standard = matrix
                    ? [.. parameters.AsSpan(component * n, n), .. Packed(parameters, covariance, n)]
                    : parameters.AsSpan(component * 2 * n, 2 * n).ToArray();
                yield return (family, Natural(family, standard), range.Start);
                continue;
            }

            int stride = parameters.Length / k / n;
            for (int d = 0; d < n; d++)
            {
                double[] own = parameters.AsSpan(((component * n) + d) * stride, stride).ToArray();
                ExponentialFamily family = range.Family switch
                {
                    "gamma" => new Gamma(),
                    "beta" => new Beta(),
                    "exponential" => new Exponential(),
                    "poisson" => new Poisson(),
                    "bernoulli" => new Bernoulli(),
                    "categorical" => new Categorical(stride),
                    _ => new Binomial(6),
                };
                yield return (family, Natural(family, range.Family is "bernoulli" or "binomial:6" ? own[..1] : own), range.Start + d);
            }
        }
    }

    private static IEnumerable<double> Packed(double[] values, int start, int n) =>
        Enumerable.Range(0, n).SelectMany(i => values.Skip(start + (i * n)).Take(i + 1));

    private static double[] Natural(ExponentialFamily family, double[] standard)
    {
        double[] natural = new double[family.NaturalDimension];
        family.ToNatural(standard, natural);
        return natural;
    }
}
