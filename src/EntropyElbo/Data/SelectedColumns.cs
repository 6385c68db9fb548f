namespace EntropyElbo.Data;

/// <summary>Some columns of another source, in the order of a <see cref="ColumnSelection"/>.</summary>
public sealed class SelectedColumns : IRowSource, ICountedRows, INotedRows, ICostlyRows
{
    private readonly IRowSource _inner;
    private readonly int[] _columns;
    private readonly string[] _names;
    private readonly List<string> _notes = [];

    /// <summary>Selects columns of a source.</summary>
    /// <param name="inner">The source.</param>
    /// <param name="selection">The columns.</param>
    /// <exception cref="BadOptionException">The selection does not match the source's columns.</exception>
    public SelectedColumns(IRowSource inner, ColumnSelection selection)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(selection);
        _inner = inner;
        _columns = selection.Resolve(inner.ColumnNames, _notes);
        _names = [.. _columns.Select(i => inner.ColumnNames[i])];
    }

    /// <inheritdoc/>
    public int Columns => _columns.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames => _names;

    /// <inheritdoc/>
    public long? RowCount => _inner.RowCount;

    /// <summary>Whether the source's rows have weights; they are these rows'.</summary>
    public bool HasWeights => _inner.HasWeights;

    bool ICostlyRows.IsCostly => _inner is ICostlyRows { IsCostly: true };

    IReadOnlyList<string> INotedRows.Notes => [.. _inner.Notes(), .. _notes];

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(_inner.Open(), _inner.Columns, _columns);

    long ICountedRows.CountRows(CancellationToken cancellationToken) => _inner.CountRows(cancellationToken);

    private sealed class Cursor(IRowCursor inner, int width, int[] columns) : WeightingCursor
    {
        private readonly double[] _wide = RowBlock.Allocate(width);

        public override int Read(Span<double> block, Span<double> weights)
        {
            int capacity = RowBlock.Capacity(block, columns.Length);
            int filled = 0;
            while (filled < capacity)
            {
                int wanted = Math.Min(capacity - filled, _wide.Length / width);
                int rows = inner.Read(_wide.AsSpan(0, wanted * width), RowBlock.WeightsFrom(weights, filled));
                Gather(_wide.AsSpan(0, rows * width), block.Slice(filled * columns.Length, rows * columns.Length));
                filled += rows;
                if (rows < wanted)
                {
                    break;
                }
            }

            return filled;
        }

        public override void Dispose() => inner.Dispose();

        private void Gather(ReadOnlySpan<double> wide, Span<double> narrow)
        {
            for (int to = 0; to < narrow.Length; wide = wide[width..])
            {
                foreach (int column in columns)
                {
                    narrow[to++] = wide[column];
                }
            }
        }
    }
}
