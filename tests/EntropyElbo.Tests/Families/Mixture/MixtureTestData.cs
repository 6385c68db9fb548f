using EntropyElbo.Data;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Families.Mixture;

/// <summary>Rows inside the support of any mixture, random mixtures, and densities by another road.</summary>
internal static class MixtureTestData
{
    public const string Mixed = "gaussian-diagonal@1-2,poisson@3,gamma@4,bernoulli@5,binomial:6@6,beta@7,exponential@8,categorical@9,gaussian-full@10-11";

    /// <summary>Every component family, and all of them side by side.</summary>
    public static IEnumerable<string> Families => [.. MixtureSpecification.Families, "binomial:6", Mixed];

    public static int Columns(string family) => family == Mixed ? 11 : 4;

    /// <summary>Rows around a few centres, brought into the support of each column's family.</summary>
    public static InMemoryRows Rows(string family, int count = 700, ulong seed = 1)
    {
        int columns = Columns(family);
        RandomStream random = new(seed, RandomPurpose.Generation, 7);
        double[] centres = new double[3 * columns];
        random.FillGaussian(centres);
        double[] values = new double[count * columns];
        ColumnRange[] ranges = MixtureSpecification.Parse(family).Resolve(columns);
        for (int i = 0; i < values.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, columns);
            int group = (int)(((uint)row * 2654435761u) >> 16) % 3;
            double value = (1.5 * centres[(group * columns) + column]) + (0.6 * random.NextGaussian());
            string own = ranges.First(r => column >= r.Start && column < r.Start + r.Count).Family;
            values[i] = Fit(own, value, random);
        }

        return new InMemoryRows(values, columns);
    }

    /// <summary>A mixture with random parameters.</summary>
    public static MixtureModel Random(string family, int components, ulong seed, int? kept = null)
    {
        int columns = Columns(family);
        RandomStream random = new(seed, RandomPurpose.Initialisation, 8);
        MixtureSpecification specification = MixtureSpecification.Parse(family);
        double[] weights = Normalised(Positive(random, components));
        ColumnComponents[] ranges = [.. specification.Resolve(columns).Select(r => Components(r, components, random))];
        return new MixtureModel(specification, new MixtureParameters(weights, ranges), kept ?? components, LinearTestData.Header(columns));
    }

    public static MixtureModel Model(string family, double[] weights, int columns, params double[][] parameters)
    {
        MixtureSpecification specification = MixtureSpecification.Parse(family);
        ColumnComponents[] ranges =
            [.. specification.Resolve(columns).Select((r, g) => MixtureSpecification.Create(r, Reference(r)).Create(weights.Length, parameters[g]))];
        return new MixtureModel(specification, new MixtureParameters(weights, ranges), weights.Length, LinearTestData.Header(columns));
    }

    public static FitResult Fit(IRowSource rows, MixtureOptions options, FitContext? context = null) => new MixtureTrainer(options).Fit(rows, context);

    public static MixtureModel Mixture(FitResult result) => (MixtureModel)result.Model;

    public static double[] Reference(ColumnRange range) => range.Family switch
    {
        "exponential" => LinearTestData.Filled(range.Count, 1e10),
        "gamma" => LinearTestData.Filled(range.Count, 1.5),
        "categorical" => LinearTestData.Filled(range.Count, 4),
        _ when range.Family.StartsWith("gaussian", StringComparison.Ordinal) =>
            [.. LinearTestData.Filled(range.Count, 0.3), .. LinearTestData.Filled(range.Count, 1e-6)],
        _ => [],
    };

    private static double Fit(string family, double value, RandomStream random) => family switch
    {
        "gamma" or "exponential" => Math.Exp(value),
        "beta" => SpecialFunctions.Logistic(value),
        "bernoulli" => random.NextUniform() < SpecialFunctions.Logistic(2 * value) ? 1 : 0,
        "binomial:6" => Math.Round(6 * SpecialFunctions.Logistic(value)),
        "poisson" => Math.Round(3 * Math.Exp(0.7 * value)),
        "categorical" => Math.Min(3, Math.Floor(4 * SpecialFunctions.Logistic(value))),
        _ => value,
    };

    private static ColumnComponents Components(ColumnRange range, int components, RandomStream random)
    {
        ColumnFamily family = MixtureSpecification.Create(range, Reference(range));
        int n = range.Count;
        List<double> parameters = [];
        double[] means = new double[components * n];
        random.FillGaussian(means);
        if (family is GaussianCovarianceFamily)
        {
            parameters.AddRange(means);
            while (parameters.Count < family.ParameterLength(components))
            {
                parameters.AddRange(Covariance(n, random));
            }

            return family.Create(components, [.. parameters]);
        }

        for (int k = 0; k < components; k++)
        {
            switch (range.Family)
            {
                case "gaussian-diagonal":
                    parameters.AddRange([.. means.AsSpan(k * n, n), .. Positive(random, n)]);
                    break;
                case "gaussian-spherical":
                    parameters.AddRange([.. means.AsSpan(k * n, n), .. LinearTestData.Filled(n, Positive(random, 1)[0])]);
                    break;
                case "gamma" or "beta":
                    parameters.AddRange(Positive(random, 2 * n));
                    break;
                case "poisson" or "exponential":
                    parameters.AddRange(Positive(random, n));
                    break;
                case "categorical":
                    parameters.AddRange(Enumerable.Range(0, n).SelectMany(_ => Normalised(Positive(random, 4))));
                    break;
                default:
                    parameters.AddRange(Enumerable.Range(0, n).SelectMany(_ => Normalised(Positive(random, 2))));
                    break;
            }
        }

        return family.Create(components, [.. parameters]);
    }

    private static double[] Covariance(int n, RandomStream random)
    {
        double[] root = new double[n * n];
        random.FillGaussian(root);
        double[] matrix = new double[n * n];
        for (int i = 0; i < n * n; i++)
        {
            matrix[i] = i / n == i % n ? 0.3 : 0;
            for (int j = 0; j < n; j++)
            {
                matrix[i] += root[(i / n * n) + j] * root[(i % n * n) + j];
            }
        }

        return matrix;
    }

    private static double[] Positive(RandomStream random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => Math.Exp(0.5 * random.NextGaussian()))];

    private static double[] Normalised(double[] values)
    {
        double sum = values.Sum();
        return Array.ConvertAll(values, v => v / sum);
    }
}
