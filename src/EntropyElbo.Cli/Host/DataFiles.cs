using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;

namespace EntropyElbo.Cli.Host;

/// <summary>Opens rows for the commands.</summary>
internal static class DataFiles
{
    private const string StandardInput = "standard input";

    /// <summary>Rows of a file, or of standard input for <c>-</c>.</summary>
    public static IRowSource Open(ToolHost host, string path, CsvOptions options)
    {
        if (path != "-")
        {
            return RowSources.Open(path, options);
        }

        using Stream input = host.TakeInput();
        return RowSources.Read(input, StandardInput, options);
    }

    /// <summary>
    /// Rows with the columns that a model was trained on: by name where all the names are there, whatever the order and
    /// whatever other columns there are; else by position, where there are as many. The user's choice of columns goes before names.
    /// </summary>
    public static IRowSource OpenFor(ToolHost host, string path, CsvOptions options, IReadOnlyList<string> names) =>
        RequireWidth(Open(host, path, options with { Columns = options.Columns ?? ColumnSelection.OfNamesElse(names) }), path, names);

    /// <summary>Held-out rows for a fit: the training columns by name, else by the same choice of columns.</summary>
    public static IRowSource OpenTest(ToolHost host, string path, CsvOptions options, IReadOnlyList<string> names) =>
        RequireWidth(Open(host, path, options with { Columns = ColumnSelection.OfNamesElse(names, options.Columns) }), path, names);

    /// <summary>
    /// The rows with their number known, so that a split of them can promise rows on both sides: counted in the pass that keeps
    /// them in memory, where they fit.
    /// </summary>
    public static IRowSource Counted(IRowSource rows, CancellationToken cancellationToken)
    {
        IRowSource kept = KeptRows.Of(rows);
        kept.CountRows(cancellationToken);
        return kept;
    }

    /// <summary>What the user should know of how rows were read, in the tool's terms.</summary>
    public static IReadOnlyList<string> Notes(IRowSource rows) => [.. rows.Notes()];

    /// <summary>Writes the notes to standard error, for commands without a report.</summary>
    public static void WriteNotes(ToolHost host, IRowSource rows)
    {
        foreach (string note in Notes(rows))
        {
            host.Error.WriteLine($"entropy-elbo: note: {Failure.OneLine(note)}");
        }
    }

    private static IRowSource RequireWidth(IRowSource rows, string path, IReadOnlyList<string> names)
    {
        if (rows.Columns == names.Count)
        {
            return rows;
        }

        string shown = names.Count <= 4 ? string.Join(", ", names) : $"{names[0]}, {names[1]}, ..., {names[^1]}";
        throw new BadDataException(
            $"{(path == "-" ? StandardInput : path)} has {rows.Columns} columns, the model takes {names.Count} ({shown}); "
            + "choose them with --columns, or name them in a header line.");
    }
}
