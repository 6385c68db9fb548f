using EntropyElbo.Data;

namespace EntropyElbo.DuckDB;

/// <summary>One pass: DuckDB makes chunks as they are asked for, and they are turned row-major.</summary>
internal sealed class DuckCursor : IRowCursor
{
    private readonly DuckSession _session;
    private readonly DuckResult _result;
    private readonly int _columns;
    private readonly Action<ulong> _atEnd;
    private readonly PassDigest _digest = new();
    private int _next;
    private bool _begun;
    private bool _ended;

    /// <summary>Starts a pass; the session is disposed with it.</summary>
    public DuckCursor(DuckSession session, string select, string source, int columns, Action<ulong> atEnd)
    {
        _session = session;
        _columns = columns;
        _atEnd = atEnd;
        try
        {
            _result = session.Stream(select, source);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public int Read(Span<double> block)
    {
        int capacity = RowBlock.Capacity(block, _columns);
        int filled = 0;
        while (filled < capacity && HasRows())
        {
            int rows = Math.Min(capacity - filled, _result.Rows - _next);
            Span<double> target = block.Slice(filled * _columns, rows * _columns);
            _result.Copy(_next, rows, target);
            _digest.Add(target);
            _next += rows;
            filled += rows;
        }

        return filled;
    }

    public void Dispose()
    {
        _result.Dispose();
        _session.Dispose();
    }

    private bool HasRows()
    {
        if (_ended || _next < _result.Rows)
        {
            return !_ended;
        }

        _next = 0;
        _ended = !(_begun ? _result.Next() : _session.Stoppable(_result.Next));
        _begun = true;
        if (_ended)
        {
            _atEnd(_digest.Value);
        }

        return !_ended;
    }
}
