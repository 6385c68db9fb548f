namespace EntropyElbo.Data;

/// <summary>The first rows of another source.</summary>
internal sealed class FirstRows(IRowSource inner, long rows) : IRowSource, ICostlyRows
{
    public int Columns => inner.Columns;

    public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

    public long? RowCount => rows == 0 ? 0 : inner.RowCount is long known ? Math.Min(known, rows) : null;

    public bool HasWeights => inner.HasWeights;

    public bool IsCostly => inner is ICostlyRows { IsCostly: true };

    public IRowCursor Open() => new Cursor(inner.Open(), inner.Columns, rows);

    private sealed class Cursor(IRowCursor inner, int columns, long left) : WeightingCursor
    {
        private long _left = left;

        public override int Read(Span<double> block, Span<double> weights)
        {
            int wanted = (int)Math.Min(RowBlock.Capacity(block, columns), _left);
            int rows = wanted == 0 ? 0 : inner.Read(block[..(wanted * columns)], weights);
            _left -= rows;
            return rows;
        }

        public override void Dispose() => inner.Dispose();
    }
}
