namespace EntropyElbo.Models;

/// <summary>
/// How a column of text became columns of numbers: one a value, 1 where the row has it, else 0 (one-hot). Kept with a model, so that new
/// rows are encoded alike. A value that is not listed gives 0 in all of them.
/// </summary>
/// <param name="Column">The column of text.</param>
/// <param name="Values">Its values, in the order of the columns.</param>
public sealed record CategoricalColumn(string Column, IReadOnlyList<string> Values)
{
    /// <summary>The names of the columns, <c>COLUMN=VALUE</c>.</summary>
    public IEnumerable<string> Names => Values.Select(value => $"{Column}={value}");

    /// <summary>The names that a table of text has where its encodings have these: the columns of each are its one column of text.</summary>
    internal static IEnumerable<string> TextNames(IReadOnlyList<string> names, IReadOnlyList<CategoricalColumn> encodings)
    {
        Dictionary<string, string> encoded = encodings.SelectMany(e => e.Names.Select(n => (n, e.Column))).ToDictionary(p => p.n, p => p.Column);
        return names.Select(name => encoded.GetValueOrDefault(name, name)).Distinct();
    }
}
