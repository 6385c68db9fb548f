using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using EntropyElbo.Data;

namespace MLNet.EntropyElbo.Data;

/// <summary>
/// Rows of a source kept in memory, in chunks, so that keeping them never needs a second copy: as 4-byte floats where these hold every digit of a chunk,
/// else as doubles.
/// </summary>
internal sealed class CachedRows : IRowSource
{
    private const int ChunkValues = 1 << 20;
    private readonly List<Chunk> _chunks;
    private readonly int _rowsPerChunk;
    private readonly long _rows;

    private CachedRows(IRowSource source, List<Chunk> chunks, int rowsPerChunk, long rows)
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

    /// <summary>Reads a source into memory.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="limit">Most bytes to keep.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The rows in memory, or null where they need more than the limit.</returns>
    public static CachedRows? Read(IRowSource source, long limit, CancellationToken cancellationToken)
    {
        if (source.RowCount is { } known && known > limit / (sizeof(float) * (long)source.Columns))
        {
            return null;
        }

        int rowsPerChunk = Math.Max(1, ChunkValues / source.Columns);
        List<Chunk> chunks = [];
        double[] block = new double[rowsPerChunk * source.Columns];
        using IRowCursor cursor = source.Open();
        long rows = 0, bytes = 0;
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Chunk chunk = Chunk.Of(block.AsSpan(0, read * source.Columns));
            rows += read;
            bytes += chunk.Bytes;
            if (bytes > limit)
            {
                return null;
            }

            chunks.Add(chunk);
        }

        return new CachedRows(source, chunks, rowsPerChunk, rows);
    }

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(this);

    /// <summary>Values of one of the two widths.</summary>
    private readonly record struct Chunk(float[]? Singles, double[]? Doubles)
    {
        public int Length => Singles?.Length ?? Doubles!.Length;

        public long Bytes => Singles is null ? sizeof(double) * (long)Length : sizeof(float) * (long)Length;

        public static Chunk Of(ReadOnlySpan<double> values)
        {
            const int part = 1024;
            Span<double> back = stackalloc double[part];
            float[] singles = new float[values.Length];
            for (int start = 0; start < singles.Length; start += part)
            {
                ReadOnlySpan<double> own = values.Slice(start, Math.Min(part, singles.Length - start));
                Span<float> narrow = singles.AsSpan(start, own.Length);
                TensorPrimitives.ConvertTruncating(own, narrow);
                TensorPrimitives.ConvertChecked<float, double>(narrow, back);
                if (!MemoryMarshal.Cast<double, long>(own).SequenceEqual(MemoryMarshal.Cast<double, long>(back[..own.Length])))
                {
                    return new Chunk(null, values.ToArray());
                }
            }

            return new Chunk(singles, null);
        }

        public void CopyTo(int start, Span<double> target)
        {
            if (Singles is null)
            {
                Doubles.AsSpan(start, target.Length).CopyTo(target);
            }
            else
            {
                TensorPrimitives.ConvertChecked<float, double>(Singles.AsSpan(start, target.Length), target);
            }
        }
    }

    private sealed class Cursor(CachedRows source) : IRowCursor
    {
        private long _row;

        public int Read(Span<double> block)
        {
            int columns = source.Columns;
            int rows = 0;
            while ((rows + 1) * columns <= block.Length && _row < source._rows)
            {
                Chunk chunk = source._chunks[(int)(_row / source._rowsPerChunk)];
                int first = (int)(_row % source._rowsPerChunk);
                int count = Math.Min((block.Length / columns) - rows, (chunk.Length / columns) - first);
                chunk.CopyTo(first * columns, block.Slice(rows * columns, count * columns));
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
