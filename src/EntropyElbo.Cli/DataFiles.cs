using EntropyElbo.Data;

namespace EntropyElbo.Cli;

/// <summary>Opens rows for the commands.</summary>
internal static class DataFiles
{
    private const string StandardInput = "standard input";

    /// <summary>Rows of a file, or of standard input for <c>-</c>.</summary>
    public static IRowSource Open(ToolHost host, string path, ColumnSelection? columns)
    {
        if (path != "-")
        {
            return RowSources.Open(path, columns);
        }

        using Stream input = host.TakeInput();
        return RowSources.Read(input, StandardInput, columns);
    }

    /// <summary>
    /// Rows with the columns that a model was trained on: by name where all the names are there, whatever the order and
    /// whatever other columns there are; else by position, where there are as many.
    /// </summary>
    /// <param name="host">Opens standard input, and takes the note that columns were matched by position.</param>
    /// <param name="path">The data.</param>
    /// <param name="columns">The user's choice, which goes before names; or null.</param>
    /// <param name="names">Names of the model's columns.</param>
    /// <param name="note">What the user should know of the match, or null.</param>
    public static IRowSource OpenFor(
        ToolHost host, string path, ColumnSelection? columns, IReadOnlyList<string> names, out string? note)
    {
        note = null;
        if (columns is not null)
        {
            return RequireWidth(Open(host, path, columns), path, names);
        }

        Func<ColumnSelection?, IRowSource> open = Reopenable(host, path);
        try
        {
            return open(ColumnSelection.OfNames(names));
        }
        catch (BadOptionException mismatch)
        {
            IRowSource rows = RequireWidth(open(null), path, names);
            note = $"column names differ from the model's, so columns are taken by position ({mismatch.Message})";
            return rows;
        }
    }

    /// <summary>Held-out rows for a fit: the training columns by name, else by the same choice of columns.</summary>
    public static IRowSource OpenTest(ToolHost host, string path, ColumnSelection? columns, IReadOnlyList<string> names)
    {
        Func<ColumnSelection?, IRowSource> open = Reopenable(host, path);
        try
        {
            return open(ColumnSelection.OfNames(names));
        }
        catch (BadOptionException)
        {
            return RequireWidth(open(columns), path, names);
        }
    }

    /// <summary>Standard input is kept as bytes, so that it can be looked at twice.</summary>
    private static Func<ColumnSelection?, IRowSource> Reopenable(ToolHost host, string path)
    {
        if (path != "-")
        {
            return columns => RowSources.Open(path, columns);
        }

        MemoryStream kept = new();
        using (Stream input = host.TakeInput())
        {
            input.CopyTo(kept);
        }

        byte[] bytes = kept.ToArray();
        return columns => RowSources.Read(new MemoryStream(bytes, writable: false), StandardInput, columns);
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
