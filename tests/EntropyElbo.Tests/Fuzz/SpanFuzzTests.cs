using EntropyElbo.Distributions;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>Spans of wrong lengths and with any values, given to the public methods that take spans.</summary>
[TestClass]
public sealed class SpanFuzzTests
{
    private static readonly double[] Values = [0, 1, 2, 0.5, -1, 7, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, -1e39, 1e39, 1e-320];

    private static readonly Lazy<IReadOnlyList<LatentModel>> Models = new(() => [.. FuzzModels.All.Select(c => c.Trainer(1).Fit(c.Rows).Model)]);

    private static readonly ExponentialFamily[] Families =
    [
        new Bernoulli(), new Binomial(8), new Poisson(), new Exponential(), new Gamma(), new Beta(), new Categorical(3), new Laplace(2), new GaussianDiagonal(2),
        new GaussianFull(2),
    ];

    /// <summary>So that no input's time has theirs.</summary>
    [ClassInitialize]
    public static void Make(TestContext context) => _ = Models.Value;

    [TestMethod]
    public void ModelsAnswerAnySpans() => new FuzzRun("spans of models and scalings").Seeds(3000, 300, seed =>
    {
        Random random = new(seed);
        LatentModel model = Models.Value[random.Next(Models.Value.Count)];
        int rows = random.Next(4), columns = model.ObservedDimension, latents = model.LatentDimension;
        double[] Span(int width) => Filled(random, random.Next(4) == 0 ? random.Next(12) : rows * width);
        return Answer(random.Next(10) switch
        {
            0 => () => model.Encode(Span(columns), Span(latents), Span(latents)),
            1 => () => model.Decode(Span(latents), Span(columns)),
            2 => () => model.Reconstruct(Span(columns), Span(columns)),
            3 => () => model.Sample(Span(columns), 1),
            4 => () => model.RowElbo(Span(columns), Span(1), random.Next(-1, 3)),
            5 => () => model.LogLikelihood(Span(columns), Span(1), random.Next(-1, 3)),
            6 => () => model.AnomalyScore(Span(columns), Span(1), random.Next(-1, 3)),
            8 => () => model.RowTerms(Span(columns), Span(columns), Span(model.LatentTerms), Span(model.LatentTerms), random.Next(-1, 3)),
            7 => () => model.Scaling.Apply(Span(columns), Span(columns)),
            _ => () => model.Scaling.Invert(Span(columns), Span(columns)),
        });
    });

    [TestMethod]
    public void DistributionsAnswerAnySpans() => new FuzzRun("spans of distributions").Seeds(5000, 300, seed =>
    {
        Random random = new(seed);
        ExponentialFamily family = Families[random.Next(Families.Length)];
        double[] Span(int width) => Filled(random, random.Next(3) == 0 ? random.Next(8) : width);
        double[] Natural() => Span(family.NaturalDimension);
        double[] Standard() => Span(family.StandardDimension);
        double[] Row() => Span(family.Dimension);
        return Answer(random.Next(10) switch
        {
            0 => () => family.Entropy(Natural()),
            1 => () => family.LogPartition(Natural()),
            2 => () => family.LogBaseMeasure(Row()),
            3 => () => family.LogDensity(Row(), Natural()),
            4 => () => family.MeanParameters(Natural(), Natural()),
            5 => () => family.ToNatural(Standard(), Natural()),
            6 => () => family.ToStandard(Natural(), Standard()),
            7 => () => family.SufficientStatistics(Row(), Natural()),
            8 => () => family.SupportViolation(Row()),
            _ => () => family.Sample(Natural(), new RandomStream(1, RandomPurpose.Sampling), Row()),
        });
    });

    private static double[] Filled(Random random, int length)
    {
        double[] span = new double[length];
        bool plain = random.Next(2) == 0;
        for (int i = 0; i < length; i++)
        {
            span[i] = Values[random.Next(plain ? 4 : Values.Length)];
        }

        return span;
    }

    private static string Answer(Action use)
    {
        try
        {
            use();
            return "works";
        }
        catch (Exception error) when (error is ArgumentException or BadDataException or BadOptionException)
        {
            return error.GetType().Name;
        }
    }
}
