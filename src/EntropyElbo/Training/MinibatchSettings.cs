using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Training.MinibatchOptions>;

namespace EntropyElbo.Training;

/// <summary>The settings of minibatch training, for the families that are trained so.</summary>
internal static class MinibatchSettings
{
    private const string ScheduleName = "kl-schedule";
    private const string AnnealingName = "entropy-annealing";

    /// <summary>The settings, bound to the options of minibatch training.</summary>
    public static IReadOnlyList<Setting<MinibatchOptions>> All { get; } =
    [
        Set.Epochs(o => o.Epochs, (o, v) => o with { Epochs = v }) with
        {
            Default = $"enough for {MinibatchOptions.DefaultUpdates} updates, "
                + $"between {MinibatchOptions.LeastEpochs} and {MinibatchOptions.MostEpochs}",
        },
        Set.Batch(MinibatchOptions.MaxBatchSize, o => o.BatchSize, (o, v) => o with { BatchSize = v }),
        Set.LearningRate(o => o.LearningRate, (o, v) => o with { LearningRate = v }),
        Set.Real(
            SettingNames.Beta, "B", "Weight of the KL term while training; reports show the un-weighted ELBO.", new(0),
            o => o.KlWeight.Weight, (o, v) => o with { KlWeight = o.KlWeight with { Weight = v } }) with { IsCommon = true },
        Set.Choice(
            ScheduleName, "Course of the KL term's weight: the same throughout, a linear rise, or cycles of rise and rest.",
            [(KlScheduleKind.Constant, "constant"), (KlScheduleKind.WarmUp, "warm-up"), (KlScheduleKind.Cyclical, "cyclical")],
            o => o.KlWeight.Kind, (o, v) => o with { KlWeight = o.KlWeight with { Kind = v } }),
        Set.Real(
            "kl-start", "B", "Weight of the KL term that a rise starts from.", new(0),
            o => o.KlWeight.StartWeight, (o, v) => o with { KlWeight = o.KlWeight with { StartWeight = v } }) with { Needs = ScheduleName },
        Set.Whole(
            "kl-epochs", "E", "Epochs of the KL term's warm-up, or of one cycle.", new(1, 1_000_000),
            o => o.KlWeight.Epochs, (o, v) => o with { KlWeight = o.KlWeight with { Epochs = v } }) with { Needs = ScheduleName },
        Set.Whole(
            "kl-cycles", "N", "Cycles of the KL term's weight, after which it stays.", new(1, 1000),
            o => o.KlWeight.Cycles, (o, v) => o with { KlWeight = o.KlWeight with { Cycles = v } }) with
        {
            Needs = ScheduleName,
            NeededValue = "cyclical",
        },
        Set.Choice(
            AnnealingName, "Entropy annealing: weights of prior, likelihood or both over the first epochs, which end at 1.",
            [
                (EntropyAnnealingKind.None, "none"), (EntropyAnnealingKind.Prior, "prior"), (EntropyAnnealingKind.Likelihood, "likelihood"),
                (EntropyAnnealingKind.Tempering, "tempering"),
                (EntropyAnnealingKind.Amortised, "amortised"),
                (EntropyAnnealingKind.Custom, "custom"),
            ],
            o => Annealing(o).Kind, (o, v) => o with { Annealing = Annealing(o) with { Kind = v } }),
        Set.Whole(
            "annealing-epochs", "E", "Epochs that each value of the annealed weights lasts.", new(1, 1_000_000),
            o => Annealing(o).EpochsPerValue, (o, v) => o with { Annealing = Annealing(o) with { EpochsPerValue = v } }) with { Needs =
                AnnealingName },
        Weights("prior-weights", "prior", a => a.PriorWeights, (a, w) => a with { PriorWeights = w }),
        Weights("likelihood-weights", "likelihood", a => a.LikelihoodWeights, (a, w) => a with { LikelihoodWeights = w }),
        Set.Whole(
            "training-samples", "L", "Draws of the latents a row in every update.", new(1, 1000), o =>
                o.Samples, (o, v) => o with { Samples = v }),
        Set.Choice(
            "objective",
            "What is made of a row's draws: the mean of their ELBOs, or the logarithm of the mean of their importance weights.",
            [(TrainingObjective.Elbo, "elbo"), (TrainingObjective.ImportanceWeighted, "importance-weighted")],
            o => o.Objective, (o, v) => o with { Objective = v }),
        Set.Real(
            "settle-share", "S", "Share of the epochs over which the learning rate falls to 0 at the end.",
            new(0, 1) { IsBelowMost = true },
            o => o.SettleShare, (o, v) => o with { SettleShare = v }),
        Set.StationarityTolerance(o => o.StationarityTolerance, (o, v) => o with { StationarityTolerance = v }),
        Set.Whole(
            "early-stopping", "E",
            "Epochs without a better ELBO of the test rows after which training settles and ends with the best parameters; 0 for none.",
            new(0), o => o.EarlyStoppingPatience, (o, v) => o with { EarlyStoppingPatience = v }) with
        {
            Default =
                $"with --test-fraction {StationarityRule.WindowUpdates} updates, {StationarityRule.WindowEpochs} epochs at least; else 0",
        },
        Set.Seed(o => o.Seed, (o, v) => o with { Seed = v }),
    ];

    /// <summary>The settings, bound to options that hold those of minibatch training.</summary>
    public static IEnumerable<Setting<TOptions>> In<TOptions>(
        Func<TOptions, MinibatchOptions> get, Func<TOptions, MinibatchOptions, TOptions> set) =>
        All.Select(s => s.In(get, set));

    private static EntropyAnnealing Annealing(MinibatchOptions options) => options.Annealing ?? new();

    private static Setting<MinibatchOptions> Weights(
        string name, string part, Func<EntropyAnnealing, IReadOnlyList<double>> get, Func<EntropyAnnealing, double[], EntropyAnnealing> set) =>
        Set.Text(
            name, "W,W,...", $"Weights of the {part} in a custom course, one after the other, as in 4,2,1; they end at 1.",
            new("numbers separated by commas, such as 4,2,1", text => EntropyAnnealing.Text(EntropyAnnealing.Parse(name, text))),
            o => get(Annealing(o)) is { Count: > 0 } weights ? EntropyAnnealing.Text(weights) : null,
            (o, v) => o with { Annealing = set(Annealing(o), EntropyAnnealing.Parse(name, v)) }) with
        {
            Default = "1 throughout",
            Needs = AnnealingName,
            NeededValue = "custom",
        };
}
