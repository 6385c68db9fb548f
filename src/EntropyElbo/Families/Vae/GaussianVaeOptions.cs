using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Vae;

/// <summary>How sigma^2, alpha^2 and lambda are found during training.</summary>
public enum VarianceUpdate
{
    /// <summary>By their gradient, like the networks.</summary>
    Gradient,

    /// <summary>
    /// By their optima for the last batches in closed form (D eq. 76; V Theorem 2), so that the networks are trained on the entropy
    /// sum alone. VAE-0 has no such variance, and a variance network only where its output is exponential.
    /// </summary>
    ClosedForm,
}

/// <summary>Options of a Gaussian VAE.</summary>
public sealed record GaussianVaeOptions
{
    /// <summary>Default of <see cref="InitialLogVariance"/>: the papers' guard against early collapse (D App. D.4).</summary>
    public const double DefaultInitialLogVariance = -9;

    /// <summary>
    /// Default of <see cref="InitialLogVariance"/> for VAE-3, whose variance network starts badly from far below
    /// (docs/experiments.md).
    /// </summary>
    public const double DefaultInitialLogVarianceOfNetwork = -3;

    /// <summary>Default of <see cref="FixedVariance"/>: a standard deviation of a tenth of a column scaled to [0, 1].</summary>
    public const double DefaultFixedVariance = 0.01;

    /// <summary>Most latents and most units of a layer.</summary>
    public const int MaxWidth = 65_536;

    /// <summary>Most hidden layers.</summary>
    public const int MaxHiddenLayers = 16;

    /// <summary>Default of <see cref="Hidden"/>.</summary>
    public static IReadOnlyList<int> DefaultHidden { get; } = [128, 64];

    /// <summary>The kind of VAE.</summary>
    public VaeVariant Variant { get; init; } = VaeVariant.LearnedVariance;

    /// <summary>Number of latents, H; 1 to 65,536.</summary>
    public required int Latents { get; init; }

    /// <summary>Hidden layer sizes of the encoder, from the rows inward; the decoder mirrors them. Empty for linear maps.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = DefaultHidden;

    /// <summary>
    /// Hidden layer sizes of the decoder, from the latents outward; null for those of the encoder reversed. Empty for an affine
    /// decoder.
    /// </summary>
    public IReadOnlyList<int>? DecoderHidden { get; init; }

    /// <summary>
    /// Convolutional networks, for rows that are images; <see cref="Hidden"/> and <see cref="DecoderHidden"/> then mean nothing.
    /// Null for perceptrons. The start is random. One scaling then serves all columns, so that pixels keep their proportions.
    /// </summary>
    public ImageNetworks? Images { get; init; }

    /// <summary>
    /// How the networks start; with <see cref="NetworkStart.AffineMaximumLikelihood"/> learned variances start at that solution's
    /// too.
    /// </summary>
    public NetworkStart Start { get; init; } = NetworkStart.Random;

    /// <summary>
    /// A model of the same family, columns, layers and likelihood whose parameters are the first, and whose scaling is kept; null for
    /// <see cref="Start"/>. The optimiser's running means of gradients begin anew.
    /// </summary>
    [JsonIgnore]
    public GaussianVaeModel? From { get; init; }

    /// <summary>
    /// Where the logarithm of a learned decoder variance starts, in squared units of the scaled columns; null for
    /// <see cref="DefaultInitialLogVariance"/> or, with VAE-3, <see cref="DefaultInitialLogVarianceOfNetwork"/>.
    /// </summary>
    public double? InitialLogVariance { get; init; }

    /// <summary>The initial log-variance in effect.</summary>
    internal double EffectiveInitialLogVariance =>
        InitialLogVariance ?? (Variant == VaeVariant.VarianceNetwork ? DefaultInitialLogVarianceOfNetwork : DefaultInitialLogVariance);

    /// <summary>The decoder variance of VAE-0, in squared units of the scaled columns.</summary>
    public double FixedVariance { get; init; } = DefaultFixedVariance;

    /// <summary>How learned variances and scales are found.</summary>
    public VarianceUpdate VarianceUpdate { get; init; } = VarianceUpdate.Gradient;

