using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Selection;

/// <summary>
/// The columns that candidates are compared on: those that vary in every part of the rows that is trained on. In the others
/// a density has no maximum, and each family's own floor would decide the comparison.
/// </summary>
/// <param name="Rows">The rows with these columns.</param>
/// <param name="IsPart">Whether columns were left out.</param>
/// <param name="Warning">What to tell the user, or null.</param>
internal sealed record ComparedColumns(IRowSource Rows, bool IsPart, string? Warning)
{
    private const int MaxNames = 8;

    /// <summary>Finds them, in a pass over the rows of each part that is trained on.</summary>
    /// <param name="rows">All rows.</param>
    /// <param name="trainers">The candidates' trainers; null for those whose options are refused.</param>
    /// <param name="options">How models are selected.</param>
    public static ComparedColumns Find(IRowSource rows, IReadOnlyList<ITrainer?> trainers, SelectionOptions options)
    {
        SortedSet<int> constant = [];
        foreach (IRowSource part in TrainingParts(rows, options))
        {
            constant.UnionWith(
                Scaling.Fit(new CheckedRows(part, options.MissingValues), ScalingKind.None, options.CancellationToken).ConstantColumns);
        }

        if (constant.Count == 0 || constant.Count == rows.Columns)
        {
            return new ComparedColumns(rows, false, null);
        }

        string names =
            $"{string.Join(", ", constant.Take(MaxNames).Select(d => rows.ColumnNames[d]))}{(constant.Count > MaxNames ? ", ..." : "")}";
        string fact = constant.Count == 1
            ? $"1 column is constant in rows that are trained on, {names}:"
            : $"{constant.Count} columns are constant in rows that are trained on, {names}:";
        if (trainers.Any(t => t is not null and not IColumnUse { HasPlaces: false }))
        {
            return new ComparedColumns(
                rows,
                false,
                $"{fact} kept, because a model speaks of columns by their place. Each model's own floor there is part of its score.");
        }

        IRowSource varying = new SelectedColumns(
            rows, ColumnSelection.Parse(string.Join(
                ',',
                Enumerable.Range(0, rows.Columns).Where(d => !constant.Contains(d)).Select(d => FormattableString.Invariant($"{d + 1}")))));
        return new ComparedColumns(
            varying,
            true,
            $"{fact} left out of the comparison, where each model's own floor would decide it. The best model is fitted with all columns.");
    }

    private static IEnumerable<IRowSource> TrainingParts(IRowSource rows, SelectionOptions options) => options switch
    {
        _ when !options.Criterion.IsHeldOut() => [rows],
        { Folds: { } folds } => Enumerable.Range(0, folds).Select(fold => RowSplit.Fold(rows, fold, folds, options.Seed).Training),
        _ => [RowSplit.ByFraction(rows, options.HeldOutShare ?? SelectionOptions.DefaultHeldOutShare, options.Seed).Training],
    };
}
