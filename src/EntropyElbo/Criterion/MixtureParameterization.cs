using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using MathNet.Numerics.LinearAlgebra;

namespace EntropyElbo.Criterion;

/// <summary>
/// Mixtures: every component has parameters of its own, so the heaviest few speak for all, with the first columns of each range,
/// which are independent. Of full covariances one factor is enough.
/// </summary>
internal static class MixtureParameterization
{
    private const int ShownComponents = 3;
    private const int ShownColumns = 8;

    /// <summary>Weights that are looked at.</summary>
    private const int MostWeights = 256;

    public static ModelParameterization Of(MixtureModel model)
    {
        double[] weights = model.Weights.ToArray();
        int[] living =
            [.. Enumerable.Range(0, weights.Length).Where(k => weights[k] > 0).OrderByDescending(k => weights[k]).Take(MostWeights)];
        double total = living.Sum(k => weights[k]);
        Part[][] shown = [.. living.Take(ShownComponents).Select(k => Parts(model, k))];
        int[] starts = new int[shown.Length + 1];
        for (int c = 0; c < shown.Length; c++)
        {
            starts[c + 1] = starts[c] + shown[c].Sum(p => p.Parameters.Length);
        }

        GenerativeParameterization form = new()
        {
            Prior = pi => living.Length == 1 ? [0] : [.. pi.Select(p => Math.Log(p / (1 - pi.Sum())))],
            PriorParameters = living.Length == 1 ? [1] : [.. living.SkipLast(1).Select(k => weights[k] / total)],
            Observable = (c, t) => Natural(shown[(int)c[0]], t.AsSpan(starts[(int)c[0]])),
            ObservableParameters = [.. shown.SelectMany(parts => parts.SelectMany(p => p.Parameters))],
            Latents = [.. Enumerable.Range(0, shown.Length).Select(c => new double[] { c })],
        };
        bool constant = model.Parameters.Families.All(f => f.HasConstantBaseMeasure);
        return constant
            ? new ModelParameterization(model.Family, form, null)
            : new ModelParameterization(
                model.Family, null, form with { LogBaseMeasure = (x, _) => BaseMeasure(model, x), Rows = [Inside(model)] });
    }

    /// <summary>A run of natural parameters with the standard ones that they are functions of.</summary>
    private sealed record Part(double[] Parameters, Func<double[], double[]> Natural);

    private static double[] Natural(Part[] parts, ReadOnlySpan<double> parameters)
    {
        List<double> natural = [];
        foreach (Part part in parts)
        {
            natural.AddRange(part.Natural(parameters[..part.Parameters.Length].ToArray()));
            parameters = parameters[part.Parameters.Length..];
        }

        return [.. natural];
    }

    /// <summary>Columns at an end of their range, such as a probability of 0, have no finite natural parameters and are left out.</summary>
    private static Part[] Parts(MixtureModel model, int component)
    {
        List<Part> parts = [];
        for (int g = 0; g < model.Ranges.Count; g++)
        {
            double[] own = model.StandardParameters(g).ToArray();
            ColumnRange range = model.Ranges[g];
            IEnumerable<Part> all = range.Family is "gaussian-full" or "gaussian-tied"
                ? [FullGaussian(range, own, model.LatentDimension, component)]
                : Enumerable.Range(0, Math.Min(range.Count, ShownColumns)).Select(
                    d => Column(range, own, model.LatentDimension, component, d));
            parts.AddRange(all.Where(p => Array.TrueForAll(p.Natural([.. p.Parameters]), double.IsFinite)));
        }

        return parts.Count > 0 ? [.. parts] : throw new BadOptionException(
            "model", "Every column of the heaviest component is at an end of its range, so its natural parameters are infinite; train "
                + "with smoothing.");
    }

    private static Part Column(ColumnRange range, double[] own, int components, int component, int column)
    {
        if (range.Family.StartsWith("gaussian", StringComparison.Ordinal))
        {
            int first = component * 2 * range.Count;
            return new Part([own[first + column], own[first + range.Count + column]], t => [t[0] / t[1], -0.5 / t[1]]);
        }

        int stride = own.Length / components / range.Count;
        double[] values = own.AsSpan(((component * range.Count) + column) * stride, stride).ToArray();
        return range.Family switch
        {
            "gamma" => new Part(values, t => [t[0] - 1, -t[1]]),
            "beta" => new Part(values, t => [t[0] - 1, t[1] - 1]),
            "exponential" => new Part(values, t => [-t[0]]),
            "poisson" => new Part(values, t => [Math.Log(t[0])]),
            "categorical" => new Part(values[..^1], t => [.. t.Select(p => Math.Log(p / (1 - t.Sum())))]),
            _ => new Part(values[..1], t => [Math.Log(t[0] / (1 - t[0]))]),
        };
    }

    private static Part FullGaussian(ColumnRange range, double[] own, int components, int component)
    {
        int n = range.Count;
        int covariance = range.Family == "gaussian-tied" ? components * n : (components * n) + (component * n * n);
        Matrix<double> precision = Matrix<double>.Build.Dense(n, n, own.AsSpan(covariance, n * n).ToArray()).Inverse();
        Vector<double> mean = Vector<double>.Build.Dense(own.AsSpan(component * n, n).ToArray());
        double[] natural = [.. precision * mean, .. precision.Diagonal() * -0.5];
        return new Part([1], t => Array.ConvertAll(natural, v => v / t[0]));
    }

    private static double BaseMeasure(MixtureModel model, double[] row) =>
        model.Parameters.Families.Sum(f => f.LogBaseMeasure(row.AsSpan(f.Range.Start, f.Range.Count)));

    /// <summary>A row of zeros, which the families with a base measure that is not constant all allow.</summary>
    private static double[] Inside(MixtureModel model) => new double[model.ObservedDimension];
}
