using EntropyElbo.Criterion;

namespace EntropyElbo.Tests.Criterion;

/// <summary>Models for the criterion; the first three are the snippets of docs/parameterization-criterion.md.</summary>
internal static class CriterionExamples
{
    public static GenerativeParameterization SimpleSigmoidBeliefNet() =>
        new GenerativeParameterization
        {
            Prior = psi => [Math.Log(psi[0] / (1 - psi[0]))],
            PriorParameters = [0.3],
            Observable = (z, theta) => [theta[0] * z[0], theta[1] * z[0]],
            ObservableParameters = [1.5, -0.7],
            Latents = [[0], [1]],
        };

    public static GenerativeParameterization SimpleFactorAnalysis() =>
        new GenerativeParameterization
        {
            Prior = psi => [0, -1 / (2 * psi[0])],
            PriorParameters = [1.7],
            Observable = (z, t) => [t[0] * z[0] / t[2], t[1] * z[0] / t[3], -1 / (2 * t[2]), -1 / (2 * t[3])],
            ObservableParameters = [0.6, 0.8, 0.4, 2.5],
            ObservableNames = ["w1", "w2", "sigma1", "sigma2"],
            Latents = [[-1.2], [0.3], [2.1]],
            Subset = [2, 3],
        };

    public static GenerativeParameterization RigidSigmoidBeliefNet() =>
        new GenerativeParameterization
        {
            Prior = psi => [Math.Log(psi[0] / (1 - psi[0]))],
            PriorParameters = [0.3],
            Observable = (z, theta) => [theta[0] * z[0], (theta[0] + 1) * z[0]],
            ObservableParameters = [1.5],
            Latents = [[0], [1]],
        };

    /// <summary>Three components of two columns; parameters of the components one after the other.</summary>
    public static GenerativeParameterization Mixture(string family)
    {
        (Func<double[], double[]> natural, double[] parameters, int shared) = Component(family);
        int own = (parameters.Length - shared) / 3;
        return new GenerativeParameterization
        {
            Prior = pi => [.. pi.Select(p => Math.Log(p / (1 - pi.Sum())))],
            PriorParameters = [0.2, 0.5],
            Observable = (c, t) => natural([.. t[((int)c[0] * own)..(((int)c[0] + 1) * own)], .. t[(3 * own)..]]),
            ObservableParameters = parameters,
            Latents = [[0], [1], [2]],
        };
    }

    /// <summary>Natural parameters of a component from its own parameters and then the shared ones; values of all.</summary>
    private static (Func<double[], double[]> Natural, double[] Parameters, int Shared) Component(string family) => family switch
    {
        "gaussian" => (t => Gaussian(t[0], t[1], t[2], t[3]), [0.3, -1, 0.5, 2, 1.4, 0.2, 1, 1.1, -2, 0.8, 3, 0.4], 0),
        "gaussian-spherical" => (t => Gaussian(t[0], t[1], t[2], t[2]), [0.3, -1, 0.5, 1.4, 0.2, 1, -2, 0.8, 3], 0),
        "gaussian-tied" => (t => FullGaussian(t[0], t[1], t[2], t[3], t[4]), [0.3, -1, 1.4, 0.2, -2, 0.8, 2, 0.5, 1], 3),
        "gaussian-full" => (t => FullGaussian(t[0], t[1], t[2], t[3], t[4]), [0.3, -1, 2, 0.5, 1, 1.4, 0.2, 1, -0.3, 0.7, -2, 0.8, 3, 1, 0.9], 0),
        "gamma" => (t => [t[0] - 1, t[2] - 1, -t[1], -t[3]], [2, 0.5, 3, 1.5, 0.7, 2, 5, 0.3, 1.2, 1, 4, 2.2], 0),
        "exponential" => (t => [-t[0], -t[1]], [0.5, 2, 1.1, 0.3, 4, 1], 0),
        "beta" => (t => [t[0] - 1, t[1] - 1, t[2] - 1, t[3] - 1], [2, 3, 0.5, 0.7, 1.5, 4, 2.2, 0.9, 6, 2, 3, 3.5], 0),
        "bernoulli" or "binomial" => (t => [LogOdds(t[0]), LogOdds(t[1])], [0.2, 0.6, 0.9, 0.4, 0.55, 0.1], 0),
        "poisson" => (t => [Math.Log(t[0]), Math.Log(t[1])], [0.2, 6, 9, 0.4, 2.5, 3], 0),
        "categorical" => (t => [Math.Log(t[0] / (1 - t[0] - t[1])), Math.Log(t[1] / (1 - t[0] - t[1]))], [0.2, 0.5, 0.6, 0.1, 0.25, 0.4], 0),
        _ => throw new ArgumentOutOfRangeException(nameof(family)),
    };

    private static double LogOdds(double p) => Math.Log(p / (1 - p));

    private static double[] Gaussian(double m0, double m1, double v0, double v1) => [m0 / v0, m1 / v1, -0.5 / v0, -0.5 / v1];

    /// <summary>Precision times mean, then the distinct entries of -1/2 precision.</summary>
    private static double[] FullGaussian(double m0, double m1, double a, double b, double c)
    {
        double determinant = (a * c) - (b * b);
        (double p, double q, double r) = (c / determinant, -b / determinant, a / determinant);
        return [(p * m0) + (q * m1), (q * m0) + (r * m1), -0.5 * p, -q, -0.5 * r];
    }
}
