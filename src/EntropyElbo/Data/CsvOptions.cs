namespace EntropyElbo.Data;

/// <summary>How to read a CSV or TSV file. What is left null is detected.</summary>
public sealed record CsvOptions
{
    /// <summary>
    /// The character between cells; null detects comma, tab or semicolon: the first of tab, semicolon and comma that
    /// occurs equally often in the first two lines, else the one the first line has most of.
    /// </summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// Whether the first line holds column names; null means that it does where any of its cells is neither a number
    /// nor a missing value. Give <see langword="false"/> for a table with a text column and no names.
    /// </summary>
    public bool? Header { get; init; }

    /// <summary>The columns to read, in this order; null reads all. Cells of other columns may hold any text.</summary>
    public ColumnSelection? Columns { get; init; }
}
