using EntropyElbo.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>Rows of a source kept in memory as 4-byte floats, in chunks, so that keeping them never needs a second copy.</summary>
internal sealed class CachedRows : IRowSource
{
    private const int ChunkValues = 1 << 20;
    private readonly List<float[]> _chunks;
    private readonly int _rowsPerChunk;
    private readonly long _rows;

    private CachedRows(IRowSource source, List<float[]> chunks, int rowsPerChunk, long rows)
    {
        Columns = source.Columns;
        ColumnNames = source.ColumnNames;
        _chunks = chunks;
        _rowsPerChunk = rowsPerChunk;
        _rows = rows;
    }

    /// <inheritdoc/>
    public int Columns { get; }

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames { get; }

    /// <inheritdoc/>
    public long? RowCount => _rows;

    /// <summary>Reads a source of Single values into memory.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="limit">Most bytes to keep.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The rows in memory, or null where they need more than the limit.</returns>
    public static CachedRows? Read(IRowSource source, long limit, CancellationToken cancellationToken)
    {
        long rowBytes = sizeof(float) * (long)source.Columns;
        if (source.RowCount is { } known && known > limit / rowBytes)
        {
            return null;
        }

        int rowsPerChunk = Math.Max(1, ChunkValues / source.Columns);
        List<float[]> chunks = [];
        double[] block = new double[rowsPerChunk * source.Columns];
        using IRowCursor cursor = source.Open();
        long rows = 0;
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            rows += read;
            if (rows > limit / rowBytes)
            {
                return null;
            }

            float[] chunk = new float[read * source.Columns];
            System.Numerics.Tensors.TensorPrimitives.ConvertTruncating<double, float>(block.AsSpan(0, chunk.Length), chunk);
            chunks.Add(chunk);
        }

        return new CachedRows(source, chunks, rowsPerChunk, rows);
    }

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(this);

    private sealed class Cursor(CachedRows source) : IRowCursor
    {
        private long _row;

        public int Read(Span<double> block)
        {
            int columns = source.Columns;
            int rows = 0;
            while ((rows + 1) * columns <= block.Length && _row < source._rows)
            {
                float[] chunk = source._chunks[(int)(_row / source._rowsPerChunk)];
                int first = (int)(_row % source._rowsPerChunk);
                int count = Math.Min((block.Length / columns) - rows, (chunk.Length / columns) - first);
                System.Numerics.Tensors.TensorPrimitives.ConvertChecked<float, double>(
                    chunk.AsSpan(first * columns, count * columns), block.Slice(rows * columns, count * columns));
                rows += count;
                _row += count;
            }

            return rows;
        }

        public void Dispose()
        {
        }
    }
}
