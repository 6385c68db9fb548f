using System.Numerics.Tensors;
using System.Text.Json.Serialization;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Reports;

/// <summary>Why training ended.</summary>
public enum StopReason
{
    /// <summary>The solution is in closed form; nothing was iterated.</summary>
    ClosedForm,

    /// <summary>Both residuals and the slope of the ELBO fell below their tolerances.</summary>
    Stationary,

    /// <summary>The epoch limit was reached.</summary>
    EpochLimit,

    /// <summary>The ELBO of the test rows stopped rising.</summary>
    EarlyStopping,

    /// <summary>
    /// The optimiser found no better parameters at the precision of the arithmetic, though a residual is above its tolerance.
    /// </summary>
    NoProgress,

    /// <summary>The time budget was spent.</summary>
    TimeLimit,

    /// <summary>Cancelled by the caller; the model is the one reached so far.</summary>
    Cancelled,
}

/// <summary>
/// The ELBO of a model on some rows, its sum of entropies, and the gap between the two split by cause. All values are
/// nats per row, higher is better for <see cref="Elbo"/>. At any parameter value
/// <c>Elbo = EntropySum - PriorResidual - NoiseResidual</c> (LW eq. 51 and 69), to rounding, for the same Monte-Carlo
/// draws; both residuals vanish at stationary points of training, so they measure the distance from convergence.
/// </summary>
/// <remarks>
/// Values refer to rows as the model sees them, after its scaling; add <see cref="Scaling.LogVolume"/> for a
/// density in the units of the data. Entropy sums describe the training rows (D footnote 2): on other rows only
/// <see cref="Elbo"/>, <see cref="Reconstruction"/> and <see cref="Kl"/> speak for the data.
/// </remarks>
public sealed record ElboReport
{
    /// <summary>The evidence lower bound, mean over rows.</summary>
    public required double Elbo { get; init; }

    /// <summary>Mean expected log-likelihood of the rows given their latents (S_rec in D eq. 23's notation).</summary>
    public required double Reconstruction { get; init; }

    /// <summary>Mean Kullback-Leibler divergence from the prior to the encoder distribution (minus S_reg).</summary>
    public required double Kl { get; init; }

    /// <summary>EncoderEntropy - PriorEntropy - DecoderEntropy + BaseMeasure.</summary>
    public double EntropySum => EncoderEntropy - PriorEntropy - DecoderEntropy + BaseMeasure;

    /// <summary>Mean entropy of the encoder (variational) distributions.</summary>
    public required double EncoderEntropy { get; init; }

    /// <summary>Entropy of the prior.</summary>
    public required double PriorEntropy { get; init; }

    /// <summary>Mean expected (pseudo) entropy of the observable distribution.</summary>
    public required double DecoderEntropy { get; init; }

    /// <summary>Mean log base measure; 0 where the base measure is constant.</summary>
    public required double BaseMeasure { get; init; }

    /// <summary>The prior's share of the gap: <c>zeta' (A'(zeta) - mean E T(z))</c>.</summary>
    public required double PriorResidual { get; init; }

    /// <summary>The observable distribution's share of the gap: <c>mean E eta(z)' (A'(eta(z)) - T(x))</c>.</summary>
    public required double NoiseResidual { get; init; }

    /// <summary>
    /// The part of <see cref="NoiseResidual"/> that pseudo-counts leave where training has become stationary; null without
    /// pseudo-counts, and where the rows are not those of training.
    /// </summary>
    public double? SmoothingResidual { get; init; }

    /// <summary>
    /// The second meter, by columns; null where the observable distribution has no free linear last layer, and in the files of
    /// older versions.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PseudoEntropyReport? PseudoEntropy { get; init; }

    /// <summary>
    /// Nats per row by which the best codes that start at the encoder's output are better than that; null where encoders are at
    /// their optimum, or where nothing better is at hand to measure them by.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? AmortisationGap { get; init; }

    /// <summary>|Elbo - EntropySum| / |Elbo|.</summary>
    public double RelativeGap => Math.Abs(Elbo - EntropySum) / Math.Abs(Elbo);

    /// <summary>Standard error of <see cref="Elbo"/> that comes from Monte-Carlo sampling; 0 where nothing is sampled.</summary>
    public required double StandardError { get; init; }

