using EntropyElbo.Training;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.FactorAnalysis.FactorAnalysisOptions>;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>The entry of factor analysis in the table of families.</summary>
internal static class FactorAnalysisFamily
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "factor-analysis";

    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting<FactorAnalysisOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }),
        Set.Epochs(o => o.Iterations, (o, v) => o with { Iterations = v }),
        Set.Choice(
            "optimizer", "Newton steps on the noise variances after ten of EM, or EM alone.",
            [(FactorAnalysisOptimizer.Newton, "newton"), (FactorAnalysisOptimizer.Em, "em")],
            o => o.Optimizer, (o, v) => o with { Optimizer = v }),
        Set.Real(
            "initial-noise-share", "S",
            "Noise variances at the start, as a share of the columns' variances; another start may find a better optimum.",
            new(0, 1) { IsAboveLeast = true }, o => o.InitialNoiseShare, (o, v) => o with { InitialNoiseShare = v }),
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Set.VarianceFloor(new(1e-12, 0.1), o => o.VarianceFloor, (o, v) => o with { VarianceFloor = v }),
        Set.OnlyLikelihood("gaussian"),
        Set.Scale(o => o.Scaling, (o, v) => o with { Scaling = v }),
    ];

    /// <summary>The entry.</summary>
    public static ModelFamily Entry { get; } = ModelFamily.Of(
        Name, "Factor analysis: one noise variance per column", "Factor analysis", new FactorAnalysisOptions { Latents = 0 }, Settings,
        options => new FactorAnalysisTrainer(options), FactorAnalysisFile.Read);
}
