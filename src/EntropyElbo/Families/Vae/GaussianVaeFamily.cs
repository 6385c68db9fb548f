using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Training;
using Set = EntropyElbo.Training.SettingsOf<EntropyElbo.Families.Vae.GaussianVaeOptions>;

namespace EntropyElbo.Families.Vae;

/// <summary>The entries of the VAEs in the table of families.</summary>
internal static class GaussianVaeFamily
{
    private static readonly NumberRange Widths = new(1, GaussianVaeOptions.MaxWidth);

    /// <summary>The settings of all members; each takes those that mean something to it.</summary>
    public static IReadOnlyList<Setting<GaussianVaeOptions>> Settings { get; } =
    [
        Set.Latents(o => o.Latents, (o, v) => o with { Latents = v }, GaussianVaeOptions.MaxWidth),
        Set.List(
            SettingNames.Hidden, "Hidden layer sizes of the encoder, as in 128,24; the decoder mirrors them; none for linear maps.",
            new(Widths, 0, GaussianVaeOptions.MaxHiddenLayers), o => o.Hidden, (o, v) => o with { Hidden = v }) with
        {
            IsCommon = true,
            Excludes = SettingNames.Image,
        },
        Set.List(
            "decoder-hidden", "Hidden layer sizes of the decoder, from the latents outward; none for an affine decoder.",
            new(Widths, 0, GaussianVaeOptions.MaxHiddenLayers), o => o.DecoderHidden, (o, v) => o with { DecoderHidden = v }) with
        {
            Default = "those of the encoder reversed",
            Excludes = SettingNames.Image,
        },
        .. ImageSettings,
        .. MinibatchSettingsHere.Where(s => s.Name != SettingNames.Seed),
        Set.Choice(
            "start", "How the networks start: at random, or at the closed-form solution of the affine decoder, expanded at the column "
                + "means or at 0.",
            [(NetworkStart.Random, "random"), (NetworkStart.AffineMaximumLikelihood, "affine"), (NetworkStart.AffineAtZero, "affine-at-zero")],
            o => o.Start, (o, v) => o with { Start = v }),
        Set.Real(
            "initial-log-variance", "V", "Where the logarithm of a learned decoder variance or dispersion starts.", new(-20, 20),
            o => o.InitialLogVariance, (o, v) => o with { InitialLogVariance = v }),
        Set.Real(
            "fixed-variance", "V", "The decoder variance.", new(1e-8, 1e8),
            o => o.FixedVariance, (o, v) => o with { FixedVariance = v }),
        Set.Choice(
            "variance-update", "How learned variances and scales are found: by gradient, or in closed form from the last batches.",
            [(VarianceUpdate.Gradient, "gradient"), (VarianceUpdate.ClosedForm, "closed-form")],
            o => o.VarianceUpdate, (o, v) => o with { VarianceUpdate = v }),
        Set.Choice(
            "variance-output", "How the outputs of the variance network become variances.",
            [
                (VarianceOutput.Exponential, "exponential"),
                (VarianceOutput.Softplus, "softplus"),
                (VarianceOutput.OffsetRelu, "offset-relu"),
            ],
            o => o.VarianceOutput, (o, v) => o with { VarianceOutput = v }),
        .. MinibatchSettingsHere.Where(s => s.Name == SettingNames.Seed),
        Set.Likelihood(
            name => ObservableLikelihood.Parse(name).Name, o => o.Likelihood.Name,
            (o, v) => o with { Likelihood = With(o.Likelihood, v) }),
        Set.Switch(
            "allow-fractions", "Bernoulli columns may hold any number from 0 to 1, grey values for example: a quasi-likelihood.",
            o => o.Likelihood.AllowFractions, (o, v) => o with { Likelihood = o.Likelihood with { AllowFractions = v } }),
        Set.Real(
            "activation-factor", "R", "rho of a linearly canonical activation of a likelihood that is not Gaussian.", new(0.01, 100),
            o => o.Likelihood.ActivationFactor, (o, v) => o with { Likelihood = o.Likelihood with { ActivationFactor = v } }),
        Set.Scale(
            o => o.Scaling, (o, v) => o with { Scaling = v }) with { Default = "minmax, or none where the likelihood is not gaussian" },
    ];

    /// <summary>The entries.</summary>
    public static IReadOnlyList<ModelFamily> Entries { get; } =
    [
        Entry(VaeVariant.FixedVariance, "Gaussian VAE with a fixed decoder variance"),
        Entry(VaeVariant.LearnedVariance, "Gaussian VAE with a learned decoder variance"),
        Entry(VaeVariant.LearnedPrior, "Gaussian VAE with learned prior variances"),
        Entry(VaeVariant.VariancePerColumn, "Gaussian VAE with a learned decoder variance per column"),
        Entry(VaeVariant.VarianceNetwork, "Gaussian VAE with a network for the decoder variances"),
        Entry(VaeVariant.SparsePrior, "Gaussian VAE with a Laplace prior of learned scales"),
    ];

