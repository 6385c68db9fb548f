using System.Text.RegularExpressions;

namespace EntropyElbo.DuckDB;

/// <summary>
/// Refuses statements that do more than read. They are SELECTs already, but DuckDB has functions that a SELECT can call and that write
/// files, such as enable_logging. They are looked for in the plan, where no name can hide behind a view, a macro or a text.
/// </summary>
internal static partial class StatementCheck
{
    /// <summary>Throws where the plan of a statement has such a function.</summary>
    public static void RequireReading(DuckSession session, string select, string source)
    {
        foreach (string? plan in session.Texts($"EXPLAIN (FORMAT json) {select}", source, column: 1))
        {
            if (Writer().Match(plan ?? "") is { Success: true } match)
            {
                throw new BadDataException($"{source} calls {match.Groups[1].Value}, which does more than read; leave it away.");
            }
        }
    }

    [GeneratedRegex(@"""name"":\s*""\s*((?:enable|disable|force|truncate|import|copy|export|install|load)_\w+|\w*checkpoint\w*)\s*""", RegexOptions.IgnoreCase)]
    private static partial Regex Writer();
}
