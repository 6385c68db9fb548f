namespace EntropyElbo.Criterion;

/// <summary>One part of the criterion: whether some coefficients take the Jacobian to the natural parameters.</summary>
public sealed record CriterionPart
{
    /// <summary>Whether the equations have a solution, to the tolerance.</summary>
    public required bool Holds { get; init; }

    /// <summary>
    /// What the best coefficients leave of the natural parameters, as a share of their length:
    /// <c>|J c - eta| / |eta|</c>; 0 where they are all 0.
    /// </summary>
    public required double RelativeResidual { get; init; }

    /// <summary>The coefficients of least length: alpha(Psi) in part A, beta(Theta) in part B, one per parameter used.</summary>
    public required IReadOnlyList<double> Coefficients { get; init; }

    /// <summary>Indices of the parameters used.</summary>
    public required IReadOnlyList<int> Subset { get; init; }

    /// <summary>Equations: natural parameters, in part B times latent points.</summary>
    public required int Equations { get; init; }

    /// <summary>Rank of the Jacobian; below the number of parameters where some of them do the same.</summary>
    public required int Rank { get; init; }

    /// <summary>
    /// Whether there are no more equations than the Jacobian's rank, so that any map would pass. In part A, and in part B
    /// where the latent points are all there are, this is proof enough; else more latent points are needed.
    /// </summary>
    public bool IsSaturated => Rank == Equations;

    /// <summary>Estimated relative error of the Jacobian; 0 where it was given.</summary>
    public required double JacobianError { get; init; }
}

/// <summary>What <see cref="ParameterizationCriterion.Check"/> finds. <see cref="ToString"/> explains it.</summary>
public sealed record CriterionResult
{
    /// <summary>
    /// Whether all parts hold at these parameter values: then the ELBO equals the entropy sum at stationary points (LW Theorem 1).
    /// </summary>
    public bool Holds => Parts.All(p => p.Holds);

    /// <summary>Part A: zeta lies in the column space of its Jacobian (LW eq. 10).</summary>
    public required CriterionPart Prior { get; init; }

    /// <summary>Part B: one beta, independent of z, takes the Jacobian of eta to eta for every z (LW eq. 11).</summary>
    public required CriterionPart Observable { get; init; }

    /// <summary>Part B of each further layer of latents, in the order given; empty for a model of one layer.</summary>
    public IReadOnlyList<CriterionPart> Layers { get; init; } = [];

    /// <summary>
    /// Part S, where the prior has no parameters of its own: Theta can take over the latents' scale, so that the prior residual
    /// vanishes where encoder and Theta are stationary. Null where the prior has parameters.
    /// </summary>
    public CriterionPart? Symmetry { get; init; }

    /// <summary>
    /// Whether a base measure was given: the sum is then one of pseudo entropies, and the mean log base measure belongs to it.
    /// </summary>
    public bool UsesBaseMeasure { get; init; }

    /// <summary>Largest relative residual that counts as 0.</summary>
    public required double Tolerance { get; init; }

    /// <summary>The result in words, a line for each thing to say.</summary>
    public required string Explanation { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Explanation;

    /// <summary>All parts that were asked for.</summary>
    internal IEnumerable<CriterionPart> Parts => [Prior, Observable, .. Layers, .. Symmetry is null ? [] : new[] { Symmetry }];
}
