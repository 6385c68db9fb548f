using System.Globalization;
using System.Text;

namespace EntropyElbo.Data;

/// <summary>A choice of columns, by position or by name, in the order given.</summary>
/// <remarks>
/// Written as a list separated by commas, each entry a 1-based position (<c>3</c>), a range of positions (<c>1-18</c>)
/// or a name (<c>label</c>). Double quotes make an entry a name whatever it looks like (<c>"1980"</c>, <c>"a,b"</c>).
/// </remarks>
public sealed class ColumnSelection
{
    private const string OptionName = "columns";
    private readonly Entry[] _entries;
    private readonly string _text;
    private readonly string _option;
    private readonly ColumnSelection? _otherwise;
    private readonly bool _orPositions;

    private ColumnSelection(
        Entry[] entries, string text, ColumnSelection? otherwise = null, bool orPositions = false, string option = OptionName)
    {
        if (entries.Length == 0)
        {
            throw new BadOptionException(option, $"{option} is empty; name at least one column, as in 1-18 or a,b,c.");
        }

        _entries = entries;
        _text = text;
        _option = option;
        _otherwise = otherwise;
        _orPositions = orPositions;
    }

    /// <summary>Reads a selection such as <c>1-18</c>, <c>a,b,c</c> or <c>2,5-7,label</c>.</summary>
    /// <param name="text">The list of entries.</param>
    /// <returns>The selection; it is matched with a table's columns by <see cref="Resolve(IReadOnlyList{string})"/>.</returns>
    /// <exception cref="BadOptionException">An empty entry, position 0, a range that runs backwards, an open quote.</exception>
    public static ColumnSelection Parse(string text) => Parse(text, OptionName);

