using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Networks;

namespace EntropyElbo.Families.Vae.Networks;

/// <summary>The members of the family (D Definitions 1 to 3): what is learned beside the networks.</summary>
public enum VaeVariant
{
    /// <summary>VAE-0: prior N(0, I), decoder variance fixed.</summary>
    FixedVariance,

    /// <summary>VAE-1: prior N(0, I), one decoder variance, learned.</summary>
    LearnedVariance,

    /// <summary>
    /// VAE-2: prior N(0, diag alpha^2), learned, with a first decoder layer of unit columns (D eq. 6); one decoder variance,
    /// learned.
    /// </summary>
    LearnedPrior,

    /// <summary>VAE-d: prior N(0, I), one decoder variance per column, learned (LW Prop. 4).</summary>
    VariancePerColumn,

    /// <summary>VAE-3: prior N(0, I), the decoder variances of every column a second network of the latents (D Definition 3).</summary>
    VarianceNetwork,

    /// <summary>
    /// Sparse VAE: Laplace prior with learned scales (V), with a first decoder layer of unit columns; one decoder variance,
    /// learned.
    /// </summary>
    SparsePrior,
}

/// <summary>The prior p(z), one part of a VAE.</summary>
internal enum PriorKind
{
    /// <summary>N(0, I).</summary>
    Standard,

    /// <summary>N(0, diag alpha^2), learned.</summary>
    Normal,

    /// <summary>Laplace distributions with learned scales.</summary>
    Laplace,
}

/// <summary>Where the variances of Gaussian columns come from, one part of a VAE.</summary>
internal enum SpreadKind
{
    /// <summary>One for all columns, which stays what it is.</summary>
    Fixed,

    /// <summary>One for all columns, learned.</summary>
    Shared,

    /// <summary>One for each column, learned.</summary>
    PerColumn,

    /// <summary>A second network of the latents.</summary>
    Network,
}

/// <summary>The parts that a VAE is put together from; everything but names and options speaks of parts.</summary>
/// <param name="Prior">The prior.</param>
/// <param name="Spread">The variances of Gaussian columns.</param>
/// <param name="Columns">Observed columns, D.</param>
/// <param name="Latents">Latents, H.</param>
/// <param name="Hidden">Hidden layer sizes of the encoder; the decoder has them reversed unless it is given its own.</param>
internal sealed record VaeArchitecture(PriorKind Prior, SpreadKind Spread, int Columns, int Latents, IReadOnlyList<int> Hidden)
{
    private static readonly (VaeVariant Variant, PriorKind Prior, SpreadKind Spread)[] Named =
    [
        (VaeVariant.FixedVariance, PriorKind.Standard, SpreadKind.Fixed),
        (VaeVariant.LearnedVariance, PriorKind.Standard, SpreadKind.Shared),
        (VaeVariant.LearnedPrior, PriorKind.Normal, SpreadKind.Shared),
        (VaeVariant.VariancePerColumn, PriorKind.Standard, SpreadKind.PerColumn),
        (VaeVariant.VarianceNetwork, PriorKind.Standard, SpreadKind.Network),
        (VaeVariant.SparsePrior, PriorKind.Laplace, SpreadKind.Shared),
    ];

    /// <summary>The parts of a named member of the family.</summary>
    public VaeArchitecture(VaeVariant variant, int columns, int latents, IReadOnlyList<int> hidden)
        : this(
            Array.Find(
                Named, n => n.Variant == variant).Prior, Array.Find(Named, n => n.Variant == variant).Spread, columns, latents, hidden)
    {
    }

    /// <summary>The member of the family that these parts make.</summary>
    public VaeVariant Variant => Array.Find(Named, n => n.Prior == Prior && n.Spread == Spread).Variant;

    /// <summary>The observable distribution.</summary>
    public ObservableLikelihood Likelihood { get; init; } = ObservableLikelihood.Gaussian;

    /// <summary>Whether the prior's scales are learned, which the unit columns of the first decoder layer make identifiable.</summary>
    public bool HasLearnedPrior => Prior != PriorKind.Standard;

    /// <summary>Hidden layer sizes of the decoder, from the latents outward.</summary>
    public IReadOnlyList<int> DecoderHidden { get; init; } = [.. Hidden.Reverse()];

    /// <summary>How the outputs of VAE-3's variance network become variances.</summary>
    public VarianceOutput VarianceOutput { get; init; }

    /// <summary>What makes the networks convolutional, in place of hidden layers; or null.</summary>
    public ImageNetworks? Images { get; init; }
}
