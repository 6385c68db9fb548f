using EntropyElbo.Data;

namespace EntropyElbo.Training;

/// <summary>Names that code speaks of; all other settings are named in the list of their family only.</summary>
internal static class SettingNames
{
    public const string Latents = "latents";
    public const string Components = "components";
    public const string Hidden = "hidden";
    public const string Image = "image";
    public const string Filters = "filters";
    public const string Flips = "flips";
    public const string Epochs = "epochs";
    public const string Batch = "batch";
    public const string LearningRate = "learning-rate";
    public const string Beta = "beta";
    public const string Likelihood = "likelihood";
    public const string Restarts = "restarts";
    public const string Smoothing = "smoothing";
    public const string Scale = "scale";
    public const string Seed = "seed";

    /// <summary>The tool's option of a model to start from; no setting.</summary>
    public const string From = "from";
}

/// <summary>Words for the kinds of scaling.</summary>
internal static class ScalingWords
{
    public static IReadOnlyList<(ScalingKind Value, string Word)> All { get; } =
        [(ScalingKind.None, "none"), (ScalingKind.MinMax, "minmax"), (ScalingKind.Standard, "standard")];

    /// <summary>The word of a kind; a value that is none has a number, which is refused as any other word.</summary>
    public static string Of(ScalingKind kind) => All.Where(w => w.Value == kind).Select(w => w.Word).FirstOrDefault() ?? kind.ToString();
}

/// <content>Settings that several families have, with one name and help.</content>
internal static partial class SettingsOf<TOptions>
{
    private const int MostEpochs = 10_000_000;
    private const string LikelihoodHelp =
        "Observable distribution: gaussian, bernoulli, binomial:N, poisson, continuous-bernoulli or gamma, where the model has the choice.";

    /// <summary>The number of latents.</summary>
    public static Setting<TOptions> Latents(Func<TOptions, int?> get, Func<TOptions, int, TOptions> set, int most = int.MaxValue) =>
        Whole(SettingNames.Latents, "H", "Number of latents.", new(1, most == int.MaxValue ? double.PositiveInfinity : most), get, set) with
        {
            IsCommon = true,
            IsRequired = true,
            CountsLatents = true,
        };

    /// <summary>The limit of epochs or iterations.</summary>
    public static Setting<TOptions> Epochs(Func<TOptions, int?> get, Func<TOptions, int, TOptions> set, int most = MostEpochs) =>
        Whole(SettingNames.Epochs, "E", "Passes over the rows, or iterations, at most.", new(1, most), get, set) with { IsCommon = true };

    /// <summary>Rows of a batch.</summary>
    public static Setting<TOptions> Batch(int most, Func<TOptions, int?> get, Func<TOptions, int, TOptions> set) =>
        Whole(SettingNames.Batch, "B", "Rows per parameter update.", new(1, most), get, set) with { IsCommon = true };

    /// <summary>The learning rate.</summary>
    public static Setting<TOptions> LearningRate(Func<TOptions, double?> get, Func<TOptions, double, TOptions> set) =>
        Real(SettingNames.LearningRate, "R", "Learning rate of Adam.", new(0, 1) { IsAboveLeast = true }, get, set) with
        {
            IsCommon = true,
        };

    /// <summary>Which share of the ELBO counts as no change.</summary>
    public static Setting<TOptions> StationarityTolerance(Func<TOptions, double?> get, Func<TOptions, double, TOptions> set) =>
        Real(
            "stationarity-tolerance", "T",
            "Share of the ELBO below which changes and residuals count as none, and training has converged; 0 trains to the limit.",
            new(0, 1) { IsBelowMost = true }, get, set);

    /// <summary>The least variance.</summary>
    public static Setting<TOptions> VarianceFloor(NumberRange range, Func<TOptions, double?> get, Func<TOptions, double, TOptions> set) =>
        Real(
            "variance-floor", "F", "Least variance, as a share of that of the columns; where it is active the model's warnings say so.",
            range, get, set);

    /// <summary>The scaling of the columns.</summary>
    public static Setting<TOptions> Scale(Func<TOptions, ScalingKind?> get, Func<TOptions, ScalingKind, TOptions> set) =>
        Choice(SettingNames.Scale, "Scaling of the columns, kept in the model.", ScalingWords.All, get, set) with { IsCommon = true };

    /// <summary>The seed.</summary>
    public static Setting<TOptions> Seed(Func<TOptions, ulong> get, Func<TOptions, ulong, TOptions> set) =>
        new(
            SettingNames.Seed, new SeedType(), "S", "Seed of everything random.",
            options => get(options), (options, value) => set(options, (ulong)value))
        {
            IsCommon = true,
        };

    /// <summary>The observable distribution of a family that has but one.</summary>
    public static Setting<TOptions> OnlyLikelihood(string word) =>
        Only(SettingNames.Likelihood, "NAME", LikelihoodHelp, word) with { IsCommon = true };

    /// <summary>The observable distribution of a family that has the choice.</summary>
    public static Setting<TOptions> Likelihood(
        Func<string, string> normalise, Func<TOptions, string> get, Func<TOptions, string, TOptions> set) =>
        Text(
            SettingNames.Likelihood,
            "NAME",
            LikelihoodHelp,
            new("gaussian, bernoulli, binomial:N, poisson, continuous-bernoulli or gamma", normalise),
            get,
            set) with
        {
            IsCommon = true,
        };
}
