namespace EntropyElbo.Data;

/// <summary>
/// The first rows of a pass, kept, and then the rest of the same pass: who must know whether there are few rows need not
/// read them twice. Can be opened once.
/// </summary>
internal sealed class PeekedRows : IRowSource, IDisposable
{
    private readonly IRowSource _source;
    private readonly IRowCursor _cursor;
    private readonly Queue<(double[] Values, double[] Weights, int Rows)> _blocks = new();
    private int _taken;

    /// <summary>Reads rows until there are more than some number, or no more.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="most">How many are few.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public PeekedRows(IRowSource source, long most, CancellationToken cancellationToken)
    {
        _source = source;
        _cursor = source.Open();
        while (Kept <= most)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[] block = RowBlock.Allocate(source.Columns), weights = RowBlock.AllocateWeights(source);
            int read = _cursor.Read(block, weights);
            if (read == 0)
            {
                AreAll = true;
                return;
            }

            _blocks.Enqueue((block, weights, read));
            Kept += read;
        }
    }

    /// <summary>Rows kept.</summary>
    public long Kept { get; private set; }

    /// <summary>Whether these are all there are.</summary>
    public bool AreAll { get; }

    /// <inheritdoc/>
    public int Columns => _source.Columns;

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames => _source.ColumnNames;

    /// <inheritdoc/>
    public long? RowCount => AreAll ? Kept : _source.RowCount;

    /// <inheritdoc/>
    public bool HasWeights => _source.HasWeights;

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(this);

    /// <inheritdoc/>
    public void Dispose() => _cursor.Dispose();

    private int Read(Span<double> block, Span<double> weights)
    {
        int filled = 0;
        for (int capacity = RowBlock.Capacity(block, Columns); filled < capacity && _blocks.TryPeek(out var first);)
        {
            int count = Math.Min(capacity - filled, first.Rows - _taken);
            first.Values.AsSpan(_taken * Columns, count * Columns).CopyTo(block[(filled * Columns)..]);
            CopyWeights(first.Weights, count, RowBlock.WeightsFrom(weights, filled));
            filled += count;
            _taken += count;
            if (_taken == first.Rows)
            {
                _blocks.Dequeue();
                _taken = 0;
            }
        }

        Span<double> rest = block[(filled * Columns)..];
        return rest.IsEmpty || AreAll ? filled : filled + _cursor.Read(rest, RowBlock.WeightsFrom(weights, filled));
    }

    /// <summary>Rows without weights have the weight 1.</summary>
    private void CopyWeights(double[] kept, int count, Span<double> target)
    {
        if (target.IsEmpty)
        {
            return;
        }

        if (HasWeights)
        {
            kept.AsSpan(_taken, count).CopyTo(target);
        }
        else
        {
            target[..count].Fill(1);
        }
    }

    private sealed class Cursor(PeekedRows rows) : WeightingCursor
    {
        public override int Read(Span<double> block, Span<double> weights) => rows.Read(block, weights);

        public override void Dispose()
        {
            // The pass belongs to the source.
        }
    }
}