    /// <summary>How the outputs of VAE-3's variance network become variances; of no meaning for other variants.</summary>
    public VarianceOutput VarianceOutput { get; init; } = VarianceOutput.Exponential;

    /// <summary>
    /// The observable distribution. One that is not Gaussian has no variance, and goes with VAE-1, VAE-2 and the sparse VAE only, whose
    /// priors it then has; gamma columns, which have a dispersion in its place, go with VAE-d too, one dispersion per column.
    /// </summary>
    public ObservableLikelihood Likelihood { get; init; } = ObservableLikelihood.Gaussian;

    /// <summary>
    /// How the columns are scaled; the scaling becomes part of the model. Null: to [0, 1] for a Gaussian likelihood, not at
    /// all for others, which allow nothing else.
    /// </summary>
    public ScalingKind? Scaling { get; init; }

    /// <summary>The scaling in effect.</summary>
    internal ScalingKind EffectiveScaling => Scaling ?? (Likelihood.IsGaussian ? ScalingKind.MinMax : ScalingKind.None);

    /// <summary>Epochs, batches, learning rate, stopping.</summary>
    public MinibatchOptions Training { get; init; } = new();

    /// <summary>The shape of the parameters for rows of so many columns.</summary>
    /// <param name="columns">Columns of the rows.</param>
    internal VaeArchitecture Architecture(int columns) => new(Variant, columns, Latents, Hidden)
    {
        DecoderHidden = DecoderHidden ?? [.. Hidden.Reverse()],
        Likelihood = Likelihood,
        VarianceOutput = VarianceOutput,
        Images = Images,
    };

    /// <summary>Throws where a value is out of range.</summary>
    /// <exception cref="BadOptionException">The message names the option and its range.</exception>
    internal void Validate()
    {
        // First: messages of other checks name the variant.
        if (!Enum.IsDefined(Variant))
        {
            throw new BadOptionException("variant", $"'{Variant}' is no variant of the Gaussian VAE.");
        }

        GaussianVaeFamily.Settings.Check(this);
        ValidateStart("hidden", Hidden);
        ValidateStart("decoder-hidden", DecoderHidden ?? []);
        if (VarianceUpdate != VarianceUpdate.Gradient)
        {
            ValidateClosedForm();
        }

        ValidateImages();
        ValidateLikelihood();
        ValidateObjective();
        ValidateFrom();
    }

    /// <summary>Shape and likelihood must be the model's: they are compared as settings, by whose names messages speak.</summary>
    private void ValidateFrom()
    {
        if (From is null)
        {
            return;
        }

        ModelStart.RequireFamily(From, GaussianVaeFamily.NameOf(Variant));
        ModelStart.RequireScaling(From, Scaling);
        ModelStart.RequireAlone(From, "start", Start != NetworkStart.Random);
        ModelStart.RequireAlone(From, "initial-log-variance", InitialLogVariance is not null);
        bool isDense = Images is null && From.Images is null;
        GaussianVaeOptions asked = this with { DecoderHidden = Architecture(1).DecoderHidden };
        GaussianVaeOptions known = asked with
        {
            Latents = From.LatentDimension,
            Hidden = isDense ? From.Hidden : Hidden,
            DecoderHidden = isDense ? From.DecoderHidden : asked.DecoderHidden,
            Images = From.Images is { } images ? images with { HorizontalFlips = Images?.HorizontalFlips ?? false } : null,
            Likelihood = From.Likelihood,
            VarianceOutput = From.VarianceOutput,
            FixedVariance = IsFixedVarianceOf(From) ? FixedVariance : From.DecoderVariance,
        };
        foreach (Setting<GaussianVaeOptions> setting in GaussianVaeFamily.Settings)
        {
            ModelStart.RequireSame(From, setting.Name, setting.Get(known), setting.Get(asked));
        }
    }

    /// <summary>The model has the logarithm of its variance in single precision.</summary>
    private bool IsFixedVarianceOf(GaussianVaeModel model) =>
        Variant != VaeVariant.FixedVariance || (float)Math.Log(FixedVariance) == (float)Math.Log(model.DecoderVariance);