    /// <summary>Number of rows the report speaks for.</summary>
    public required long Rows { get; init; }

    /// <summary>
    /// What the weights of the rows sum to, the number of rows that BIC goes by; null where every row counts as one. All figures are
    /// means by these weights.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RowWeight { get; init; }

    /// <summary>The number of rows that sums over rows go by.</summary>
    [JsonIgnore]
    internal double CountedRows => RowWeight ?? Rows;

    /// <summary>Monte-Carlo samples per row; 0 where every expectation is in closed form.</summary>
    public required int Samples { get; init; }

    /// <summary>Something the reader must know to read the figures right, or null.</summary>
    public string? Remark { get; init; }

    /// <summary>Whether all figures are finite numbers.</summary>
    internal bool IsFinite => TensorPrimitives.IsFiniteAll(
        [Elbo, Reconstruction, Kl, EncoderEntropy, PriorEntropy, DecoderEntropy, BaseMeasure, PriorResidual, NoiseResidual, StandardError])
        && (PseudoEntropy is null || PseudoEntropy.IsFinite) && double.IsFinite(AmortisationGap ?? 0);
}

/// <summary>One latent (or one mixture component) of a report; nats.</summary>
public sealed record LatentReport
{
    /// <summary>Zero-based index of the latent.</summary>
    public required int Index { get; init; }

    /// <summary>Mean entropy of this latent's encoder distribution.</summary>
    public required double EncoderEntropy { get; init; }

    /// <summary>Entropy of this latent's prior.</summary>
    public required double PriorEntropy { get; init; }

    /// <summary>Mean Kullback-Leibler divergence of this latent.</summary>
    public required double Kl { get; init; }

    /// <summary>Variance over rows of the encoder mean (Burda et al. 2016), in units of the prior's variance.</summary>
    public required double Activity { get; init; }

    /// <summary>
    /// This latent's share of the prior residual, which vanishes by itself at a stationary point; null in files of older versions.
    /// </summary>
    public double? PriorResidual { get; init; }

    /// <summary>
    /// A mixture component's share of the noise residual, which vanishes by itself at a stationary point; null for latents.
    /// </summary>
    public double? NoiseResidual { get; init; }

    /// <summary>Collapsed by the entropy criterion (D eq. 24).</summary>
    public required bool CollapsedByEntropy { get; init; }

    /// <summary>Collapsed by the KL criterion (Lucas et al. 2019; D eq. 71 with its inequality put right).</summary>
    public required bool CollapsedByKl { get; init; }

    /// <summary>Collapsed by the activity criterion.</summary>
    public required bool CollapsedByActivity { get; init; }

    /// <summary>Whether all figures are finite numbers.</summary>
    internal bool IsFinite => TensorPrimitives.IsFiniteAll([EncoderEntropy, PriorEntropy, Kl, Activity]);
}

/// <summary>Number of collapsed latents, one count per criterion.</summary>
/// <param name="Entropy">By the entropy criterion (D eq. 24).</param>
/// <param name="Kl">By the KL criterion (Lucas et al. 2019).</param>
/// <param name="Activity">By the activity criterion (Burda et al. 2016).</param>
public sealed record CollapsedLatents(int Entropy, int Kl, int Activity);

/// <summary>Thresholds of the collapse criteria.</summary>
public sealed record CollapseThresholds
{
    /// <summary>
    /// delta of D eq. 24: a latent is collapsed when its mean encoder entropy exceeds its prior entropy minus this.
    /// Default 1/2 log(2 pi e) - 1, which puts the threshold for a standard normal prior at one nat. For components of mixtures and
    /// units of belief nets it is multiplied by their prior entropy over that of N(0, 1): the same share of it.
    /// </summary>
    public double EntropyMargin { get; init; } = SpecialFunctions.StandardNormalEntropy - 1;

    /// <summary>
    /// epsilon of Lucas et al.: a row counts as collapsed in a latent when its KL is less than this many nats above the least that
    /// the encoder's family can have: 0 for normal priors, <c>log(2 / pi) + 1/2</c> for a Laplace prior. Scaled as
    /// <see cref="EntropyMargin"/> for indicators.
    /// </summary>
    public double KlEpsilon { get; init; } = 0.01;

