namespace EntropyElbo.Data.Csv;

/// <summary>How to read a CSV or TSV file. What is left null is detected.</summary>
public sealed record CsvOptions
{
    /// <summary>
    /// The character between cells. A space stands for runs of spaces and tabs. Null detects, from the first two lines: the first of
    /// tab, semicolon, bar and comma that both have equally often, unless its cells would hold several numbers; else runs
    /// of spaces where both lines then have as many cells; else the one that the first line has most of.
    /// </summary>
    public char? Delimiter { get; init; }

    /// <summary>
    /// The decimal sign, a point or a comma. Null detects from the first lines: a comma where chosen cells have one that
    /// cannot be a thousands separator, and none has a decimal point. Thousands separators are refused.
    /// </summary>
    public char? DecimalSign { get; init; }

    /// <summary>
    /// Whether the first line holds column names. Null decides by the chosen columns alone: it does where the selection
    /// names columns that are there; where a cell is text, unless other cells of it are numbers and the text goes on
    /// below; and where its cells are whole numbers that count up (0, 1, 2 or years) over columns with fractions.
    /// <see cref="RowSourceExtensions.Notes"/> says so where it is not plain.
    /// </summary>
    public bool? Header { get; init; }

    /// <summary>The columns to read, in this order; null reads all. Cells of other columns may hold any text.</summary>
    public ColumnSelection? Columns { get; init; }

    /// <summary>
    /// The column of weights of rows, by name or position; no data, whether it is among <see cref="Columns"/> or not. Null for none.
    /// <see cref="Formats.RowSources"/> gives rows these weights; <see cref="CsvRows"/> reads them as its last column, for
    /// <see cref="WeightedRows"/>.
    /// </summary>
    public string? Weight { get; init; }

    /// <summary>
    /// What stands for a missing value besides what always does (an empty cell, <c>?</c>, and in any case <c>NA</c>, <c>N/A</c>,
    /// <c>#N/A</c>, <c>&lt;NA&gt;</c>, <c>NaN</c>, <c>NULL</c>, <c>None</c>). Numbers such as -999 are compared by value.
    /// </summary>
    public IReadOnlyList<string> MissingTokens { get; init; } = [];
}
