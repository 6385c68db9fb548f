using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>
/// Keeps densities and probabilities apart: a density of a column has no upper bound and moves with its unit, a probability
/// is at most 1, so a list of both ranks nothing.
/// </summary>
internal sealed class LikelihoodKinds(MixedLikelihoods policy)
{
    private (string Model, bool[] Probabilities)? _first;

    /// <summary>Why there are unlike likelihoods, or null while there are none.</summary>
    public string? Difference { get; private set; }

    /// <summary>Whether each kind is ranked by itself, and there is no best of all.</summary>
    public bool AreApart => Difference is not null && policy == MixedLikelihoods.Apart;

    /// <summary>What to tell the user, or null.</summary>
    public string? Warning => Difference is null ? null
        : AreApart ? $"Each kind of likelihood is ranked by itself, and none is best of all: {Difference}"
        : $"Scores of unlike likelihoods are in one list: {Difference}";

    /// <summary>Compares what is known of the candidates before any is fitted.</summary>
    /// <exception cref="BadOptionException">They differ, and that is refused.</exception>
    public void Compare(IReadOnlyList<SelectionCandidate> candidates, IReadOnlyList<ITrainer?> trainers, int columns)
    {
        for (int i = 0; i < candidates.Count; i++)
        {
            if (trainers[i] is IColumnUse use && Probabilities(use, columns) is { } known)
            {
                Compare(candidates[i].Family, known);
            }
        }
    }

    /// <summary>Compares a model with those before it.</summary>
    /// <exception cref="BadOptionException">They differ, and that is refused.</exception>
    public void Compare(string model, bool[] probabilities)
    {
        _first ??= (model, probabilities);
        (string other, bool[] others) = _first.Value;
        if (Difference is not null || others.AsSpan().SequenceEqual(probabilities))
        {
            return;
        }

        Difference = $"{other} gives {Words(others)}, {model} gives {Words(probabilities)}. A density has no upper bound and moves with "
            + $"the column's unit, a probability is at most 1.";
        if (policy == MixedLikelihoods.Refuse)
        {
            throw new BadOptionException(
                "mixed-likelihoods",
                $"These models cannot be ranked in one list: {Difference} Try models of one kind, or allow mixed likelihoods.");
        }
    }

    /// <summary>A kind in words: what scores of one list have in common.</summary>
    public static string Words(bool[] probabilities)
    {
        int count = probabilities.Count(p => p);
        return count == 0 ? "densities" : count == probabilities.Length ? "probabilities"
            : $"probabilities of columns {Places(probabilities)} and densities of the others";
    }

    private static string Places(bool[] probabilities) =>
        string.Join(
            ", ",
            Enumerable.Range(0, probabilities.Length).Where(d => probabilities[d]).Select(d => FormattableString.Invariant($"{d + 1}")));

    /// <summary>Null where the candidate is for other columns: its trial says so.</summary>
    private static bool[]? Probabilities(IColumnUse use, int columns)
    {
        try
        {
            return use.Probabilities(columns);
        }
        catch (BadOptionException)
        {
            return null;
        }
    }
}
