namespace EntropyElbo.Criterion;

/// <summary>
/// How a generative model writes the natural parameters of its two exponential families as functions of its own
/// parameters (LW Def. B): <c>zeta(Psi)</c> of the prior and <c>eta(z; Theta)</c> of the observable distribution, with the
/// parameter values and the latent points at which <see cref="ParameterizationCriterion"/> looks at them.
/// </summary>
/// <remarks>Natural parameters that are always 0, such as those of a mean held at 0, may be left out or returned as 0.</remarks>
public sealed record GenerativeParameterization
{
    /// <summary>zeta(Psi): prior parameters in, natural parameters of the prior out, always as many.</summary>
    public required Func<double[], double[]> Prior { get; init; }

    /// <summary>Psi: the values of the prior parameters, one at least.</summary>
    public required IReadOnlyList<double> PriorParameters { get; init; }

    /// <summary>eta(z; Theta): a latent point and the parameters in, natural parameters of the observable distribution out.</summary>
    public required Func<double[], double[], double[]> Observable { get; init; }

    /// <summary>Theta: the values of the parameters of the observable distribution, one at least.</summary>
    public required IReadOnlyList<double> ObservableParameters { get; init; }

    /// <summary>
    /// Latent points z: all of them where there are finitely many (a mixture's components, the states of a small belief
    /// net), else enough that the equations outnumber the parameters of the subset, spread over where the latents live.
    /// </summary>
    public required IReadOnlyList<double[]> Latents { get; init; }

    /// <summary>
    /// theta: indices into <see cref="ObservableParameters"/> of the subset to use in part B, or null for all. If the criterion
    /// holds for a subset, it holds for every larger one.
    /// </summary>
    public IReadOnlyList<int>? Subset { get; init; }

    /// <summary>
    /// The Jacobian of zeta, [natural parameters, prior parameters], or null to have it taken by differences.
    /// </summary>
    public Func<double[], double[,]>? PriorJacobian { get; init; }

    /// <summary>
    /// The Jacobian of eta with respect to all of Theta, [natural parameters, parameters], or null to have it taken by
    /// differences.
    /// </summary>
    public Func<double[], double[], double[,]>? ObservableJacobian { get; init; }

    /// <summary>Names of the parameters of the observable distribution, for explanations, or null.</summary>
    public IReadOnlyList<string>? ObservableNames { get; init; }

    /// <summary>
    /// For a prior that has no parameters, such as N(0, I): <see cref="PriorParameters"/> are then the scales that it would have,
    /// with their fixed values, and entry i here names the latents whose common factor parameter i is. Part A is then no longer
    /// about learning them: part S asks whether Theta can take such a factor over, for example in the first decoder layer (D
    /// Theorem 2). Null where the prior's parameters are learned.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>>? ScaledLatents { get; init; }

    /// <summary>
    /// log h(x; Theta), a row and the parameters in, where it is not constant; or null. What is in it need not be scaled by beta,
    /// but must not move with beta either: a known variance may stand here, a learned one only if its coefficient is 0.
    /// </summary>
    public Func<double[], double[], double>? LogBaseMeasure { get; init; }

    /// <summary>Rows x at which to evaluate <see cref="LogBaseMeasure"/>.</summary>
    public IReadOnlyList<double[]> Rows { get; init; } = [];

    /// <summary>
    /// Further layers of latents above the first, from below upward; empty for a model of one layer. The prior is that of the last.
    /// </summary>
    public IReadOnlyList<LayerParameterization> Layers { get; init; } = [];
}
