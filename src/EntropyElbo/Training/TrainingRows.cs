using System.Runtime.Intrinsics.X86;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Training;

/// <summary>
/// Training rows in batches, scaled to floats, in a new seeded order every epoch. Batches of an epoch differ by at most
/// one row in size, so the last is not a remnant.
/// </summary>
internal abstract class TrainingRows : IDisposable
{
    /// <summary>Rows of an epoch.</summary>
    public abstract long Count { get; }

    /// <summary>Rows left out because of missing values.</summary>
    public abstract long Skipped { get; }

    /// <summary>Rows of the current batch.</summary>
    public int BatchRows { get; private protected set; }

    /// <summary>Starts an epoch; the order depends on seed and epoch only.</summary>
    public abstract void BeginEpoch(int epoch);

    /// <summary>Moves to the next batch; false at the end of the epoch.</summary>
    public abstract bool NextBatch();

    /// <summary>Copies rows [start, start + target.Rows) of the batch. Safe from several threads.</summary>
    public abstract void Gather(int start, MatrixView<float> target);

    /// <summary>Zero-based number, in the order of the data, of a row of the batch; rows left out are not counted.</summary>
    public abstract long RowNumber(int index);

    /// <summary>
    /// Weights of the rows, of mean 1, in the order of the data, 4 bytes each; null where all count as one. Means over a batch are sums
    /// over its rows, each times its weight, divided by their number: so all batches together are the weighted mean of all rows.
    /// </summary>
    public float[]? Weights { get; private set; }

    /// <summary>The weight of a row of the batch.</summary>
    public double WeightOf(int index) => Weights?[RowNumber(index)] ?? 1;

    /// <summary>Copies the weights of rows from <paramref name="start"/> on of the batch. Safe from several threads.</summary>
    public void GatherWeights(int start, Span<float> target)
    {
        for (int row = 0; row < target.Length; row++)
        {
            target[row] = Weights![RowNumber(start + row)];
        }
    }

    /// <summary>All rows of an epoch, in the order of the data, where they are in memory; else null.</summary>
    public virtual float[]? Whole => null;

    /// <summary>Where the rows of the batch lie among <see cref="Whole"/>; empty where that is null.</summary>
    public virtual ReadOnlySpan<int> Order => [];

    /// <summary>Opens the rows as the context asks.</summary>
    /// <param name="rows">The rows, as the user gave them.</param>
    /// <param name="scaling">Scaling to apply.</param>
    /// <param name="batchSize">Rows of a batch at most.</param>
    /// <param name="seed">Seed of the order.</param>
    /// <param name="context">Policy on missing values, and caching.</param>
    public static TrainingRows Open(IRowSource rows, Scaling scaling, int batchSize, ulong seed, FitContext context)
    {
        CheckedRows source = new(rows, context.MissingValues);
        TrainingRows training = context.Caching == RowCaching.Memory
            ? new MemoryTrainingRows(source, scaling, batchSize, seed)
            : new StreamedTrainingRows(source, scaling, batchSize, seed);
        if (training.Count >= 2)
        {
            training.Weights = RowWeights.ReadScaled(source, context.CancellationToken);
            return training;
        }

        training.Dispose();
        throw new BadDataException("There is a single row; training needs two rows at least, and many more to learn from.");
    }

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>All rows in memory: 4 N D bytes, and 4 N for the order.</summary>
internal sealed class MemoryTrainingRows : TrainingRows
{
    private const int RowsAhead = 8;
    private readonly float[] _data;
    private readonly int[] _order;
    private readonly int _columns;
    private readonly int _batches;
    private readonly ulong _seed;
    private int _batch;
    private int _start;

    public MemoryTrainingRows(CheckedRows source, Scaling scaling, int batchSize, ulong seed)
    {
        _columns = source.Columns;
        (_data, int count) = source.ReadAllSingle(scaling);
        Skipped = source.SkippedRows ?? 0;
        _order = new int[count];
        _seed = seed;
        _batches = (int)(((long)count + batchSize - 1) / batchSize);
    }

    public override long Count => _order.Length;

    public override long Skipped { get; }

    public override float[]? Whole => _data;

    public override ReadOnlySpan<int> Order => _order.AsSpan(_start, BatchRows);

    public override void BeginEpoch(int epoch)
    {
        new RandomStream(_seed, RandomPurpose.Shuffling, (ulong)epoch).FillPermutation(_order);
        _batch = 0;
    }

