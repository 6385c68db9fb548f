using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture.Rows;

/// <summary>
/// The training rows, scaled, in segments of fixed length: the unit in which statistics are merged, so that sums do not
/// depend on the number of threads. In memory (8 N D bytes), or read again in every pass.
/// </summary>
internal sealed class MixtureRows
{
    /// <summary>Blocks of a segment.</summary>
    private const int SegmentBlocks = 8;

    private readonly double[]? _values;
    private readonly CheckedRows? _source;
    private readonly Scaling? _scaling;

    /// <summary>Rows in memory.</summary>
    public MixtureRows(double[] values, long count, int columns)
    {
        _values = values;
        Count = count;
        Weight = count;
        Columns = columns;
    }

    private MixtureRows(CheckedRows source, Scaling scaling, long count)
    {
        _source = source;
        _scaling = scaling;
        Count = count;
        Columns = source.Columns;
    }

    /// <summary>Number of rows.</summary>
    public long Count { get; }

    /// <summary>Rows of a segment: fewer where they are very wide.</summary>
    public int SegmentRows => SegmentBlocks * LatentModel.RowsOfBlock(Columns);

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Weights of the rows, 8 bytes each; null where all count as one.</summary>
    public double[]? Weights { get; private init; }

    /// <summary>What they sum to, else the number of rows.</summary>
    public double Weight { get; private init; }

    /// <summary>Rows left out because of missing values.</summary>
    public long Skipped { get; private init; }

    /// <summary>The rows in memory, scaled; null when they are streamed.</summary>
    public double[]? Values => _values;

    /// <summary>Reads or counts the rows, as asked.</summary>
    public static MixtureRows Read(CheckedRows source, Scaling scaling, RowCaching caching, CancellationToken cancellationToken)
    {
        double[]? weights = RowWeights.ReadAll(source, cancellationToken);
        if (caching == RowCaching.Stream)
        {
            long count = source.CountRows(cancellationToken);
            return new MixtureRows(source, scaling, count)
            {
                Skipped = source.SkippedRows ?? 0,
                Weights = weights,
                Weight = RowWeights.Total(weights, count),
            };
        }

        (double[] values, int rows) = source.ReadAll(cancellationToken);
        scaling.Apply(values);
        return new MixtureRows(values, rows, source.Columns)
        {
            Skipped = source.SkippedRows ?? 0,
            Weights = weights,
            Weight = RowWeights.Total(weights, rows),
        };
    }

    /// <summary>Starts a pass over segments.</summary>
    public Pass Open() => new(this);

    /// <summary>One pass over the rows.</summary>
    public sealed class Pass(MixtureRows rows) : IDisposable
    {
        private readonly IRowCursor? _cursor = rows._source?.Open();
        private double[]? _buffer;
        private long _next;

        /// <summary>
        /// Takes the segment that begins with a row, into a buffer where rows are streamed; returns its rows, 0 at the end.
        /// </summary>
        public int Take(long firstRow, ref double[]? buffer)
        {
            if (_cursor is null)
            {
                return BlockPlace.RowsAt(firstRow, rows.Count, rows.SegmentRows);
            }

            buffer ??= new double[rows.SegmentRows * rows.Columns];
            return _cursor.Read(buffer);
        }

        /// <summary>The scaled rows of a segment that was taken; asked for once.</summary>
        public ReadOnlySpan<double> Segment(long firstRow, int count, double[]? buffer)
        {
            if (rows._values is { } values)
            {
                return values.AsSpan((int)(firstRow * rows.Columns), count * rows.Columns);
            }

            Span<double> taken = buffer.AsSpan(0, count * rows.Columns);
            rows._scaling!.Apply(taken);
            return taken;
        }

        /// <summary>The next segment, for a pass on one thread; empty at the end.</summary>
        public ReadOnlySpan<double> Next(out long firstRow)
        {
            firstRow = _next;
            int count = Take(_next, ref _buffer);
            _next += count;
            return count == 0 ? [] : Segment(firstRow, count, _buffer);
        }

        public void Dispose() => _cursor?.Dispose();
    }
}
