using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Host;

/// <summary>Which rows a command line asks for.</summary>
internal sealed record DataRequest
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
    ];

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

    /// <summary>The files that are read and must not be written over; those that a query names are not known.</summary>
    public (string What, string? Path)[] Files()
    {
        if (Database is not null)
        {
            return [("the database", Database)];
        }

        return Path is null ? [] : [.. (Path.Length > 0 && Path != "-" ? DuckData.Expand(Path) : [Path]).Select(p => ("the data", (string?)p))];
    }

    private static string FileName(string path) => System.IO.Path.GetFileName(path);
}