    private void ValidateObjective()
    {
        Training.Validate();
        if (Training.Annealing is { WeighsPriorAlone: true } && Variant is not (VaeVariant.LearnedPrior or VaeVariant.SparsePrior))
        {
            throw new BadOptionException(
                "entropy-annealing",
                $"The prior of the model {GaussianVaeFamily.NameOf(Variant)} has no scale, so its weight would change the unit of the "
                    + $"codes and nothing else; choose likelihood or tempering, or the models vae-2 or sparse-vae.");
        }
    }

    private void ValidateStart(string option, IReadOnlyList<int> hidden)
    {
        if (Start == NetworkStart.Random)
        {
            return;
        }

        foreach (int width in hidden.Where(width => width < 2 * Latents))
        {
            throw new BadOptionException(
                option, $"A hidden layer of {width} units cannot carry the start {Start}, which takes two units per latent: use "
                    + $"{2 * Latents} at least.");
        }

        if (Start == NetworkStart.AffineAtZero && Likelihood.Kind == LikelihoodKind.Gamma)
        {
            throw new BadOptionException(
                "start", $"Gamma columns have no expansion at 0; choose {nameof(NetworkStart.AffineMaximumLikelihood)}.");
        }

        if (Variant == VaeVariant.SparsePrior)
        {
            throw new BadOptionException(
                "start",
                $"There is no start '{Start}' for the model {GaussianVaeFamily.NameOf(Variant)}; choose {nameof(NetworkStart.Random)}.");
        }
    }

    private void ValidateImages()
    {
        if (Images is null)
        {
            return;
        }

        Images.Validate(Latents);
        if (Start != NetworkStart.Random)
        {
            throw new BadOptionException(
                "start", $"There is no start '{Start}' for convolutional networks; choose {nameof(NetworkStart.Random)}.");
        }

        long most = Math.Min(MinibatchOptions.MaxBatchSize, (int.MaxValue - 1024) / sizeof(float) / Images.Size(Latents).Map);
        if (Training.BatchSize < 2 || Training.BatchSize > most)
        {
            throw new BadOptionException(
                "batch", $"'batch' is {Training.BatchSize}; for these images it must be at least 2, since batches are normalised by their "
                    + $"own statistics, and at most {most}, for their maps to fit arrays.");
        }
    }

    private void ValidateClosedForm()
    {
        bool learnsNone = Variant == VaeVariant.FixedVariance
            || (!Likelihood.HasDispersion && Variant == VaeVariant.LearnedVariance)
            || (Variant == VaeVariant.VarianceNetwork && VarianceOutput != VarianceOutput.Exponential);
        if (VarianceUpdate != VarianceUpdate.ClosedForm || learnsNone)
        {
            throw new BadOptionException(
                "variance-update",
                $"The model {GaussianVaeFamily.NameOf(Variant)} with these options has no variance or scale with a closed form; choose "
                    + $"the update {nameof(VarianceUpdate.Gradient)}.");
        }
    }

    private void ValidateLikelihood()
    {
        if (Likelihood.AllowFractions && Likelihood.Name != ObservableLikelihood.Bernoulli.Name)
        {
            throw new BadOptionException(
                "allow-fractions", $"Fractions can be allowed under the likelihood bernoulli only, not under {Likelihood.Name}; leave the "
                    + $"option out.");
        }

        if (Likelihood.IsGaussian)
        {
            return;
        }

        if (!GaussianVaeFamily.Takes(Variant, Likelihood))
        {
            throw new BadOptionException(
                "likelihood",
                $"The model {GaussianVaeFamily.NameOf(Variant)} is about a decoder variance, which the likelihood {Likelihood.Name} does "
                    + $"not have; choose vae-1, or the likelihood gaussian.");
        }

        if (EffectiveScaling != ScalingKind.None)
        {
            throw new BadOptionException(
                "scale", $"Columns under the likelihood {Likelihood.Name} cannot be scaled; choose the scaling none.");
        }
    }
}

/// <summary>The options as the text that checkpoints compare: the serialiser's own defaults, by generated code.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(GaussianVaeOptions))]
internal sealed partial class GaussianVaeOptionsJson : JsonSerializerContext;
