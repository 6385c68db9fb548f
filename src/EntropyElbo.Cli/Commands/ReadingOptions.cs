using System.CommandLine;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Commands;

/// <summary>What every command that reads rows takes: which columns, and how the file is written.</summary>
/// <param name="takesEntries">Whether missing values may be left out of their rows.</param>
internal sealed class ReadingOptions(bool takesEntries = false)
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

    private readonly Option<string?> _missingEntries = OptionParsers.Text(
        "--missing-entries", "reject|marginal", "Whether a row with missing values counts by its other columns (marginal): sparse coding. "
            + "Default: reject.");

    /// <summary>The options, in the order of the help.</summary>
    public IReadOnlyList<Option> All => takesEntries
        ? [_columns, _delimiter, _decimal, _header, _missing, _skipMissing, _weight, _missingEntries]
        : [_columns, _delimiter, _decimal, _header, _missing, _skipMissing, _weight];

    /// <summary>Adds the options and their rules to a command.</summary>
    public void AddTo(Command command)
    {
        _header.AcceptOnlyFromAmong("yes", "no", "auto");
        _missingEntries.AcceptOnlyFromAmong("reject", "marginal");
        foreach (Option option in All)
        {
            command.Options.Add(option);
        }

        if (takesEntries)
        {
            OptionParsers.Exclude(command, _skipMissing, _missingEntries);
        }
    }

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
