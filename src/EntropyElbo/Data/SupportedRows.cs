namespace EntropyElbo.Data;

/// <summary>The value of a row that its likelihood does not allow.</summary>
/// <param name="Column">Its column.</param>
/// <param name="Reason">What values should be, and the remedy: the end of the message.</param>
internal readonly record struct OutsideValue(int Column, string Reason);

/// <summary>Which rows a likelihood allows.</summary>
internal abstract class RowSupport
{
    /// <summary>The first value of a row of finite numbers that is not allowed, or null.</summary>
    public abstract OutsideValue? FirstOutside(ReadOnlySpan<double> row);

    /// <summary>
    /// Stops at the first value that is not allowed. Rows with missing values pass: what to do with them is another's decision.
    /// </summary>
    /// <param name="rows">Whole rows.</param>
    /// <param name="firstRow">Number of the first of them, from 0.</param>
    /// <param name="columnNames">Names of the columns.</param>
    /// <param name="weights">Weights of the rows, if they have any: those of weight 0 do not count.</param>
    /// <exception cref="BadDataException">The message names row, column, value and remedy.</exception>
    public void Require(
        ReadOnlySpan<double> rows, long firstRow, IReadOnlyList<string> columnNames, ReadOnlySpan<double> weights = default)
    {
        int columns = columnNames.Count;
        for (int i = 0; i < rows.Length / columns; i++)
        {
            ReadOnlySpan<double> row = rows.Slice(i * columns, columns);
            if (FirstOutside(row) is { } outside && RowBlock.IndexOfNonFinite(row) < 0 && (weights.IsEmpty || weights[i] > 0))
            {
                string column = columnNames[outside.Column];
                throw new BadDataException(
                    FormattableString.Invariant(
                        $"row {firstRow + i + 1} (the first is 1), column '{column}' is {row[outside.Column]:R}, but {outside.Reason}"),
                    firstRow + i,
                    column);
            }
        }
    }
}

/// <summary>Rows that are checked against the support of a likelihood as they are read.</summary>
internal sealed class SupportedRows : IRowSource
{
    private readonly IRowSource _inner;
    private readonly RowSupport _support;

    private SupportedRows(IRowSource inner, RowSupport support)
    {
        _inner = inner;
        _support = support;
    }

    public int Columns => _inner.Columns;

    public IReadOnlyList<string> ColumnNames => _inner.ColumnNames;

    public long? RowCount => _inner.RowCount;

    public bool HasWeights => _inner.HasWeights;

    /// <summary>The rows themselves where every finite number is allowed.</summary>
    public static IRowSource Of(IRowSource rows, RowSupport? support) => support is null ? rows : new SupportedRows(rows, support);

    public IRowCursor Open() => new Cursor(this);

    private sealed class Cursor(SupportedRows source) : WeightingCursor
    {
        private readonly IRowCursor _cursor = source._inner.Open();
        private double[] _weights = [];
        private long _row;

        public override int Read(Span<double> block, Span<double> weights)
        {
            if (weights.IsEmpty && source.HasWeights)
            {
                int capacity = RowBlock.Capacity(block, source.Columns);
                weights = _weights = _weights.Length < capacity ? new double[capacity] : _weights;
            }

            int read = _cursor.Read(block, weights);
            source._support.Require(block[..(read * source.Columns)], _row, source.ColumnNames, weights);
            _row += read;
            return read;
        }

        public override void Dispose() => _cursor.Dispose();
    }
}
