using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Families.Mixture.Em;

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

    /// <summary>Rows left out because of missing values.</summary>
    public long Skipped { get; private init; }

    /// <summary>The rows in memory, scaled; null when they are streamed.</summary>
    public double[]? Values => _values;

    /// <summary>Reads or counts the rows, as asked.</summary>
    public static MixtureRows Read(CheckedRows source, Scaling scaling, RowCaching caching, CancellationToken cancellationToken)
    {
        if (caching == RowCaching.Stream)
        {
            long count = source.CountRows(cancellationToken);
            return new MixtureRows(source, scaling, count) { Skipped = source.SkippedRows ?? 0 };
        }

        (double[] values, int rows) = source.ReadAll(cancellationToken);
        scaling.Apply(values);
        return new MixtureRows(values, rows, source.Columns) { Skipped = source.SkippedRows ?? 0 };
    }

    /// <summary>Starts a pass that hands out so many segments at a time.</summary>
    public Pass Open(int lanes) => new(this, lanes);

    /// <summary>One pass over the rows.</summary>
    public sealed class Pass : IDisposable
    {
        private readonly MixtureRows _rows;
        private readonly IRowCursor? _cursor;
        private readonly double[][] _buffers = [];
        private readonly int[] _counts;
        private long _first;
        private int _filled;

        public Pass(MixtureRows rows, int lanes)
        {
            _rows = rows;
            _counts = new int[lanes];
            if (rows._source is { } source)
            {
                _cursor = source.Open();
                _buffers = [.. Enumerable.Range(0, lanes).Select(_ => new double[rows.SegmentRows * rows.Columns])];
            }
        }

        /// <summary>Moves on to the next segments; returns how many there are, 0 at the end.</summary>
        public int Next()
        {
            for (int lane = 0; lane < _filled; lane++)
            {
                _first += _counts[lane];
            }

            long next = _first;
            for (_filled = 0; _filled < _counts.Length; _filled++)
            {
                int count = _cursor is null
                    ? (int)Math.Min(_rows.SegmentRows, _rows.Count - next)
                    : _cursor.Read(_buffers[_filled]);
                if (count == 0)
                {
                    break;
                }

                if (_cursor is not null)
                {
                    _rows._scaling!.Apply(_buffers[_filled].AsSpan(0, count * _rows.Columns));
                }

                _counts[_filled] = count;
                next += count;
            }

            return _filled;
        }

        /// <summary>Index of a segment's first row.</summary>
        public long FirstRow(int lane) => _first + ((long)lane * _rows.SegmentRows);

        /// <summary>The rows of a segment.</summary>
        public ReadOnlySpan<double> Segment(int lane) => _rows._values is { } values
            ? values.AsSpan((int)(FirstRow(lane) * _rows.Columns), _counts[lane] * _rows.Columns)
            : _buffers[lane].AsSpan(0, _counts[lane] * _rows.Columns);

        public void Dispose() => _cursor?.Dispose();
    }
}
