using EntropyElbo.Training;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.LinearVae.LinearVaeOptions>;

namespace EntropyElbo.Families.LinearVae;

/// <summary>The entry of the linear VAE in the table of families.</summary>
internal static class LinearVaeFamily
{
    /// <summary>The tool's name of the family.</summary>
    public const string Name = "linear-vae";

    private const string OptimizerName = "optimizer";
    private const string Adam = "adam";

    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting<LinearVaeOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }),
        Set.Epochs(o => o.Iterations, (o, v) => o with { Iterations = v }) with
        {
            Default = $"{LinearVaeOptions.DefaultIterations}, or {LinearVaeOptions.DefaultEpochs} with adam",
        },
        Set.Choice(
            OptimizerName, "L-BFGS on the ELBO of all rows, or Adam on that of minibatches.",
            [(LinearVaeOptimizer.LBfgs, "l-bfgs"), (LinearVaeOptimizer.Adam, Adam)], o => o.Optimizer, (o, v) => o with { Optimizer = v }),
        Set.Batch(1_000_000, o => o.BatchSize, (o, v) => o with { BatchSize = v }) with { Needs = OptimizerName, NeededValue = Adam },
        Set.LearningRate(o => o.LearningRate, (o, v) => o with { LearningRate = v }) with { Needs = OptimizerName, NeededValue = Adam },
        Set.Choice(
            "initialisation", "Where training starts: at small random weights, or at the closed-form optimum (with l-bfgs only).",
            [(LinearVaeInitialisation.Random, "random"), (LinearVaeInitialisation.ClosedForm, "closed-form")],
            o => o.Initialisation, (o, v) => o with { Initialisation = v }),
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Set.VarianceFloor(new(1e-14, 1), o => o.VarianceFloor, (o, v) => o with { VarianceFloor = v }),
        Set.Seed(o => o.Seed, (o, v) => o with { Seed = v }),
        Set.OnlyLikelihood("gaussian"),
        Set.Scale(o => o.Scaling, (o, v) => o with { Scaling = v }),
    ];

    /// <summary>The entry.</summary>
    public static ModelFamily Entry { get; } = ModelFamily.Of(
        Name, "Linear VAE: probabilistic PCA by gradient", "Linear VAE", new LinearVaeOptions { Latents = 0 }, Settings,
        options => new LinearVaeTrainer(options), LinearVaeFile.Read);
}
