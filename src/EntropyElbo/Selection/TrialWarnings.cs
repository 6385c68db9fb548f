using EntropyElbo.Models;

namespace EntropyElbo.Selection;

/// <summary>What a trial's fits know of themselves, brought together.</summary>
internal static class TrialWarnings
{
    /// <summary>The trial with the warnings of its fit, and of the fits of its folds.</summary>
    public static SelectionTrial Attach(SelectionTrial trial, IReadOnlyList<TrainingRecord> folds)
    {
        if (trial.Training is not { } whole)
        {
            return trial;
        }

        int loose = folds.Count(f => !f.Converged);
        IEnumerable<string> inFolds = folds.SelectMany(f => f.Warnings).Distinct().Except(whole.Warnings).Select(w => $"In a fold: {w}");
        IEnumerable<string> unconverged = loose > 0 && whole.Converged
            ? [$"The fits of {loose} of {folds.Count} folds did not converge."]
            : [];
        return trial with
        {
            Warnings = [.. whole.Warnings, .. inFolds, .. unconverged],
            IsAtFloor = whole.IsAtFloor || folds.Any(f => f.IsAtFloor),
        };
    }
}
