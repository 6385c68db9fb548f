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

    /// <summary>VAE-2: prior N(0, diag alpha^2), learned, with a first decoder layer of unit columns (D eq. 6); one decoder variance, learned.</summary>
    LearnedPrior,

    /// <summary>VAE-d: prior N(0, I), one decoder variance per column, learned (LW Prop. 4).</summary>
    VariancePerColumn,

    /// <summary>VAE-3: prior N(0, I), the decoder variances of every column a second network of the latents (D Definition 3).</summary>
    VarianceNetwork,

    /// <summary>Sparse VAE: Laplace prior with learned scales (V), with a first decoder layer of unit columns; one decoder variance, learned.</summary>
    SparsePrior,
}

/// <summary>What fixes the shape of a VAE's parameters.</summary>
/// <param name="Variant">The member of the family.</param>
/// <param name="Columns">Observed columns, D.</param>
/// <param name="Latents">Latents, H.</param>
/// <param name="Hidden">Hidden layer sizes of the encoder; the decoder has them reversed unless it is given its own.</param>
internal sealed record VaeArchitecture(VaeVariant Variant, int Columns, int Latents, IReadOnlyList<int> Hidden)
{
    /// <summary>The observable distribution.</summary>
    public ObservableLikelihood Likelihood { get; init; } = ObservableLikelihood.Gaussian;

    /// <summary>Whether the prior's scales are learned, which the unit columns of the first decoder layer make identifiable.</summary>
    public bool HasLearnedPrior => Variant is VaeVariant.LearnedPrior or VaeVariant.SparsePrior;

    /// <summary>Hidden layer sizes of the decoder, from the latents outward.</summary>
    public IReadOnlyList<int> DecoderHidden { get; init; } = [.. Hidden.Reverse()];

    /// <summary>How the outputs of VAE-3's variance network become variances.</summary>
    public VarianceOutput VarianceOutput { get; init; }

    /// <summary>What makes the networks convolutional, in place of hidden layers; or null.</summary>
    public ImageNetworks? Images { get; init; }
}
