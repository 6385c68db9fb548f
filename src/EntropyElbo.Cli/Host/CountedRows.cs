using EntropyElbo.Data;

namespace EntropyElbo.Cli.Host;

/// <summary>A source whose rows have been counted, so that a split of it can promise rows on both sides.</summary>
internal sealed class CountedRows(IRowSource inner, long rows) : IRowSource
{
    public int Columns => inner.Columns;

    public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

    public long? RowCount => rows;

    public IRowCursor Open() => inner.Open();
}
