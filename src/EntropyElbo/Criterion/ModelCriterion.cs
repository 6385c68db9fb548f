namespace EntropyElbo.Criterion;

/// <summary>
/// The criterion for a trained model, in each representation that the reports of its family speak of. The answer depends on the
/// representation: a VAE-0 fails with both of a normal distribution's natural parameters, and holds with its known variance in the
/// base measure. <see cref="ToString"/> explains it.
/// </summary>
/// <remarks>
/// Whole layers, and all variances together, move by one factor or shift each. What holds so holds for all parameters; that a form
/// fails is said of these directions.
/// </remarks>
public sealed record ModelCriterion
{
    /// <summary>The tool's name of the family.</summary>
    public required string Family { get; init; }

    /// <summary>
    /// With a constant base measure: the sum is one of entropies. Null for distributions that have none such, Poisson and binomial
    /// ones.
    /// </summary>
    public required CriterionResult? Entropies { get; init; }

    /// <summary>
    /// With a base measure that holds all that no parameter need scale: the sum is one of pseudo entropies. Null where the family
    /// has no such form.
    /// </summary>
    public required CriterionResult? PseudoEntropies { get; init; }

    /// <summary>Whether the ELBO equals one of the sums at stationary points.</summary>
    public bool Holds => Entropies is { Holds: true } || PseudoEntropies is { Holds: true };

    /// <inheritdoc/>
    public override string ToString() => string.Join(
        Environment.NewLine,
        new[] { ("entropies", Entropies), ("pseudo entropies", PseudoEntropies) }
            .Where(form => form.Item2 is not null).Select(form => $"{Family}, sum of {form.Item1}:{Environment.NewLine}{form.Item2}"));
}
