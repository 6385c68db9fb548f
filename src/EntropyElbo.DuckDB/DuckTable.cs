using System.Globalization;
using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Models;

namespace EntropyElbo.DuckDB;

/// <summary>A table as DuckDB sees it, and the statement that gives the columns wanted as doubles.</summary>
internal sealed class DuckTable
{
    private static readonly string[] PlainNumbers =
    [
        "DOUBLE", "FLOAT", "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
    ];

    private readonly DuckSession _session;
    private readonly string _from;
    private readonly string _source;
    private readonly DuckDbOptions _options;
    private readonly List<string> _expressions = [];
    private readonly List<string> _names = [];
    private readonly List<CategoricalColumn> _encodings = [];
    private readonly List<string> _notes = [];

    private DuckTable(DuckSession session, string from, string source, DuckDbOptions options)
    {
        _session = session;
        _from = from;
        _source = source;
        _options = options;
    }

    public string[] Names => [.. _names];

    public IReadOnlyList<CategoricalColumn> Encodings => _encodings;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Every column wanted as a double, in order.</summary>
    public string Select => $"SELECT {string.Join(", ", _expressions)} FROM {_from}";

    /// <summary>The column of labels, or null.</summary>
    public string? LabelName { get; private set; }

    /// <summary>The labels as text, or null.</summary>
    public string? SelectLabels => LabelName is null ? null : $"SELECT CAST({DuckSession.Name(LabelName)} AS VARCHAR) FROM {_from}";

    /// <summary>Looks at a table.</summary>
    /// <param name="session">Where it is.</param>
    /// <param name="from">What stands behind FROM.</param>
    /// <param name="source">What to call it in messages.</param>
    /// <param name="options">The columns, what is missing, what is text.</param>
    public static DuckTable Describe(DuckSession session, string from, string source, DuckDbOptions options)
    {
        DuckTable table = new(session, from, source, options);
        List<string?> names = session.Texts($"SELECT column_name FROM (DESCRIBE SELECT * FROM {from})", source);
        List<string?> types = session.Texts($"SELECT column_type FROM (DESCRIBE SELECT * FROM {from})", source);
        string[] known = [.. names.OfType<string>()];
        int[] chosen = table.WithoutLabel(known, options.Columns?.Resolve(known, table._notes) ?? [.. Enumerable.Range(0, known.Length)]);
        if (options.Weight is { } weight)
        {
            int place = RowWeights.Place(known, weight);
            chosen = [.. chosen.Where(i => i != place), place];
        }

        string[] text = [.. options.Categorical, .. options.Encodings.Select(e => e.Column)];
        foreach (string name in text.Where(t => !chosen.Any(i => names[i] == t)))
        {
            throw table.NoText(name, known);
        }

        foreach (int i in chosen)
        {
            table.Add(names[i]!, types[i]!, text.Contains(names[i]));
        }

        return table;
    }

    /// <summary>The error of a column of text that is not among those that are read.</summary>
    private Exception NoText(string name, string[] names)
    {
        string near = $"the nearest names are {NearNames.List(name, names)}.";
        return !_options.Categorical.Contains(name)
            ? new BadDataException($"{_source}: the model encodes the text of column '{name}', which is not among those that are read; {near}", column: name)
            : new BadOptionException("categorical", names.Contains(name)
                ? $"column '{name}' is there, but is not among the columns that are read; add it to --columns (DuckDbOptions.Columns)."
                : $"no column is named '{name}'; {near}");
    }

    private int[] WithoutLabel(string[] names, int[] chosen)
    {
        if (_options.Label is not { } selection)
        {
            return chosen;
        }

        int[] label = selection.Resolve(names, _notes);
        BadOptionException.ThrowUnless(label.Length == 1, "label", $"The label is {label.Length} columns; give one, by position or name.");
        LabelName = names[label[0]];
        int[] data = [.. chosen.Where(i => i != label[0])];
        BadOptionException.ThrowUnless(data.Length > 0, "label", "The column of labels is the only one; there are no data beside it.");
        return data;
    }

