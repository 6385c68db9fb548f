using System.Text.RegularExpressions;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>Which rows a command line asks for.</summary>
internal sealed partial record DataRequest
{
    private const string StandardInput = "standard input";

    /// <summary>The file, <c>-</c>, or the table of a database; null where there is a query.</summary>
    public string? Path { get; init; }

    /// <summary>A SELECT, or null.</summary>
    public string? Query { get; init; }

    /// <summary>A DuckDB database, or null.</summary>
    public string? Database { get; init; }

    /// <summary>Columns of text to encode.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    /// <summary>A column that names rows and is no data, by position or name; of what DuckDB reads. Null for none.</summary>
    public string? Label { get; init; }

    /// <summary>How text is read, and which columns of any format.</summary>
    public required CsvOptions Csv { get; init; }

    /// <summary>What becomes of rows with missing values.</summary>
    public MissingValues Missing { get; init; }

    /// <summary>What messages call it.</summary>
    public string Shown => Query is not null ? "the query" : Path == "-" ? StandardInput : Path!;

    /// <summary>What a page calls it, so that it can be read again.</summary>
    public string Title => Query is not null ? Query + (Database is null ? "" : $" (database {FileName(Database)})")
        : Database is not null ? $"{Path} (database {FileName(Database)})"
        : FileName(Path!);

    /// <summary>What a command line names it by.</summary>
    public string[] Words =>
    [
        .. Query is null ? [Path!] : new[] { "--query", Query },
        .. Database is null ? [] : new[] { "--database", Database },
        .. Reading,
    ];

    /// <summary>How it is read, as the command line said; columns are found by the model's names.</summary>
    private IEnumerable<string> Reading => new[]
    {
        ("--delimiter", Csv.Delimiter switch { null => null, '\t' => "tab", ' ' => "space", char other => $"{other}" }),
        ("--decimal", Csv.DecimalSign switch { null => null, ',' => "comma", _ => "point" }),
        ("--header", Csv.Header switch { null => null, true => "yes", false => "no" }),
        ("--missing", Csv.MissingTokens.Count == 0 ? null : string.Join(',', Csv.MissingTokens)),
        ("--missing-entries", Missing == MissingValues.Marginal ? "marginal" : null),
        ("--weight", Csv.Weight),
    }.Where(option => option.Item2 is not null).SelectMany(option => new[] { option.Item1, option.Item2! })
        .Concat(Missing == MissingValues.SkipRow ? ["--skip-missing"] : []);

    /// <summary>Whether DuckDB reads it.</summary>
    public bool IsDuck => Query is not null || Database is not null || (Path != "-" && DuckData.Reads(Path!));

    /// <summary>The columns that a model was trained on, by name where all are there.</summary>
    public DataRequest WithColumnsOf(LatentModel model) => this with
    {
        Csv = Csv with { Columns = ColumnSelection.OfNamesElse(TextNames(model.ColumnNames, model.Encodings)) },
    };

    /// <summary>DuckDB encodes text itself; other data has the encoded columns.</summary>
    public IEnumerable<string> TextNames(IReadOnlyList<string> names, IReadOnlyList<CategoricalColumn> encodings) =>
        IsDuck ? CategoricalColumn.TextNames(names, encodings) : names;

    /// <summary>A file that is read alike.</summary>
    public DataRequest Beside(string path) => this with { Path = path, Query = null, Database = null, Categorical = [], Label = null };

    /// <summary>
    /// The files that are read and must not be written over. Of a query they are those that stand in it between quotes; what its
    /// patterns, views and macros name is not known.
    /// </summary>
    public (string What, string? Path)[] Files()
    {
        if (Database is not null || Query is not null)
        {
            IEnumerable<string> named = Quoted().Matches(Query ?? "").Select(match => match.Value[1..^1]).Where(File.Exists);
            return [.. Database is null ? [] : new[] { ("the database", (string?)Database) }, .. named.Select(p => ("a file of the query", (string?)p))];
        }

        return Path is null ? [] : [.. (Path.Length > 0 && Path != "-" ? DuckData.Expand(Path) : [Path]).Select(p => ("the data", (string?)p))];
    }

    [GeneratedRegex("'[^']+'|\"[^\"]+\"")]
    private static partial Regex Quoted();

    private static string FileName(string path) => System.IO.Path.GetFileName(path);
}
