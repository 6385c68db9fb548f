using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Training;
using Sparse = EntropyElbo.Families.SparseCoding.SparseSettings<EntropyElbo.Families.PoissonSparseCoding.PoissonSparseCodingOptions>;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.PoissonSparseCoding.PoissonSparseCodingOptions>;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>The entry of sparse coding of counts in the table of families.</summary>
internal static class PoissonSparseCodingFamily
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "poisson-sparse-coding";

    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting<PoissonSparseCodingOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }, PoissonSparseCodingOptions.MaxLatents),
        Set.Epochs(o => o.Iterations, (o, v) => o with { Iterations = v }) with
        {
            Default = $"{PoissonSparseCodingOptions.DefaultIterations}",
        },
        Sparse.Covariance(o => o.Covariance, (o, v) => o with { Covariance = v }),
        Sparse.Start(
            "One scale for all latents until the ELBO hardly rises, or one each from the start.",
            o => o.ScaleStart, (o, v) => o with { ScaleStart = v }),
        Sparse.Restarts(PoissonSparseCodingOptions.MaxRestarts, o => o.Restarts, (o, v) => o with { Restarts = v }),
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Sparse.InnerTolerance(o => o.InnerTolerance, (o, v) => o with { InnerTolerance = v }),
        Sparse.EncodingTolerance(o => o.EncodingTolerance, (o, v) => o with { EncodingTolerance = v }),
        Set.Seed(o => o.Seed, (o, v) => o with { Seed = v }),
        Set.OnlyLikelihood("poisson"),
    ];

    /// <summary>The entry.</summary>
    public static ModelFamily Entry { get; } = ModelFamily.Of(
        Name, "Sparse coding of counts: Laplace latents, a linear dictionary of log-rates, and a normal posterior for every row",
        "Sparse coding", new PoissonSparseCodingOptions { Latents = 0 }, Settings,
        options => new PoissonSparseCodingTrainer(options), PoissonSparseCodingFile.Read);
}
