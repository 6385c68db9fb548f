namespace EntropyElbo.Data.Csv;

/// <summary>
/// Rows of a CSV or TSV file (RFC 4180, UTF-8 with or without byte-order mark or UTF-16 with one, gzip taken off), read as a stream in
/// every pass; or of a text reader, read once and kept as numbers.
/// </summary>
/// <remarks>
/// Numbers are read with a decimal point or comma, whatever the culture, and rounded correctly. Missing values (see
/// <see cref="CsvOptions.MissingTokens"/>) are delivered as NaN; <see cref="CheckedRows"/> decides what becomes of them. Blank
/// lines are allowed at the top and the end only. A line is at most 64 MB long and has at most 1,000,000 columns. The file must not
/// change while the source is in use.
/// </remarks>
public sealed class CsvRows : IRowSource, ICountedRows, INotedRows, ICostlyRows
{
    private readonly CsvLayout _layout;
    private readonly string? _path;
    private readonly ChunkedRows? _buffered;

    /// <summary>Opens a file and reads its first lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Delimiter, header and columns; detected or all when null.</param>
    /// <exception cref="BadDataException">The file is missing, empty or not text.</exception>
    /// <exception cref="BadOptionException">A delimiter that cannot be used, or columns that the file does not have.</exception>
    public CsvRows(string path, CsvOptions? options = null)
    {
        using Stream stream = RawFiles.Open(path);
        _path = path;
        _layout = CsvLayout.Detect(stream, path, options ?? new CsvOptions());
    }

    /// <summary>Reads all text of a reader into memory: 8 bytes per value of the chosen columns.</summary>
    /// <param name="reader">The text; read to its end, not disposed.</param>
    /// <param name="options">Delimiter, header and columns; detected or all when null.</param>
    /// <param name="sourceName">What to call the text in messages.</param>
    /// <exception cref="BadDataException">The text is empty, ragged, or has text where a number belongs.</exception>
    /// <exception cref="BadOptionException">A delimiter that cannot be used, or columns that the text does not have.</exception>
    public CsvRows(TextReader reader, CsvOptions? options = null, string sourceName = "text")
        : this(new ReplayStream(new TextReaderStream(reader ?? throw new ArgumentNullException(nameof(reader)))), sourceName, options)
    {
    }

    /// <summary>Reads a stream into memory, from its start if it has been looked at before.</summary>
    internal CsvRows(ReplayStream stream, string sourceName, CsvOptions? options)
    {
        stream.Rewind(last: false);
        _layout = CsvLayout.Detect(stream, sourceName, options ?? new CsvOptions());
        stream.Rewind(last: true);
        using CsvCursor cursor = new(stream, _layout);
        _buffered = ChunkedRows.ReadAll(cursor, _layout.Names);
    }

    /// <inheritdoc/>
    public int Columns => _layout.Names.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames => _layout.Names;

    /// <summary>Number of rows where they were read from a reader; null for a file.</summary>
    public long? RowCount => _buffered?.RowCount;

    /// <summary>The delimiter, given or detected.</summary>
    public char Delimiter => (char)_layout.Delimiter;

    /// <summary>Whether the first line holds column names, as given or detected.</summary>
    public bool HasHeader => _layout.HasHeader;

    /// <summary>The decimal sign, given or detected.</summary>
    public char DecimalSign => (char)_layout.Format.Point;

    bool ICostlyRows.IsCostly => _buffered is null;

    IReadOnlyList<string> INotedRows.Notes => _layout.Notes;

    /// <inheritdoc/>
    public IRowCursor Open() => _buffered?.Open() ?? OpenFile();

    long ICountedRows.CountRows(CancellationToken cancellationToken)
    {
        if (_buffered is not null)
        {
            return _buffered.Rows;
        }

        using CsvCursor cursor = OpenFile();
        return cursor.Count(cancellationToken);
    }

    private CsvCursor OpenFile() => new(RawFiles.Open(_path!), _layout);
}