    private void Add(string name, string type, bool categorical)
    {
        if (categorical)
        {
            AddCategorical(name);
            return;
        }

        _expressions.Add(Number(name, type) ?? throw NoNumber(name, type));
        _names.Add(name);
    }

    private void AddCategorical(string name)
    {
        string text = WithoutMissing($"CAST({DuckSession.Name(name)} AS VARCHAR)", _options.MissingTokens.Select(DuckSession.Literal));
        CategoricalColumn encoding = _options.Encodings.FirstOrDefault(e => e.Column == name) ?? new(name, FindValues(name, text));
        string list = string.Join(", ", encoding.Values.Select(DuckSession.Literal));
        if (_options.Encodings.Contains(encoding)
            && _session.Count($"SELECT count(*) FROM {_from} WHERE {text} NOT IN ({list})", _source) is var unseen and > 0)
        {
            _notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"column '{name}' has a value not seen in training in {unseen} row{(unseen == 1 ? "" : "s")}: 0 in all columns of its encoding"));
        }

        _encodings.Add(encoding);
        _names.AddRange(encoding.Names);
        _expressions.AddRange(encoding.Values.Select(v => $"CAST({text} = {DuckSession.Literal(v)} AS DOUBLE)"));
    }

    private string[] FindValues(string name, string text)
    {
        List<string?> values = _session.Texts(
            $"SELECT DISTINCT {text} AS v FROM {_from} WHERE {text} IS NOT NULL LIMIT {RowBlock.MaxColumns + 1}", _source);
        if (values.Count is 0 or > RowBlock.MaxColumns)
        {
            throw new BadDataException(
                $"{_source}, column '{name}': there are {(values.Count == 0 ? "no" : "too many")} values to encode; leave it out of --categorical "
                + "(DuckDbOptions.Categorical) and of the columns.", column: name);
        }

        return [.. values.OfType<string>().Order(StringComparer.Ordinal)];
    }

    /// <summary>The column as a double, rounded correctly, or null where it is no number.</summary>
    private string? Number(string name, string type)
    {
        string column = DuckSession.Name(name);
        string? number = PlainNumbers.Contains(type) ? $"CAST({column} AS DOUBLE)"
            : type is "HUGEINT" or "UHUGEINT" || type.StartsWith("DECIMAL", StringComparison.Ordinal) ? $"CAST(CAST({column} AS VARCHAR) AS DOUBLE)"
            : type is "\"NULL\"" or "NULL" ? "CAST(NULL AS DOUBLE)"
            : null;
        return number is null ? null : WithoutMissing(number, _options.MissingTokens.Where(IsNumber).Select(t => $"CAST({DuckSession.Literal(t)} AS DOUBLE)"));
    }

    private static bool IsNumber(string token) => NumberStyles.Float is var style && double.TryParse(token, style, CultureInfo.InvariantCulture, out _);

    private static string WithoutMissing(string expression, IEnumerable<string> missing) =>
        missing.Aggregate(expression, (inner, token) => $"nullif({inner}, {token})");

    private BadDataException NoNumber(string name, string type)
    {
        StringBuilder message = new($"{_source}, column '{name}': its type is {type}, not a number; ");
        message.Append(type switch
        {
            _ when name == "json" && _from.StartsWith("read_json", StringComparison.Ordinal) =>
                "there are no objects with names and numbers in it; write one for every row, as in {\"a\": 1.5, \"b\": 2}.",
            "VARCHAR" or "UUID" => "leave it out with --columns (DuckDbOptions.Columns), or encode its values with --categorical (DuckDbOptions.Categorical).",
            _ when type.StartsWith("ENUM", StringComparison.Ordinal) =>
                "leave it out with --columns (DuckDbOptions.Columns), or encode its values with --categorical (DuckDbOptions.Categorical).",
            _ when type.StartsWith("DATE", StringComparison.Ordinal) || type.StartsWith("TIME", StringComparison.Ordinal) =>
                $"leave it out with --columns (DuckDbOptions.Columns), or make a number of it in a query, such as epoch({DuckSession.Name(name)}).",
            _ => "leave it out with --columns (DuckDbOptions.Columns), or make numbers of it in a query.",
        });
        return new BadDataException(message.ToString(), column: name);
    }
}