    /// <summary>delta of Lucas et al.: a latent is collapsed when at least this share short of all rows are.</summary>
    public double KlDelta { get; init; } = 0.01;

    /// <summary>
    /// A latent is collapsed when the variance of its encoder mean does not exceed this share of its prior's variance (Burda et
    /// al.).
    /// </summary>
    public double Activity { get; init; } = 0.01;
}

/// <summary>What <c>LatentModel.Evaluate</c> returns.</summary>
/// <param name="Summary">The report over all latents.</param>
/// <param name="Latents">One report per latent.</param>
/// <param name="FreeParameters">Number of free parameters of the generative model, as BIC and AIC count them.</param>
public sealed record Evaluation(
    [property: JsonPropertyName("elbo")] ElboReport Summary, IReadOnlyList<LatentReport> Latents, int FreeParameters)
{
    /// <summary>One report per column whose noise residual vanishes by itself; empty where one parameter serves all columns.</summary>
    public IReadOnlyList<ColumnReport> Columns { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Residuals of the conditionals of a net with several layers, that of the data first, the deepest layer's prior last; else
    /// empty.
    /// </summary>
    public IReadOnlyList<double> LayerResiduals { get; init => field = value ?? []; } = [];

    /// <summary>Sum of the sizes of the latents' prior residuals, which cannot cancel; nats per row.</summary>
    [JsonIgnore]
    public double PriorResidualSize => LayerResiduals.Count > 0
        ? LayerResiduals.Skip(1).Sum(Math.Abs)
        : Latents.Any(l => l.PriorResidual is not null)
        ? Latents.Sum(l => Math.Abs(l.PriorResidual ?? 0))
        : Math.Abs(Summary.PriorResidual);

    /// <summary>Sum of the sizes of the noise residuals that must vanish one by one, of columns or components; nats per row.</summary>
    [JsonIgnore]
    public double NoiseResidualSize => Columns.Count > 0 ? Columns.Sum(c => Math.Abs(c.NoiseResidual))
        : Latents.Any(l => l.NoiseResidual is not null) ? Latents.Sum(l => Math.Abs(l.NoiseResidual ?? 0))
        : Math.Abs(Summary.NoiseResidual);

    /// <summary>Whether all figures are finite numbers.</summary>
    internal bool IsFinite => Summary.IsFinite && Latents.All(l => l.IsFinite);

    /// <summary>Number of collapsed latents by each criterion.</summary>
    public CollapsedLatents Collapsed => new(
        Latents.Count(l => l.CollapsedByEntropy),
        Latents.Count(l => l.CollapsedByKl),
        Latents.Count(l => l.CollapsedByActivity));

    /// <summary>Bayesian information criterion, <c>-2 N L + P log N</c> with the ELBO for L; lower is better; nats for all rows.</summary>
    public double Bic => (-2.0 * Summary.CountedRows * Summary.Elbo) + (FreeParameters * Math.Log(Summary.CountedRows));

    /// <summary>
    /// Integrated completed likelihood (Biernacki, Celeux and Govaert 2000) on the scale of <see cref="Bic"/>: <c>BIC + 2 N H[q]</c>
    /// with the mean entropy of the rows' posteriors, so that latents that the rows leave open count against a model; lower is
    /// better. Where BIC is written for maximising, <c>2 N L - P log N</c>, it is that minus <c>2 N H[q]</c>. For components and
    /// units; the entropy of continuous latents is differential, and goes with the unit that the prior gives them.
    /// </summary>
    [JsonIgnore]
    public double Icl => Bic + (2.0 * Summary.CountedRows * Summary.EncoderEntropy);

    /// <summary>
    /// BIC with the sum of entropies for L (D section 4), <c>-2 N S + P log N</c>; lower is better. It is <see cref="Bic"/> at
    /// stationary points; elsewhere the two differ by <c>2 N</c> times the gap.
    /// </summary>
    [JsonIgnore]
    public double EntropyBic => (-2.0 * Summary.CountedRows * Summary.EntropySum) + (FreeParameters * Math.Log(Summary.CountedRows));

    /// <summary>Akaike information criterion, <c>-2 N L + 2 P</c> with the ELBO for L; lower is better; nats for all rows.</summary>
    public double Aic => (-2.0 * Summary.CountedRows * Summary.Elbo) + (2.0 * FreeParameters);
}
