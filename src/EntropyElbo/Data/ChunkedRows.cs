namespace EntropyElbo.Data;

/// <summary>
/// Rows kept in memory in chunks of whole rows, so that keeping them never needs a second copy: 4 bytes a value in chunks whose every digit
/// floats hold, else 8.
/// </summary>
internal sealed class ChunkedRows : IRowSource
{
    private readonly List<RowChunk> _chunks;
    private readonly List<double[]>? _weights;
    private readonly int _rowsPerChunk;

    private ChunkedRows(List<RowChunk> chunks, List<double[]>? weights, int rowsPerChunk, long rows, IReadOnlyList<string> names)
    {
        _chunks = chunks;
        _weights = weights;
        _rowsPerChunk = rowsPerChunk;
        ColumnNames = names;
        Rows = rows;
    }

    public int Columns => ColumnNames.Count;

    public IReadOnlyList<string> ColumnNames { get; }

    public long Rows { get; }

    public long? RowCount => Rows;

    public bool HasWeights => _weights is not null;

    /// <summary>Reads a cursor to its end.</summary>
    public static ChunkedRows ReadAll(IRowCursor cursor, IReadOnlyList<string> names) =>
        Read(cursor, names, hasWeights: false, long.MaxValue, CancellationToken.None)!;

    /// <summary>Reads a source into memory.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="limit">Most bytes to keep.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>The rows in memory, or null where they need more than the limit.</returns>
    public static ChunkedRows? Read(IRowSource source, long limit, CancellationToken cancellationToken)
    {
        if (!MayFit(source, limit))
        {
            return null;
        }

        using IRowCursor cursor = source.Open();
        return Read(cursor, source.ColumnNames, source.HasWeights, limit, cancellationToken);
    }

    /// <summary>Whether the rows of a source may fit so many bytes, as far as their number is known.</summary>
    public static bool MayFit(IRowSource source, long limit) =>
        source.RowCount is not { } known || known <= limit / (sizeof(float) * (long)source.Columns);

    public IRowCursor Open() => new Cursor(this);

    private static ChunkedRows? Read(
        IRowCursor cursor, IReadOnlyList<string> names, bool hasWeights, long limit, CancellationToken cancellationToken)
    {
        Builder builder = new(names, hasWeights);
        double[] block = RowBlock.Allocate(names.Count), weights = hasWeights ? new double[RowBlock.RowsPerBlock(names.Count)] : [];
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellationToken.ThrowIfCancellationRequested();
            builder.Add(block.AsSpan(0, read * names.Count), weights);
            if (builder.Bytes > limit)
            {
                return null;
            }
        }

        return builder.Finish();
    }

    /// <summary>Keeps rows as they come.</summary>
    internal sealed class Builder
    {
        private const int ChunkValues = 1 << 18;
        private readonly IReadOnlyList<string> _names;
        private readonly List<RowChunk> _chunks = [];
        private readonly List<double[]>? _weights;
        private readonly double[] _open;
        private readonly double[] _openWeights;
        private int _filled;
        private long _rows;

        public Builder(IReadOnlyList<string> names, bool hasWeights = false)
        {
            _names = names;
            _open = new double[Math.Max(1, ChunkValues / names.Count) * names.Count];
            _weights = hasWeights ? [] : null;
            _openWeights = hasWeights ? new double[_open.Length / names.Count] : [];
        }

        /// <summary>Bytes of the chunks that are full.</summary>
        public long Bytes { get; private set; }

        /// <summary>Adds whole rows, and their weights where they have any.</summary>
        public void Add(ReadOnlySpan<double> rows, ReadOnlySpan<double> weights)
        {
            _rows += rows.Length / _names.Count;
            while (!rows.IsEmpty)
            {
                int taken = Math.Min(rows.Length, _open.Length - _filled), first = _filled / _names.Count, count = taken / _names.Count;
                rows[..taken].CopyTo(_open.AsSpan(_filled));
                if (_weights is not null)
                {
                    weights[..count].CopyTo(_openWeights.AsSpan(first));
                    weights = weights[count..];
                }

                rows = rows[taken..];
                _filled += taken;
                if (_filled == _open.Length)
                {
                    Close();
                }
            }
        }

        /// <summary>The rows added.</summary>
        public ChunkedRows Finish()
        {
            if (_filled > 0)
            {
                Close();
            }

            return new ChunkedRows(_chunks, _weights, _open.Length / _names.Count, _rows, _names);
        }

        private void Close()
        {
            RowChunk chunk = RowChunk.Of(_open.AsSpan(0, _filled));
            _chunks.Add(chunk);
            Bytes += chunk.Bytes;
            if (_weights is not null)
            {
                _weights.Add(_openWeights[..(_filled / _names.Count)]);
                Bytes += sizeof(double) * (long)_weights[^1].Length;
            }

            _filled = 0;
        }
    }

    private sealed class Cursor(ChunkedRows source) : WeightingCursor
    {
        private long _row;

        public override int Read(Span<double> block, Span<double> weights)
        {
            int columns = source.Columns;
            int wanted = (int)Math.Min(RowBlock.Capacity(block, columns), source.Rows - _row);
            for (int filled = 0; filled < wanted;)
            {
                RowChunk chunk = source._chunks[(int)(_row / source._rowsPerChunk)];
                int first = (int)(_row % source._rowsPerChunk);
                int rows = Math.Min(wanted - filled, (chunk.Length / columns) - first);
                chunk.CopyTo(first * columns, block.Slice(filled * columns, rows * columns));
                CopyWeights(first, rows, RowBlock.WeightsFrom(weights, filled));
                filled += rows;
                _row += rows;
            }

            return wanted;
        }

        public override void Dispose()
        {
        }

        private void CopyWeights(int first, int rows, Span<double> target)
        {
            if (target.IsEmpty)
            {
                return;
            }

            if (source._weights is { } weights)
            {
                weights[(int)(_row / source._rowsPerChunk)].AsSpan(first, rows).CopyTo(target);
            }
            else
            {
                target[..rows].Fill(1);
            }
        }
    }
}
