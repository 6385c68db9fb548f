namespace EntropyElbo.Data;

/// <summary>Says of each row in turn, from the first on, whether it belongs.</summary>
internal interface IRowMembership
{
    /// <summary>Whether the next row belongs.</summary>
    bool Next();
}

/// <summary>The rows of a source that a rule picks; the rule sees only the rows' positions, in order.</summary>
internal sealed class FilteredRows(IRowSource inner, Func<IRowMembership> rule, long? rowCount) : IRowSource, ICountedRows, ICostlyRows
{
    public int Columns => inner.Columns;

    public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

    public long? RowCount => rowCount;

    public bool HasWeights => inner.HasWeights;

    public bool IsCostly => inner is ICostlyRows { IsCostly: true };

    public IRowCursor Open() => new Cursor(inner.Open(), inner.Columns, rule());

    public long CountRows(CancellationToken cancellationToken)
    {
        long all = inner.CountRows(cancellationToken);
        IRowMembership membership = rule();
        long rows = 0;
        for (long i = 0; i < all; i++)
        {
            rows += membership.Next() ? 1 : 0;
        }

        return rows;
    }

    private sealed class Cursor(IRowCursor inner, int columns, IRowMembership rule) : WeightingCursor
    {
        public override int Read(Span<double> block, Span<double> weights)
        {
            int capacity = RowBlock.Capacity(block, columns);
            int filled = 0;
            while (filled < capacity)
            {
                Span<double> rest = block[(filled * columns)..], restWeights = RowBlock.WeightsFrom(weights, filled);
                int rows = inner.Read(rest, restWeights);
                if (rows == 0)
                {
                    break;
                }

                filled += Compact(rest, restWeights, rows);
            }

            return filled;
        }

        public override void Dispose() => inner.Dispose();

        private int Compact(Span<double> block, Span<double> weights, int rows)
        {
            int kept = 0;
            for (int i = 0; i < rows; i++)
            {
                if (rule.Next())
                {
                    RowBlock.Move(block, weights, columns, i, kept++);
                }
            }

            return kept;
        }
    }
}
