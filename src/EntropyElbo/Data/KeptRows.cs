namespace EntropyElbo.Data;

/// <summary>
/// Rows of a source that is costly to read, kept in memory as the first whole pass delivers them, so that a file is parsed once
/// however often its rows are read. Where they take more than a limit, what was kept is let go, and every pass reads the source.
/// </summary>
internal sealed class KeptRows : IRowSource, ICountedRows, INotedRows
{
    /// <summary>Share of the machine's memory that rows may take: a fit keeps its own copy beside them.</summary>
    private const double MemoryShare = 0.25;

    private readonly IRowSource _inner;
    private readonly long _limit;
    private ChunkedRows? _kept;
    private long _count = -1;

    /// <summary>1 while a cursor keeps what it reads, and for good where the rows do not fit.</summary>
    private int _taken;

    public KeptRows(IRowSource inner, long limit)
    {
        _inner = inner;
        _limit = limit;
        _taken = ChunkedRows.MayFit(inner, limit) ? 0 : 1;
    }

    public int Columns => _inner.Columns;

    public IReadOnlyList<string> ColumnNames => _inner.ColumnNames;

    /// <summary>Known from the first whole pass on, also where rows are not kept.</summary>
    public long? RowCount => Interlocked.Read(ref _count) is long n and >= 0 ? n : _inner.RowCount;

    public bool HasWeights => _inner.HasWeights;

    /// <summary>Whether further passes are over memory.</summary>
    public bool AreInMemory => Volatile.Read(ref _kept) is not null;

    IReadOnlyList<string> INotedRows.Notes => _inner.Notes();

    /// <summary>The rows, kept where reading them again is costly.</summary>
    public static IRowSource Of(IRowSource rows) => rows is ICostlyRows { IsCostly: true }
        ? new KeptRows(rows, (long)(MemoryShare * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes))
        : rows;

    public IRowCursor Open() => Volatile.Read(ref _kept) is { } kept ? kept.Open()
        : Interlocked.Exchange(ref _taken, 1) == 0 ? new Keeper(this)
        : _inner.Open();

    /// <summary>By a pass that keeps the rows, where they may fit.</summary>
    long ICountedRows.CountRows(CancellationToken cancellationToken) => Volatile.Read(ref _taken) == 0
        ? RowBlock.CountByPass(this, cancellationToken)
        : _inner.CountRows(cancellationToken);

    /// <summary>The pass that keeps what it reads.</summary>
    private sealed class Keeper(KeptRows source) : WeightingCursor
    {
        private readonly IRowCursor _cursor = source.OpenInner();
        private ChunkedRows.Builder? _builder = new(source.ColumnNames, source.HasWeights);
        private double[] _weights = [];
        private bool _mayTryAgain = true;
        private bool _atEnd;
        private long _rows;

        public override int Read(Span<double> block, Span<double> weights)
        {
            if (_atEnd)
            {
                return 0;
            }

            int capacity = RowBlock.Capacity(block, source.Columns);
            if (weights.IsEmpty && source.HasWeights)
            {
                weights = _weights = _weights.Length < capacity ? new double[capacity] : _weights;
            }

            int read = _cursor.Read(block, weights);
            _rows += read;
            Keep(block[..(read * source.Columns)], weights);
            if (read < capacity)
            {
                Finish();
            }

            return read;
        }

        public override void Dispose()
        {
            _cursor.Dispose();
            if (!_atEnd && _mayTryAgain)
            {
                // Not a whole pass; the next may be.
                Volatile.Write(ref source._taken, 0);
                _mayTryAgain = false;
            }
        }

        private void Keep(ReadOnlySpan<double> rows, ReadOnlySpan<double> weights)
        {
            _builder?.Add(rows, weights);
            if (_builder?.Bytes > source._limit)
            {
                _builder = null;
                _mayTryAgain = false;
            }
        }

        private void Finish()
        {
            _atEnd = true;
            Interlocked.Exchange(ref source._count, _rows);
            Volatile.Write(ref source._kept, _builder?.Finish());
            _builder = null;
        }
    }

    private IRowCursor OpenInner()
    {
        try
        {
            return _inner.Open();
        }
        catch
        {
            Volatile.Write(ref _taken, 0);
            throw;
        }
    }
}
