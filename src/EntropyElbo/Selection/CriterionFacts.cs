using EntropyElbo.Reports;

namespace EntropyElbo.Selection;

/// <summary>What is to be known of each criterion: its name, its direction, and how it is computed.</summary>
internal static class CriterionFacts
{
    private static readonly (SelectionCriterion Criterion, string Name)[] Table =
    [
        (SelectionCriterion.Bic, "bic"),
        (SelectionCriterion.Aic, "aic"),
        (SelectionCriterion.Icl, "icl"),
        (SelectionCriterion.EntropyBic, "entropy-bic"),
        (SelectionCriterion.HeldOut, "held-out"),
        (SelectionCriterion.ImportanceWeighted, "importance-weighted"),
    ];

    /// <summary>The names, as the tool has them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(n => n.Name)];

    /// <summary>The criterion of a name.</summary>
    public static SelectionCriterion Parse(string name) => Table.First(n => n.Name == name).Criterion;

    /// <summary>The name of a criterion.</summary>
    public static string Name(this SelectionCriterion criterion) => Table.First(n => n.Criterion == criterion).Name;

    /// <summary>Whether models are compared on rows that they were not trained on; higher is better then.</summary>
    public static bool IsHeldOut(this SelectionCriterion criterion) =>
        criterion is SelectionCriterion.HeldOut or SelectionCriterion.ImportanceWeighted;

    /// <summary>The value of a criterion; null where a trial lacks what it is made of.</summary>
    public static double? Score(this SelectionCriterion criterion, SelectionTrial trial) => criterion switch
    {
        SelectionCriterion.Bic => trial.Report?.Bic,
        SelectionCriterion.Aic => trial.Report?.Aic,
        SelectionCriterion.Icl => trial.Report?.Icl,
        SelectionCriterion.EntropyBic => trial.Report?.EntropyBic,
        SelectionCriterion.HeldOut => trial.HeldOut?.Elbo,
        SelectionCriterion.ImportanceWeighted => trial.HeldOutLogLikelihood?.Value,
        _ => throw new ArgumentOutOfRangeException(nameof(criterion)),
    };

    /// <summary>Standard error of a held-out score over rows; 0 for the others.</summary>
    public static double ScoreError(this SelectionCriterion criterion, SelectionTrial trial) => criterion switch
    {
        SelectionCriterion.HeldOut => trial.HeldOut!.StandardError,
        SelectionCriterion.ImportanceWeighted => trial.HeldOutLogLikelihood!.StandardError,
        _ => 0,
    };

    /// <summary>What is to be known of a score, beside what the fit says.</summary>
    public static IEnumerable<string> Cautions(this SelectionCriterion criterion, SelectionTrial trial)
    {
        const double farFromStationary = 0.01;
        if (criterion == SelectionCriterion.EntropyBic && trial.Report is { } report
            && report.Summary.RelativeGap > farFromStationary)
        {
            ElboReport elbo = report.Summary;
            yield return FormattableString.Invariant(
                $"The sum of entropies is {elbo.EntropySum - elbo.Elbo:G3} nats from the ELBO: this fit is not stationary, and its entropy-BIC says little. Train longer, or compare by bic.");
        }
    }

    /// <summary>What is to be known of the comparison as a whole, or null.</summary>
    public static string? Caution(this SelectionCriterion criterion, IReadOnlyCollection<SelectionTrial> trials)
    {
        string[] continuous = [.. trials.Where(t => t.Succeeded && !t.HasDiscreteLatents).Select(t => t.Candidate.Family).Distinct()];
        if (criterion != SelectionCriterion.Icl || continuous.Length == 0)
        {
            return null;
        }

        bool mixed = trials.Any(t => t.Succeeded && t.HasDiscreteLatents);
        return $"The ICL of {string.Join(", ", continuous)} has the differential entropy of continuous latents, which goes with the unit "
            + $"that the prior gives them{(mixed ? " and does not compare with that of components" : "")}; bic has no such unit.";
    }
}
