using EntropyElbo.Training;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.SigmoidBeliefNet.SigmoidBeliefNetOptions>;

namespace EntropyElbo.Families.SigmoidBeliefNet;

/// <summary>The entries of sigmoid belief nets in the table of families.</summary>
internal static class SigmoidBeliefNetFamily
{
    /// <summary>The tool's name of nets with one layer of latents.</summary>
    public const string Shallow = "sbn";

    /// <summary>The tool's name of nets with several.</summary>
    public const string Deep = "deep-sbn";

    /// <summary>The tool's name of nets with so many layers of latents.</summary>
    public static string NameOf(int depth) => depth == 1 ? Shallow : Deep;

    /// <summary>The settings, of shallow and deep nets.</summary>
    public static IReadOnlyList<Setting<SigmoidBeliefNetOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }, SigmoidBeliefNetOptions.MaxLatents),
        Set.List(
            SettingNames.Hidden, "Sizes of the deeper layers, the one next to the data's first.",
            new(new(1, SigmoidBeliefNetOptions.MaxLatents), 0, SigmoidBeliefNetOptions.MaxLatents),
            o => o.DeeperLayers, (o, v) => o with { DeeperLayers = v }) with
        {
            IsCommon = true,
            Default = "one of half the size",
        },
        Set.Epochs(o => o.Iterations, (o, v) => o with { Iterations = v }, 1_000_000),
        Set.Choice(
            "posterior",
            "States of the latents that stand for a row's posterior: all, the best found, or "
                + $"all up to {SigmoidBeliefNetOptions.AutomaticExactLatents} latents (automatic).",
            [(BeliefPosterior.Automatic, "automatic"), (BeliefPosterior.Exact, "exact"), (BeliefPosterior.Truncated, "truncated")],
            o => o.Posterior, (o, v) => o with { Posterior = v }),
        Set.Whole(
            "states", "S", "States kept per row by truncated posteriors.", new(1, SigmoidBeliefNetOptions.MaxStates),
            o => o.States, (o, v) => o with { States = v }),
        Set.Whole(
            "newton-steps", "N", "Newton steps of an M-step at most.", new(1, 1000),
            o => o.NewtonSteps, (o, v) => o with { NewtonSteps = v }) with
        {
            Default = $"{SigmoidBeliefNetOptions.ExactNewtonSteps} with exact posteriors, "
                + $"{SigmoidBeliefNetOptions.TruncatedNewtonSteps} with truncated ones",
        },
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Set.Seed(o => o.Seed, (o, v) => o with { Seed = v }),
        Set.OnlyLikelihood("bernoulli"),
        Set.Scale(o => o.Scaling, (o, v) => o with { Scaling = v }),
    ];

    /// <summary>The entry of shallow nets.</summary>
    public static ModelFamily ShallowEntry { get; } = Entry(
        Shallow, "Sigmoid belief net: binary latents, columns of 0 and 1",
        Settings.Where(s => s.Name != SettingNames.Hidden), options => options);

    /// <summary>The entry of deep nets.</summary>
    public static ModelFamily DeepEntry { get; } = Entry(
        Deep, "Deep sigmoid belief net: --latents nearest to the data, --hidden the deeper layers (default: one of half the size)",
        Settings, WithDeeperLayers);

    private static ModelFamily Entry(
        string name, string summary, IEnumerable<Setting<SigmoidBeliefNetOptions>> settings,
        Func<SigmoidBeliefNetOptions, SigmoidBeliefNetOptions> complete) =>
        ModelFamily.Of(
            name, summary, "Sigmoid belief nets", new SigmoidBeliefNetOptions { Latents = 0 }, settings,
            options => new SigmoidBeliefNetTrainer(complete(options)), SigmoidBeliefNetFile.Read);

    private static SigmoidBeliefNetOptions WithDeeperLayers(SigmoidBeliefNetOptions options) =>
        options.DeeperLayers.Count > 0 ? options : options with { DeeperLayers = [Math.Max(1, options.Latents / 2)] };
}