    /// <summary>The same for an option of another name that is read alike, of which all errors speak.</summary>
    internal static ColumnSelection Parse(string text, string option)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new ColumnSelection([.. Split(text, option).Select(part => ParseEntry(part, option))], text, option: option);
    }

    /// <summary>One column by name, for an option of another name.</summary>
    internal static ColumnSelection OfName(string name, string option) => new([new Entry(name, 0, 0)], name, option: option);

    /// <summary>Selects columns by name.</summary>
    /// <param name="names">The names, in the order wanted.</param>
    /// <exception cref="BadOptionException">No name.</exception>
    public static ColumnSelection OfNames(params IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] all = [.. names];
        return new ColumnSelection([.. all.Select(n => new Entry(n, 0, 0))], string.Join(',', all));
    }

    /// <summary>Selects columns by zero-based position, all from the same table.</summary>
    internal static ColumnSelection AtPlaces(IEnumerable<int> places)
    {
        Entry[] entries = [.. places.Select(i => new Entry(null, i + 1, i + 1))];
        return new ColumnSelection(entries, string.Join(',', entries.Select(e => e.First)));
    }

    /// <summary>
    /// Selects columns by name where the table has all of them, whatever the order and whatever other columns there are; else
    /// takes the columns by position, and <see cref="RowSourceExtensions.Notes"/> of the rows says so.
    /// </summary>
    /// <param name="names">The names, in the order wanted.</param>
    /// <param name="otherwise">The columns to take where a name is not found; all when null.</param>
    /// <exception cref="BadOptionException">No name.</exception>
    public static ColumnSelection OfNamesElse(IEnumerable<string> names, ColumnSelection? otherwise = null)
    {
        ColumnSelection byName = OfNames(names);
        return new ColumnSelection(byName._entries, byName._text, otherwise, orPositions: true);
    }

    /// <summary>Matches the selection with the columns of a table.</summary>
    /// <param name="columnNames">Names of the table's columns, in order.</param>
    /// <returns>Zero-based positions of the selected columns, in the order of the selection.</returns>
    /// <exception cref="BadOptionException">
    /// A position past the last column, a name that no column or more than one column has, a column selected twice.
    /// </exception>
    public int[] Resolve(IReadOnlyList<string> columnNames) => Resolve(columnNames, []);

    /// <summary>
    /// As <see cref="Resolve(IReadOnlyList{string})"/>; adds to the notes where columns are taken by position in place of names.
    /// </summary>
    internal int[] Resolve(IReadOnlyList<string> columnNames, List<string> notes)
    {
        ArgumentNullException.ThrowIfNull(columnNames);
        try
        {
            return ResolveEntries(columnNames);
        }
        catch (BadOptionException mismatch) when (_orPositions)
        {
            notes.Add($"column names differ from those wanted, so columns are taken by position ({mismatch.Message})");
            return _otherwise?.Resolve(columnNames) ?? [.. Enumerable.Range(0, columnNames.Count)];
        }
    }

    /// <summary>As <see cref="Resolve(IReadOnlyList{string})"/>, or null where the table has no such columns.</summary>
    internal int[]? TryResolve(IReadOnlyList<string> columnNames)
    {
        try
        {
            return Resolve(columnNames);
        }
        catch (BadOptionException)
        {
            return null; // The caller resolves again for good, and that says why not.
        }
    }

    /// <summary>Whether the selection has names, and all of them are among those given.</summary>
    internal bool NamesAreIn(IReadOnlyList<string> columnNames)
    {
        HashSet<string> known = new(columnNames, StringComparer.Ordinal);
        bool named = Array.Exists(_entries, e => e.Name is not null)
            && Array.TrueForAll(_entries, e => e.Name is null || known.Contains(e.Name));
        return named || _otherwise?.NamesAreIn(columnNames) == true;
    }

    private int[] ResolveEntries(IReadOnlyList<string> columnNames)
    {
        List<int> selected = [];
        bool[] taken = new bool[columnNames.Count];
        foreach (Entry entry in _entries)
        {
            (int first, int last) = entry.Name is null ? Range(entry, columnNames) : Position(entry.Name, columnNames);
            for (int i = first; i <= last; i++)
            {
                if (taken[i])
                {
                    throw new BadOptionException(
                        _option, $"{_option} selects column {i + 1} ('{columnNames[i]}') twice; name each column once.");
                }

                taken[i] = true;
                selected.Add(i);
            }
        }

        return [.. selected];
    }

    /// <summary>The selection as it was written.</summary>
    public override string ToString() => _text;

    private (int First, int Last) Range(Entry entry, IReadOnlyList<string> names) => entry.Last <= names.Count
        ? (entry.First - 1, entry.Last - 1)
        : throw new BadOptionException(
            _option,
            $"{_option} asks for column {Math.Max(entry.First, entry.Last)}, but there are only {names.Count}; the last is '{names[^1]}'.");

    private (int First, int Last) Position(string name, IReadOnlyList<string> names)
    {
        int found = -1;
        for (int i = 0; i < names.Count; i++)
        {
            if (!string.Equals(names[i], name, StringComparison.Ordinal))
            {
                continue;
            }

            if (found >= 0)
            {
                throw new BadOptionException(
                    _option, $"columns {found + 1} and {i + 1} are both named '{name}'; select them by position.");
            }

            found = i;
        }

        return found >= 0 ? (found, found) : throw new BadOptionException(
            _option, $"no column is named '{name}'; the nearest names are {NearNames.List(name, names)}.");
    }

    private static List<(string Text, bool Quoted)> Split(string text, string option)
    {
        List<(string, bool)> parts = [];
        StringBuilder part = new();
        bool inQuotes = false;
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"')
            {
                inQuotes = !inQuotes;
                quoted = true;
            }
            else if (c == ',' && !inQuotes)
            {
                parts.Add((quoted ? part.ToString() : part.ToString().Trim(), quoted));
                part.Clear();
                quoted = false;
            }
            else if (inQuotes || !quoted)
            {
                part.Append(c);
            }
        }

        if (inQuotes)
        {
            throw new BadOptionException(option, $"{option} '{text}' has a double quote that is not closed.");
        }

        parts.Add((quoted ? part.ToString() : part.ToString().Trim(), quoted));
        return parts;
    }

    private static Entry ParseEntry((string Text, bool Quoted) part, string option)
    {
        if (part.Text.Length == 0)
        {
            throw new BadOptionException(option, $"{option} has an empty entry; write a list such as 1-18 or a,b,c.");
        }

        int dash = part.Text.IndexOf('-', StringComparison.Ordinal);
        string first = dash < 0 ? part.Text : part.Text[..dash].Trim();
        string last = dash < 0 ? part.Text : part.Text[(dash + 1)..].Trim();
        if (part.Quoted || !IsNumber(first) || !IsNumber(last))
        {
            return new Entry(part.Text, 0, 0);
        }

        int from = ParsePosition(first, option);
        int to = ParsePosition(last, option);
        return from <= to ? new Entry(null, from, to) : throw new BadOptionException(
            option, $"{option} has the range {part.Text}, which runs backwards; write {to}-{from}.");
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit);

    private static int ParsePosition(string text, string option) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int position) && position > 0
            ? position
            : throw new BadOptionException(option, $"{option} has the position {text}; positions start at 1.");

    /// <summary>A name, or where that is null the 1-based positions first to last.</summary>
    private readonly record struct Entry(string? Name, int First, int Last);
}
