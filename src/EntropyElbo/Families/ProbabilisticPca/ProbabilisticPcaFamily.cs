using EntropyElbo.Training;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.ProbabilisticPca.ProbabilisticPcaOptions>;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>The entry of probabilistic PCA in the table of families.</summary>
internal static class ProbabilisticPcaFamily
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "ppca";

    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting<ProbabilisticPcaOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }),
        Set.VarianceFloor(new(1e-14, 1), o => o.VarianceFloor, (o, v) => o with { VarianceFloor = v }),
        Set.OnlyLikelihood("gaussian"),
        Set.Scale(o => o.Scaling, (o, v) => o with { Scaling = v }),
    ];

    /// <summary>The entry.</summary>
    public static ModelFamily Entry { get; } = ModelFamily.Of(
        Name, "Probabilistic PCA, in closed form", "Probabilistic PCA", new ProbabilisticPcaOptions { Latents = 0 }, Settings,
        options => new ProbabilisticPcaTrainer(options), ProbabilisticPcaFile.Read);
}
