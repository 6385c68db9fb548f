namespace EntropyElbo.Data.Csv;

/// <summary>
/// Rows of a CSV stream that may go on for ever, in one pass: the first lines tell the layout and are read again, then rows are handed on as
/// they come. Memory: the first lines and one buffer, which grows to the longest line.
/// </summary>
internal sealed class CsvFeed : IDisposable
{
    private readonly CsvLayout _layout;
    private readonly CsvCursor _cursor;
    private readonly MissingValues _missing;
    private BadDataException? _fault;

    /// <summary>Reads the first lines of a stream.</summary>
    /// <param name="stream">The stream, from its start; disposed with this.</param>
    /// <param name="source">What messages call it.</param>
    /// <param name="options">What is known of the layout.</param>
    /// <param name="missing">What to do with rows that have missing values.</param>
    /// <param name="most">Lines that may be waited for before the first row is handed on, at least 2.</param>
    /// <exception cref="BadDataException">The stream is empty, holds only a header, or is not text.</exception>
    /// <exception cref="BadOptionException">A delimiter that cannot be used, or columns that are not there.</exception>
    public CsvFeed(ReplayStream stream, string source, CsvOptions options, MissingValues missing, int most = CsvSample.MaxRecords)
    {
        stream.Rewind(last: false);
        _layout = CsvLayout.Detect(stream, source, options, Math.Clamp(most, 2, CsvSample.MaxRecords));
        stream.Rewind(last: true);
        _cursor = new CsvCursor(stream, _layout);
        _missing = missing;
    }

    /// <summary>Number of columns, D.</summary>
    public int Columns => _layout.Names.Length;

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> ColumnNames => _layout.Names;

    /// <summary>What the user should know of how the stream is read.</summary>
    public IReadOnlyList<string> Notes => _layout.Notes;

    /// <summary>Rows left out because of missing values.</summary>
    public long Skipped => _cursor.Skipped;

    /// <summary>Fills a block with the rows that have come, row-major; waits for the first of them.</summary>
    /// <param name="block">Room for one or more whole rows.</param>
    /// <returns>Rows written; 0 at the end.</returns>
    /// <exception cref="BadDataException">A row cannot be read; those before it were handed on. The message names its line.</exception>
    public int Read(Span<double> block)
    {
        if (_fault is not null)
        {
            throw _fault;
        }

        int rows = 0;
        try
        {
            _cursor.ReadArrived(block, _missing, out rows);
        }
        catch (BadDataException fault) when (rows > 0)
        {
            _fault = fault;
        }

        return rows;
    }

    public void Dispose() => _cursor.Dispose();
}
