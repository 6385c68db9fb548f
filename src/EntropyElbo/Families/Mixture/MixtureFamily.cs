using EntropyElbo.Families.Mixture.Components;
using EntropyElbo.Training;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.Mixture.MixtureOptions>;

namespace EntropyElbo.Families.Mixture;

/// <summary>The entries of mixtures in the table of families.</summary>
internal static class MixtureFamily
{
    /// <summary>The settings.</summary>
    public static IReadOnlyList<Setting<MixtureOptions>> Settings { get; } =
    [
        Set.Whole(
            SettingNames.Components, "K", "Number of mixture components.", new(1, 1_000_000),
            o => o.Components, (o, v) => o with { Components = v }) with
        {
            IsCommon = true,
            IsRequired = true,
            CountsLatents = true,
        },
        Set.Epochs(o => o.Iterations, (o, v) => o with { Iterations = v }),
        Set.Batch(10_000_000, o => o.BatchSize, (o, v) => o with { BatchSize = v }) with { Default = "all rows" },
        Set.Whole(
            SettingNames.Restarts, "N", "Starting points of a mixture; the best after a few iterations goes on.", new(1, 10_000),
            o => o.Restarts, (o, v) => o with { Restarts = v }) with
        {
            IsCommon = true,
            Default = $"{MixtureOptions.DefaultRestarts}",
        },
        Set.Real(
            SettingNames.Smoothing, "A", "Pseudo-counts of a mixture's bernoulli, binomial, poisson and categorical columns.", new(0, 1e9),
            o => o.Smoothing, (o, v) => o with { Smoothing = v }) with
        {
            IsCommon = true,
            Default = "0, or 1 where models are selected by held-out rows",
        },
        Set.Whole(
            "kept-components", "K", "Components kept per row in the E-step, at most the number of components.", new(1, 1_000_000),
            o => o.KeptComponents, (o, v) => o with { KeptComponents = v }) with { Default = "all" },
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Set.VarianceFloor(new(1e-14, 1), o => o.VarianceFloor, (o, v) => o with { VarianceFloor = v }),
        Set.Seed(o => o.Seed, (o, v) => o with { Seed = v }),
        Set.Scale(o => o.Scaling, (o, v) => o with { Scaling = v }) with
        {
            Default = "minmax where all components are Gaussian, else none",
        },
    ];

    /// <summary>One entry per component family that needs no number.</summary>
    public static IReadOnlyList<ModelFamily> Entries { get; } =
        [.. MixtureSpecification.Families.Select(f => Entry(MixtureSpecification.Parse(f)))];

    /// <summary>
    /// The family of a mixture's full name, also <c>mixture:binomial:N</c> and column ranges; null where the name is no mixture's.
    /// </summary>
    /// <exception cref="BadOptionException">The name begins like a mixture's, but cannot be read.</exception>
    public static ModelFamily? Find(string name) => name.StartsWith(MixtureSpecification.Prefix, StringComparison.Ordinal)
        ? Entry(MixtureSpecification.Parse(name))
        : null;

    private static ModelFamily Entry(MixtureSpecification specification) => ModelFamily.Of(
        specification.Name, $"Mixture by EM, components {specification.Text}", "Mixtures",
        new MixtureOptions { Family = specification.Text, Components = 0 }, Settings,
        options => new MixtureTrainer(options), MixtureFile.Read);
}
