using System.Globalization;

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
    /// <summary>Whether both parts hold at these parameter values: then the ELBO equals the entropy sum at stationary points (LW Theorem 1).</summary>
    public bool Holds => Prior.Holds && Observable.Holds;

    /// <summary>Part A: zeta lies in the column space of its Jacobian (LW eq. 10).</summary>
    public required CriterionPart Prior { get; init; }

    /// <summary>Part B: one beta, independent of z, takes the Jacobian of eta to eta for every z (LW eq. 11).</summary>
    public required CriterionPart Observable { get; init; }

    /// <summary>Largest relative residual that counts as 0.</summary>
    public required double Tolerance { get; init; }

    /// <summary>The result in words, a line for each thing to say.</summary>
    public required string Explanation { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Explanation;

    /// <summary>Words for two parts.</summary>
    internal static string Explain(CriterionPart prior, CriterionPart observable, double tolerance, IReadOnlyList<string>? names, bool worstKnown, int worstLatent, int worstNatural)
    {
        List<string> lines =
        [
            prior.Holds && observable.Holds
                ? "The parameterization criterion holds at these parameter values."
                : "The parameterization criterion does not hold.",
            Line("A (prior): zeta(Psi) = J alpha", prior, null),
            Line("B (observable): eta(z; Theta) = J(z) beta for all z", observable, names),
        ];
        if (!observable.Holds && worstKnown)
        {
            lines.Add($"B is missed most by natural parameter {worstNatural} at latent point {worstLatent}.");
        }

        if (observable.Holds && observable.IsSaturated)
        {
            lines.Add("B has as many equations as the Jacobian's rank, so any map would pass: this counts only if the latent points are all there are; else give more of them.");
        }

        if (Math.Max(prior.JacobianError, observable.JacobianError) > tolerance)
        {
            lines.Add("The Jacobian by differences is less exact than the tolerance: give the Jacobian, or scale the parameters to order 1.");
        }

        return string.Join(Environment.NewLine, lines);
    }

    private static string Line(string what, CriterionPart part, IReadOnlyList<string>? names)
    {
        const int shown = 8;
        IEnumerable<string> coefficients = part.Coefficients.Take(shown).Select((c, i) => string.Create(
            CultureInfo.InvariantCulture, $"{(names is null ? string.Empty : names[part.Subset[i]] + " ")}{c:G6}"));
        string tail = part.Coefficients.Count > shown ? ", ..." : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {(part.Holds ? "holds" : "fails")}, relative residual {part.RelativeResidual:G3}, {part.Equations} equations, {part.Coefficients.Count} parameters, rank {part.Rank}; coefficients [{string.Join(", ", coefficients)}{tail}]");
    }
}
