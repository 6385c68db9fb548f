using System.CommandLine;
using EntropyElbo.Cli.Host;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Commands;

/// <summary>What every command that reads rows takes: which columns, and how the file is written.</summary>
/// <param name="takesEntries">Whether missing values may be left out of their rows.</param>
/// <param name="takesQueries">Whether the command reads tables of any kind: queries, databases, text that is encoded.</param>
internal sealed class ReadingOptions(bool takesEntries = false, bool takesQueries = true)
{
    private readonly Option<string?> _columns = OptionParsers.Text(
        "--columns", "LIST", "The columns to use: positions from 1, ranges and names, as in 1-18 or a,b,c. Default: all.");

    private readonly Option<string?> _delimiter = OptionParsers.Text(
        "--delimiter", "CHAR", "What separates cells: a character, or comma, semicolon, tab, bar or space (runs of spaces and tabs). "
            + "Default: detected.");

    private readonly Option<string?> _decimal = OptionParsers.Text(
        "--decimal", "CHAR", "The decimal sign: point or comma, or . or , itself. Default: detected.");

    private readonly Option<string?> _header = OptionParsers.Text(
        "--header", "yes|no|auto", "Whether the first line holds column names. Default: auto, told from the chosen columns.");

    private readonly Option<string?> _missing = OptionParsers.Text(
        "--missing",
        "LIST",
        "What else stands for a missing value, as in -999,n.a.; empty cells, ?, NA, N/A, #N/A, <NA>, NaN, NULL and None always do.");

    private readonly Option<bool> _skipMissing = OptionParsers.Switch(
        "--skip-missing", "Leave out rows with missing values and count them. Default: such a row is an error.");

    private readonly Option<string?> _weight = OptionParsers.Text(
        "--weight", "COLUMN", "The column of the rows' weights, by position or name; it is no data. A row of weight 3 counts as 3 rows, one "
            + "of weight 0 as none. Default: every row counts as one.");

    private readonly Option<string?> _query = OptionParsers.Text(
        "--query", "SQL", "The rows of a SELECT in place of DATA, as in \"SELECT a, b FROM 'sales.parquet' WHERE b > 0 ORDER BY id\".");

    private readonly Option<string?> _database = OptionParsers.Text(
        "--database", "FILE", "A DuckDB database, opened for reading only: DATA is one of its tables, or --query names them.");

    private readonly Option<string?> _categorical = OptionParsers.Text(
        "--categorical", "NAMES", "Columns of text to encode one-hot, as in city,colour (Parquet, JSON, --query, --database). Kept in the model.");

    private readonly Option<string?> _missingEntries = OptionParsers.Text(
        "--missing-entries", "reject|marginal", "Whether a row with missing values counts by its other columns (marginal): sparse coding. "
            + "Default: reject.");

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All =>
    [
        _columns, _delimiter, _decimal, _header, _missing, _skipMissing, _weight,
        .. takesEntries ? [_missingEntries] : Array.Empty<Option>(),
        .. takesQueries ? [_query, _database, _categorical] : Array.Empty<Option>(),
    ];

    /// <summary>Adds the options and their rules to a command.</summary>
    public void AddTo(Command command)
    {
        _header.AcceptOnlyFromAmong("yes", "no", "auto");
        _missingEntries.AcceptOnlyFromAmong("reject", "marginal");
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }

        if (takesQueries)
        {
            RequireOne(command, command.Arguments.Single(a => a.Name == "DATA"));
        }

        if (takesEntries)
        {
            OptionParsers.Exclude(command, _skipMissing, _missingEntries);
        }
    }

    /// <summary>The rows that the command line asks for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="path">DATA; null where there is a query.</param>
    public DataRequest Request(ParseResult parsed, string? path) => new()
    {
        Path = path is null ? null : RunFiles.RequireName("the data", path),
        Query = NotEmpty("query", parsed.GetValue(_query), "give one SELECT"),
        Database = parsed.GetValue(_database),
        Categorical = NotEmpty("categorical", parsed.GetValue(_categorical), "name columns of text")
            ?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
        Csv = Csv(parsed),
        Missing = Missing(parsed),
    };

    /// <summary>How to read the rows.</summary>
    public CsvOptions Csv(ParseResult parsed) => new()
    {
        Columns = parsed.GetValue(_columns) is { } text ? ColumnSelection.Parse(text) : null,
        Delimiter = parsed.GetValue(_delimiter) is { } delimiter ? Character("delimiter", delimiter) : null,
        DecimalSign = parsed.GetValue(_decimal) is { } sign ? Character("decimal", sign) : null,
        Header = parsed.GetValue(_header) switch
        {
            "yes" => true,
            "no" => false,
            _ => null,
        },
        Weight = parsed.GetValue(_weight),
        MissingTokens = parsed.GetValue(_missing)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [],
    };

    /// <summary>What to do with rows that have missing values.</summary>
    public MissingValues Missing(ParseResult parsed) => parsed.GetValue(_skipMissing) ? MissingValues.SkipRow
        : takesEntries && parsed.GetValue(_missingEntries) == "marginal" ? MissingValues.Marginal
        : MissingValues.Reject;

    /// <summary>A model that takes rows as they are asked for.</summary>
    public LatentModel For(ParseResult parsed, LatentModel model) =>
        Missing(parsed) == MissingValues.Marginal ? model.WithMissingEntries() : model;

    private void RequireOne(Command command, Argument data) => command.Validators.Add(result =>
    {
        bool hasData = result.GetResult(data) is { Tokens.Count: > 0 };
        if (hasData == OptionParsers.Given(result, _query))
        {
            result.AddError(hasData ? "DATA and --query exclude one another; give one of them." : "Required argument missing: DATA, or --query.");
        }
    });

    private static string? NotEmpty(string option, string? text, string remedy) =>
        text is null || text.Trim(' ', ',', '\t', '\n').Length > 0 ? text : throw new BadOptionException(option, $"The text is empty; {remedy}.");

    private static char Character(string option, string text) => text switch
    {
        [char only] => only,
        "comma" => ',',
        "semicolon" => ';',
        "tab" or "\\t" => '\t',
        "bar" or "pipe" => '|',
        "space" or "spaces" => ' ',
        "point" => '.',
        _ => throw new BadOptionException(
            option, $"'{text}' is no single character, nor one of the words for one: comma, semicolon, tab, bar, space, point."),
    };
}
