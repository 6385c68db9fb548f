using EntropyElbo.Data;
using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Formats;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Host;

/// <summary>Opens rows for the commands.</summary>
internal static class DataFiles
{
    /// <summary>Rows of a file, of standard input for <c>-</c>, or of a query or table.</summary>
    /// <param name="host">Standard input.</param>
    /// <param name="request">What to read.</param>
    /// <param name="encodings">How a model's text was encoded; null where a model is yet to be trained.</param>
    public static IRowSource Open(ToolHost host, DataRequest request, IReadOnlyList<CategoricalColumn>? encodings = null)
    {
        if (request.IsDuck)
        {
            return DuckData.Open(request, encodings, host.Cancellation);
        }

        if (request.Categorical.Count > 0)
        {
            throw new BadOptionException(
                "categorical", $"{request.Shown} is text or IDX; read text with --query \"SELECT * FROM 'FILE.csv'\", which can encode columns.");
        }

        if (request.Path != "-")
        {
            return RowSources.Open(request.Path!, request.Csv);
        }

        using Stream input = host.TakeInput();
        return RowSources.Read(input, request.Shown, request.Csv);
    }

    /// <summary>
    /// Rows with the columns that a model was trained on: by name where all the names are there, whatever the order and
    /// whatever other columns there are; else by position, where there are as many. The user's choice of columns goes before names.
    /// </summary>
    public static IRowSource OpenFor(ToolHost host, DataRequest request, LatentModel model) => OpenFor(
        host, request.Csv.Columns is null ? request.WithColumnsOf(model) : request, model.ColumnNames, model.Encodings);

    /// <summary>Held-out rows for a fit: the training columns by name, else by the same choice of columns.</summary>
    public static IRowSource OpenTest(
        ToolHost host, DataRequest request, IReadOnlyList<string> names, IReadOnlyList<CategoricalColumn> encodings) =>
        OpenFor(
            host,
            request with { Csv = request.Csv with { Columns = ColumnSelection.OfNamesElse(request.TextNames(names, encodings), request.Csv.Columns) } },
            names,
            encodings);

    /// <summary>Training rows beside a column that names them, which is no data.</summary>
    /// <param name="host">Standard input.</param>
    /// <param name="request">What to read; comes back with columns that leave the label out.</param>
    /// <param name="label">Position or name of the column; null for none.</param>
    /// <param name="encodings">How a model that is trained on encoded text; null for none.</param>
    public static (IRowSource Rows, IRowLabels? Labels) OpenLabelled(
        ToolHost host, ref DataRequest request, string? label, IReadOnlyList<CategoricalColumn>? encodings)
    {
        if (label is null || request.IsDuck)
        {
            IRowSource rows = Open(host, request with { Label = label }, encodings);
            return (rows, DuckData.Labels(rows));
        }

        CsvOptions reading = request.Csv;
        LabelColumn column = LabelColumn.Find(request.Path!, label, ref reading);
        request = request with { Csv = reading };
        return (Open(host, request), column);
    }

    private static IRowSource OpenFor(
        ToolHost host, DataRequest request, IReadOnlyList<string> names, IReadOnlyList<CategoricalColumn> encodings) =>
        RequireWidth(Open(host, request, encodings), request, names, encodings);

    /// <summary>
    /// The rows with their number known, so that a split of them can promise rows on both sides: counted in the pass that keeps
    /// them in memory, where they may be kept and fit.
    /// </summary>
    public static IRowSource Counted(IRowSource rows, RowCaching caching, CancellationToken cancellationToken)
    {
        IRowSource kept = FitRows.Kept(rows, caching);
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

    private static IRowSource RequireWidth(
        IRowSource rows, DataRequest request, IReadOnlyList<string> names, IReadOnlyList<CategoricalColumn> encodings)
    {
        if (rows.Columns == names.Count)
        {
            return rows;
        }

        string shown = names.Count <= 4 ? string.Join(", ", names) : $"{names[0]}, {names[1]}, ..., {names[^1]}";
        throw new BadDataException(
            $"{request.Shown} has {rows.Columns} columns, the model takes {names.Count} ({shown}); " + (encodings.Count == 0 || request.IsDuck
                ? "choose them with --columns, or name them in a header line."
                : $"the text of '{encodings[0].Column}' is encoded through a query: --query \"SELECT * FROM '{request.Path}'\"."));
    }
}
