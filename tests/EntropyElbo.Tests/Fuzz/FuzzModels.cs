using EntropyElbo.Catalog;
using EntropyElbo.Data;
using EntropyElbo.Families.FactorAnalysis;
using EntropyElbo.Families.LinearVae;
using EntropyElbo.Families.SigmoidBeliefNet;
using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Tests.Fuzz;

/// <summary>A small model of every family, and rows in the support of each.</summary>
internal static class FuzzModels
{
    public const int Columns = 4;

    /// <summary>A way to a small model: its family, a trainer for a number of epochs, and rows in its support.</summary>
    public sealed record Case(string Family, Func<int, ITrainer> Trainer, InMemoryRows Rows)
    {
        public const int Epochs = 3;
    }

    public static IReadOnlyList<Case> All { get; } =
    [
        Of("ppca", Normal()),
        Of("linear-vae", Normal()),
        new("linear-vae", epochs => new LinearVaeTrainer(new() { Latents = 2, Optimizer = LinearVaeOptimizer.Adam, Iterations = epochs }), Normal()),
        Of("factor-analysis", Normal()),

        // Newton's method begins after ten steps of EM.
        new("factor-analysis", epochs => new FactorAnalysisTrainer(new() { Latents = 1, Iterations = epochs + 10, StationarityTolerance = 0 }), Normal()),
        Of("sparse-coding", Normal()),
        new("sparse-coding", epochs => new SparseCodingTrainer(new() { Latents = 5, Optimizer = SparseCodingOptimizer.Em, Iterations = epochs }), Normal()),
        Of("sparse-coding", Normal(), s => s with { BatchSize = 16 }),
        new("sparse-coding", epochs => new SparseCodingTrainer(new()
        {
            Latents = 3, Learning = SparseCodingLearning.Amortised, Covariance = SparseCovariance.LowRank, Rank = 1, BatchSize = 16, Iterations = epochs,
        }), Normal()),
        Of("poisson-sparse-coding", Counts(8)),
        .. new[] { "vae-0", "vae-1", "vae-2", "vae-d", "vae-3", "sparse-vae" }.Select(f => Of(f, Normal())),
        Of("vae-1", Counts(1), s => s with { Likelihood = "bernoulli" }),
        Of("vae-1", Counts(8), s => s with { Likelihood = "binomial:8" }),
        Of("vae-1", Counts(8), s => s with { Likelihood = "poisson" }),
        Of("vae-1", Positive(), s => s with { Likelihood = "gamma" }),
        Of("vae-1", Positive(), s => s with { Likelihood = "continuous-bernoulli" }),
        Of("vae-1", Normal(), s => s with
        {
            Hidden = null, BatchSize = 20, Images = new ImageNetworks { Shape = new ImageShape(2, 2, 1), Filters = [2] },
        }),
        .. new[] { "gaussian-full", "gaussian-tied", "gaussian-diagonal", "gaussian-spherical" }.Select(f => Of("mixture:" + f, Normal())),
        .. new[] { "gamma", "exponential", "beta" }.Select(f => Of("mixture:" + f, Positive())),
        .. new[] { "bernoulli", "binomial:8", "poisson", "categorical" }.Select(f => Of("mixture:" + f, Counts(f == "bernoulli" ? 1 : 8))),
        Of("mixture:poisson@1-2,gaussian-full@3-4", Counts(8)),
        .. new[] { "gaussian-full", "gaussian-tied", "gaussian-diagonal" }.Select(f => Of("mixture:" + f, Normal(), s => s with { BatchSize = 16 })),
        .. new[] { "gamma", "beta" }.Select(f => Of("mixture:" + f, Positive(), s => s with { BatchSize = 16 })),
        Of("mixture:categorical", Counts(8), s => s with { BatchSize = 16 }),
        Of("sbn", Counts(1)),
        Of("deep-sbn", Counts(1)),
        new("sbn", epochs => new SigmoidBeliefNetTrainer(new() { Latents = 3, Posterior = BeliefPosterior.Truncated, States = 4, Iterations = epochs }), Counts(1)),
    ];

    private static Case Of(string family, InMemoryRows rows, Func<FitSettings, FitSettings>? change = null)
    {
        FitSettings settings = change?.Invoke(Settings(family)) ?? Settings(family);
        return new(family, epochs => ModelFamilies.Find(family).CreateTrainer(family == "ppca" ? settings : settings with { Epochs = epochs }), rows);
    }

    private static FitSettings Settings(string family) => new()
    {
        Latents = family.StartsWith("mixture", StringComparison.Ordinal) ? null : 2,
        Components = family.StartsWith("mixture", StringComparison.Ordinal) ? 2 : null,
        Hidden = family.StartsWith("vae", StringComparison.Ordinal) || family == "sparse-vae" ? [3] : family == "deep-sbn" ? [2] : null,
    };

    private static InMemoryRows Normal() => Rows(random => random.NextGaussian());

    private static InMemoryRows Positive() => Rows(random => 0.05 + (0.9 * random.NextUniform()));

    private static InMemoryRows Counts(int most) => Rows(random => Math.Floor(random.NextUniform() * (most + 1)));

    private static InMemoryRows Rows(Func<RandomStream, double> draw)
    {
        RandomStream random = new(1, RandomPurpose.Generation);
        double[] values = new double[40 * Columns];
        foreach (ref double value in values.AsSpan())
        {
            value = draw(random);
        }

        return new InMemoryRows(values, Columns);
    }
}