    private static IEnumerable<Setting<GaussianVaeOptions>> MinibatchSettingsHere =>
        MinibatchSettings.In<GaussianVaeOptions>(o => o.Training, (o, v) => o with { Training = v });

    private static IEnumerable<Setting<GaussianVaeOptions>> ImageSettings =>
    [
        Set.Text(
            SettingNames.Image, "SHAPE",
            "Rows are images of that height, width and channels, as in 64x64x3 (64x64x3:planar: channel by channel): "
                + "the networks are then convolutional.",
            new("height, width and channels as in 64x64x3", text => ImageShape.Parse(text).ToString()), o => o.Images?.Shape?.ToString(),
            (o, v) => o with { Images = new ImageNetworks { Shape = ImageShape.Parse(v) } }) with { IsCommon = true },
        Set.List(
            SettingNames.Filters, "Filters of the encoder's convolutions, each halving the image; the decoder mirrors them.",
            new(new(1, ImageNetworks.MaxFilters), 1, ImageNetworks.MaxLayers),
            o => o.Images?.Filters, (o, v) => o with { Images = o.Images! with { Filters = v } }) with
        {
            IsCommon = true,
            Default = SettingType.Text(ImageNetworks.DefaultFilters),
            Needs = SettingNames.Image,
        },
        Set.Switch(
            SettingNames.Flips, "Turn images about their vertical axis at random while training.",
            o => o.Images?.HorizontalFlips, (o, v) => o with { Images = o.Images! with { HorizontalFlips = v } }) with
        {
            IsCommon = true,
            Default = "no",
            Needs = SettingNames.Image,
        },
    ];

    /// <summary>The tool's name of a member.</summary>
    public static string NameOf(VaeVariant variant) => variant switch
    {
        VaeVariant.FixedVariance => "vae-0",
        VaeVariant.LearnedVariance => "vae-1",
        VaeVariant.LearnedPrior => "vae-2",
        VaeVariant.VariancePerColumn => "vae-d",
        VaeVariant.VarianceNetwork => "vae-3",
        VaeVariant.SparsePrior => "sparse-vae",
        _ => throw new ArgumentOutOfRangeException(nameof(variant)),
    };

    private static ModelFamily Entry(VaeVariant variant, string summary)
    {
        GaussianVaeOptions basis = new() { Variant = variant, Latents = 0 };
        return ModelFamily.Of(
            NameOf(variant), summary, "Gaussian VAEs", basis, Settings.Where(s => Has(variant, s.Name)).Select(s => For(basis, s)),
            options => new GaussianVaeTrainer(options), (record, file) => GaussianVaeFile.Read(variant, record, file));
    }

    private static bool Has(VaeVariant variant, string setting) => setting switch
    {
        "start" => variant != VaeVariant.SparsePrior,
        "initial-log-variance" or "variance-update" => variant != VaeVariant.FixedVariance,
        "fixed-variance" => variant == VaeVariant.FixedVariance,
        "prior-weights" => variant is VaeVariant.LearnedPrior or VaeVariant.SparsePrior,
        "variance-output" => variant == VaeVariant.VarianceNetwork,
        "activation-factor" => TakesOthers(variant),
        "allow-fractions" => Takes(variant, ObservableLikelihood.Bernoulli),
        _ => true,
    };

    private static Setting<GaussianVaeOptions> For(GaussianVaeOptions basis, Setting<GaussianVaeOptions> setting) => setting.Name switch
    {
        SettingNames.Likelihood when !TakesOthers(basis.Variant) => Set.OnlyLikelihood(ObservableLikelihood.Gaussian.Name),
        SettingNames.Scale when !TakesOthers(basis.Variant) => setting with { Default = "minmax" },
        "initial-log-variance" => setting with { Default = SettingType.Text(basis.EffectiveInitialLogVariance) },
        _ => setting,
    };

    /// <summary>
    /// Whether a member takes a likelihood: one that is about decoder variances takes those that have a dispersion for each column.
    /// </summary>
    public static bool Takes(VaeVariant variant, ObservableLikelihood likelihood) => likelihood.IsGaussian
        || variant is VaeVariant.LearnedVariance or VaeVariant.LearnedPrior or VaeVariant.SparsePrior
        || (variant == VaeVariant.VariancePerColumn && likelihood.HasDispersion);

    private static bool TakesOthers(VaeVariant variant) => Takes(variant, ObservableLikelihood.Gamma);

    /// <summary>The likelihood of that name, with what else is said of one.</summary>
    private static ObservableLikelihood With(ObservableLikelihood settings, string name) => ObservableLikelihood.Parse(name) with
    {
        ActivationFactor = settings.ActivationFactor,
        AllowFractions = settings.AllowFractions,
    };
}
