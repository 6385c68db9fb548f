namespace EntropyElbo.Data;

/// <summary>Rows read once and kept in chunks of whole rows, so that reading them never needs a second copy.</summary>
internal sealed class ChunkedRows : IRowSource
{
    private const int ChunkValues = 1 << 18;
    private readonly List<double[]> _chunks;
    private readonly int _rowsPerChunk;
    private readonly IReadOnlyList<string> _names;

    private ChunkedRows(List<double[]> chunks, int rowsPerChunk, long rows, IReadOnlyList<string> names)
    {
        _chunks = chunks;
        _rowsPerChunk = rowsPerChunk;
        _names = names;
        Rows = rows;
    }

    public int Columns => _names.Count;

    public IReadOnlyList<string> ColumnNames => _names;

    public long Rows { get; }

    public long? RowCount => Rows;

    /// <summary>Reads a cursor to its end.</summary>
    public static ChunkedRows ReadAll(IRowCursor cursor, IReadOnlyList<string> names)
    {
        int columns = names.Count;
        int rowsPerChunk = Math.Max(1, ChunkValues / columns);
        List<double[]> chunks = [];
        long rows = 0;
        int read;
        do
        {
            double[] chunk = new double[rowsPerChunk * columns];
            read = cursor.Read(chunk);
            Array.Resize(ref chunk, read * columns);
            chunks.Add(chunk);
            rows += read;
        }
        while (read == rowsPerChunk);
        return new ChunkedRows(chunks, rowsPerChunk, rows, names);
    }

    public IRowCursor Open() => new Cursor(this);

    private sealed class Cursor(ChunkedRows source) : IRowCursor
    {
        private long _row;

        public int Read(Span<double> block)
        {
            int columns = source.Columns;
            int wanted = (int)Math.Min(RowBlock.Capacity(block, columns), source.Rows - _row);
            for (int filled = 0; filled < wanted;)
            {
                ReadOnlySpan<double> chunk = source._chunks[(int)(_row / source._rowsPerChunk)];
                ReadOnlySpan<double> rest = chunk[((int)(_row % source._rowsPerChunk) * columns)..];
                int rows = Math.Min(wanted - filled, rest.Length / columns);
                rest[..(rows * columns)].CopyTo(block[(filled * columns)..]);
                filled += rows;
                _row += rows;
            }

            return wanted;
        }

        public void Dispose()
        {
        }
    }
}