    public override bool NextBatch()
    {
        if (_batch == _batches)
        {
            return false;
        }

        _start = (int)((long)_batch * _order.Length / _batches);
        BatchRows = (int)((long)(_batch + 1) * _order.Length / _batches) - _start;
        _batch++;
        return true;
    }

    public override long RowNumber(int index) => _order[_start + index];

    /// <summary>Rows lie anywhere, so each is asked of the memory a few rows before it is copied.</summary>
    public override void Gather(int start, MatrixView<float> target)
    {
        ReadOnlySpan<int> order = _order.AsSpan(_start + start, target.Rows);
        for (int row = 0; row < order.Length; row++)
        {
            if (row + RowsAhead < order.Length)
            {
                Ahead(order[row + RowsAhead] * _columns);
            }

            _data.AsSpan(order[row] * _columns, _columns).CopyTo(target[row]);
        }
    }

    /// <summary>Asks for the first two lines of a row; the processor sees by itself that more follow.</summary>
    private unsafe void Ahead(int first)
    {
        if (Sse.IsSupported)
        {
            fixed (float* row = &_data[first])
            {
                Sse.Prefetch0(row);
                Sse.Prefetch0(row + Math.Min(16, _columns - 1));
            }
        }
    }
}

/// <summary>
/// Rows read again in every epoch through a shuffling buffer: rows are shuffled within runs of the buffer's length.
/// Memory is the buffer, at most 128 MB.
/// </summary>
internal sealed class StreamedTrainingRows : TrainingRows
{
    private const int MaxBufferRows = 1 << 16;
    private const long MaxBufferBytes = 128L << 20;
    private readonly CheckedRows _source;
    private readonly Scaling _scaling;
    private readonly int _batchSize;
    private readonly ulong _seed;
    private readonly float[] _buffer;
    private readonly double[] _block;
    private readonly int[] _order;
    private readonly long _count;
    private IRowCursor? _cursor;
    private int _epoch;
    private ulong _fill;
    private int _filled;
    private long _filledBefore;
    private int _batches;
    private int _batch;
    private int _start;

    public StreamedTrainingRows(CheckedRows source, Scaling scaling, int batchSize, ulong seed)
    {
        _source = source;
        _scaling = scaling;
        _batchSize = batchSize;
        _seed = seed;
        int rows = (int)Math.Clamp(MaxBufferBytes / (4L * source.Columns), batchSize, MaxBufferRows);
        rows = Math.Max(rows, batchSize);
        _buffer = new float[ArraySize.Of(rows, source.Columns)];
        _block = RowBlock.Allocate(source.Columns);
        _order = new int[rows];
        _count = source.CountRows();
        Skipped = source.SkippedRows ?? 0;
    }

    public override long Count => _count;

    public override long Skipped { get; }

    public override void BeginEpoch(int epoch)
    {
        _cursor?.Dispose();
        _cursor = _source.Open();
        _epoch = epoch;
        _fill = 0;
        _filled = 0;
        _filledBefore = 0;
        _batch = 0;
        _batches = 0;
    }

    public override bool NextBatch()
    {
        if (_batch == _batches && !Refill())
        {
            return false;
        }

        _start = (int)((long)_batch * _filled / _batches);
        BatchRows = (int)((long)(_batch + 1) * _filled / _batches) - _start;
        _batch++;
        return true;
    }

    public override long RowNumber(int index) => _filledBefore + _order[_start + index];

    public override void Gather(int start, MatrixView<float> target)
    {
        int columns = _source.Columns;
        for (int row = 0; row < target.Rows; row++)
        {
            _buffer.AsSpan(_order[_start + start + row] * columns, columns).CopyTo(target[row]);
        }
    }

    public override void Dispose()
    {
        _cursor?.Dispose();
        base.Dispose();
    }

    private bool Refill()
    {
        int columns = _source.Columns;
        _filledBefore += _filled;
        _filled = 0;
        while (_filled < _order.Length)
        {
            int room = Math.Min(RowBlock.RowsPerBlock(columns), _order.Length - _filled);
            int read = _cursor!.Read(_block.AsSpan(0, room * columns));
            if (read == 0)
            {
                break;
            }

            _scaling.Apply(_block.AsSpan(0, read * columns), _buffer.AsSpan(_filled * columns, read * columns));
            _filled += read;
        }

        _batch = 0;
        _batches = (_filled + _batchSize - 1) / _batchSize;
        new RandomStream(_seed, RandomPurpose.Shuffling, (ulong)_epoch, ++_fill).FillPermutation(_order.AsSpan(0, _filled));
        return _filled > 0;
    }
}
