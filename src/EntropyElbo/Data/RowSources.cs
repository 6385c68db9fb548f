namespace EntropyElbo.Data;

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
    public static IRowSource Open(string path, ColumnSelection? columns = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path == "-")
        {
            using Stream input = Console.OpenStandardInput();
            return Read(input, StandardInput, columns);
        }

        using (FileStream file = RawFiles.OpenFile(path))
        {
            if (!file.CanSeek)
            {
                return Read(file, path, columns);
            }
        }

        Span<byte> head = stackalloc byte[4];
        using (Stream stream = RawFiles.Open(path))
        {
            head = head[..RawFiles.ReadFully(stream, head, path)];
        }

        return LooksBinary(head)
            ? Select(new IdxRows(path), columns)
            : new CsvRows(path, new CsvOptions { Columns = columns });
    }

    /// <summary>Reads a stream, such as standard input, to its end into memory; formats as in <see cref="Open"/>.</summary>
    /// <param name="stream">The bytes; not disposed.</param>
    /// <param name="name">What to call the stream in messages.</param>
    /// <param name="columns">The columns wanted, in this order; all when null.</param>
    /// <exception cref="BadDataException">The data is empty, damaged or of neither format.</exception>
    /// <exception cref="BadOptionException">Columns that the data does not have.</exception>
    public static IRowSource Read(Stream stream, string name, ColumnSelection? columns = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ReplayStream replay = new(stream, leaveOpen: true);
        Span<byte> head = stackalloc byte[4];
        int read = RawFiles.ReadFully(replay, head, name);
        if (RawFiles.IsGzip(head[..read]))
        {
            replay.Rewind(last: true);
            replay = new ReplayStream(new GzipInput(replay));
            read = RawFiles.ReadFully(replay, head, name);
        }

        replay.Rewind(last: false);
        return LooksBinary(head[..read])
            ? Select(new IdxRows(replay, name), columns)
            : new CsvRows(replay, name, new CsvOptions { Columns = columns });
    }

    /// <summary>Two zero bytes start every IDX file and no text; a wrong header then gets the IDX reader's error.</summary>
    private static bool LooksBinary(ReadOnlySpan<byte> head) => head.Length >= 2 && head[0] == 0 && head[1] == 0;

    private static IRowSource Select(IRowSource rows, ColumnSelection? columns) =>
        columns is null ? rows : new SelectedColumns(rows, columns);
}
