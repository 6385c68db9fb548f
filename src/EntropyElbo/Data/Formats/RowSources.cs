using EntropyElbo.Data.Csv;
using EntropyElbo.Data.Idx;

namespace EntropyElbo.Data.Formats;

/// <summary>Opens data whatever its format.</summary>
public static class RowSources
{
    private const string StandardInput = "standard input";

    /// <summary>Opens a CSV, TSV or IDX file, compressed with gzip or not; the format is told from the content.</summary>
    /// <param name="path">The file, or <c>-</c> for standard input; that and any other pipe is read once and kept in memory.</param>
    /// <param name="columns">The columns wanted, in this order; all when null.</param>
    /// <returns>The rows. Missing values come as NaN: see <see cref="CheckedRows"/>.</returns>
    /// <exception cref="BadDataException">The file is missing, empty, damaged or of neither format.</exception>
    /// <exception cref="BadOptionException">Columns that the data does not have.</exception>
    public static IRowSource Open(string path, ColumnSelection? columns = null) => Open(path, new CsvOptions { Columns = columns });

    /// <summary>Opens a file as <see cref="Open(string, ColumnSelection)"/> does, with more said of how CSV is written.</summary>
    /// <param name="path">The file, or <c>-</c> for standard input.</param>
    /// <param name="options">The columns wanted, and how CSV is written; IDX needs nothing said and takes only the columns.</param>
    /// <returns>The rows. Missing values come as NaN: see <see cref="CheckedRows"/>.</returns>
    /// <exception cref="BadDataException">The file is missing, empty, damaged or of neither format.</exception>
    /// <exception cref="BadOptionException">
    /// Columns that the data does not have, an option that cannot be, or one that an IDX file does not take.
    /// </exception>
    public static IRowSource Open(string path, CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(options);
        if (path == "-")
        {
            using Stream input = Console.OpenStandardInput();
            return Read(input, StandardInput, options);
        }

        using (FileStream file = RawFiles.OpenFile(path))
        {
            if (!file.CanSeek)
            {
                return Read(file, path, options);
            }
        }

        Span<byte> head = stackalloc byte[4];
        using (Stream stream = RawFiles.Open(path))
        {
            head = head[..RawFiles.ReadFully(stream, head, path)];
        }

        return LooksBinary(head)
            ? Select(new IdxRows(path), options)
            : Weighted(new CsvRows(path, options), options);
    }

    /// <summary>
    /// Reads a stream, such as standard input, to its end into memory; formats as in <see cref="Open(string, ColumnSelection)"/>.
    /// </summary>
    /// <param name="stream">The bytes; not disposed.</param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <param name="columns">The columns wanted, in this order; all when null.</param>
    /// <exception cref="BadDataException">The data is empty, damaged or of neither format.</exception>
    /// <exception cref="BadOptionException">Columns that the data does not have.</exception>
    public static IRowSource Read(Stream stream, string name, ColumnSelection? columns = null) =>
        Read(stream, name, new CsvOptions { Columns = columns });

    /// <summary>Reads a stream as <see cref="Read(Stream, string, ColumnSelection)"/> does, with more said of how CSV is written.</summary>
    /// <param name="stream">The bytes; not disposed.</param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <param name="options">The columns wanted, and how CSV is written; IDX needs nothing said and takes only the columns.</param>
    /// <exception cref="BadDataException">The data is empty, damaged or of neither format.</exception>
    /// <exception cref="BadOptionException">
    /// Columns that the data does not have, an option that cannot be, or one that IDX does not take.
    /// </exception>
    public static IRowSource Read(Stream stream, string name, CsvOptions options)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(options);
        ReplayStream replay = Decompressed(stream, leaveOpen: true, name, out bool isBinary);
        return isBinary ? Select(new IdxRows(replay, name), options) : Weighted(new CsvRows(replay, name, options), options);
    }

    /// <summary>Rows of CSV that are handed on as they come, compressed or not.</summary>
    /// <param name="stream">The bytes; disposed with the rows.</param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <param name="options">The columns wanted, and how CSV is written.</param>
    /// <param name="missing">What to do with rows that have missing values.</param>
    /// <param name="most">Lines that may be waited for before the first row is handed on.</param>
    /// <exception cref="BadDataException">The stream is empty or no CSV.</exception>
    /// <exception cref="BadOptionException">Columns that the stream does not have, or a delimiter that cannot be.</exception>
    internal static CsvFeed Follow(Stream stream, string name, CsvOptions options, MissingValues missing, int most)
    {
        ReplayStream replay = Decompressed(stream, leaveOpen: false, name, out bool isBinary);
        return isBinary
            ? throw new BadDataException($"{name} is not CSV: it starts as an IDX file does, which has an end; fit reads those.")
            : new CsvFeed(replay, name, options, missing, most);
    }

    /// <summary>A stream whose start was looked at and comes again, through gzip where it says so.</summary>
    private static ReplayStream Decompressed(Stream stream, bool leaveOpen, string name, out bool isBinary)
    {
        ReplayStream replay = new(stream, leaveOpen);
        Span<byte> head = stackalloc byte[4];
        int read = RawFiles.ReadFully(replay, head, name);
        if (RawFiles.IsGzip(head[..read]))
        {
            replay.Rewind(last: true);
            replay = new ReplayStream(new GzipInput(replay));
            read = RawFiles.ReadFully(replay, head, name);
        }

        replay.Rewind(last: false);
        isBinary = LooksBinary(head[..read]);
        return replay;
    }

    /// <summary>Two zero bytes start every IDX file and no text; a wrong header then gets the IDX reader's error.</summary>
    private static bool LooksBinary(ReadOnlySpan<byte> head) => head.Length >= 2 && head[0] == 0 && head[1] == 0;

    /// <summary>The column of weights is read last.</summary>
    private static IRowSource Weighted(CsvRows rows, CsvOptions options) =>
        options.Weight is null ? rows : new WeightedRows(rows, rows.Columns - 1);

    private static IRowSource Select(IRowSource rows, CsvOptions options)
    {
        if (options.Weight is not null)
        {
            throw new BadOptionException(
                RowWeights.Option, "the data is an IDX file, which has no column of weights; leave the option weight away.");
        }

        string? other = options.Delimiter is not null ? "delimiter"
            : options.DecimalSign is not null ? "decimal"
            : options.Header == true ? "header"
            : options.MissingTokens.Count > 0 ? "missing" : null;
        if (other is not null)
        {
            throw new BadOptionException(other, $"the data is an IDX file, which has no text; leave the option {other} away.");
        }

        return options.Columns is null ? rows : new SelectedColumns(rows, options.Columns);
    }
}
