using EntropyElbo.Data;

namespace EntropyElbo.Tests.Data;

/// <summary>Rows as of a text file, which counts the passes over it: those that read values, and those that only count rows.</summary>
internal sealed class CountingRows(IRowSource inner) : IRowSource, ICountedRows, ICostlyRows
{
    private int _passes;

    /// <summary>Passes begun.</summary>
    public int Passes => _passes;

    public int Columns => inner.Columns;

    public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

    /// <summary>Not known without a pass, as of a text file.</summary>
    public long? RowCount => null;

    public bool IsCostly => true;

    public IRowCursor Open()
    {
        Interlocked.Increment(ref _passes);
        return inner.Open();
    }

    public long CountRows(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _passes);
        return inner.CountRows(cancellationToken);
    }
}
