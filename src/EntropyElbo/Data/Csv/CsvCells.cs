namespace EntropyElbo.Data.Csv;

/// <summary>Walks through the cells of one record; quotes are taken off (RFC 4180).</summary>
internal ref struct CsvCells(ReadOnlySpan<byte> record, byte delimiter, bool hasQuotes)
{
    private ReadOnlySpan<byte> _rest = record;
    private bool _ended;

    /// <summary>The cell, without its quotes.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>What follows the cell's delimiter; of no meaning behind the last cell.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>Whether the cell is the record's last.</summary>
    public readonly bool IsLast => _ended;

    /// <summary>Whether the cell was in quotes.</summary>
    public bool IsQuoted { get; private set; }

    /// <summary>Goes to the next cell. An empty record has one empty cell.</summary>
    public bool MoveNext()
    {
        if (_ended)
        {
            return false;
        }

        IsQuoted = hasQuotes && !_rest.IsEmpty && _rest[0] == '"';
        if (IsQuoted)
        {
            Quoted();
            return true;
        }

        int length = _rest.IndexOf(delimiter);
        _ended = length < 0;
        Current = _ended ? _rest : _rest[..length];
        _rest = _ended ? default : _rest[(length + 1)..];
        return true;
    }

    /// <summary>
    /// A cell that starts with a quote: doubled quotes become one; what follows the closing quote is kept as it is, up to
    /// the delimiter.
    /// </summary>
    private void Quoted()
    {
        int end = 0;
        int closed = -1;
        bool inside = false;
        for (; end < _rest.Length && (inside || _rest[end] != delimiter); end++)
        {
            if (_rest[end] == '"' && (inside || closed == end - 1))
            {
                closed = inside ? end : closed;
                inside = !inside;
            }
        }

        ReadOnlySpan<byte> cell = _rest[..end];
        bool plain = end >= 2 && cell[1..].IndexOf((byte)'"') == end - 2;
        Current = plain ? cell[1..^1] : Unquote(cell);
        _ended = end == _rest.Length;
        _rest = _ended ? default : _rest[(end + 1)..];
    }

    private static byte[] Unquote(ReadOnlySpan<byte> cell)
    {
        byte[] text = new byte[cell.Length];
        int length = 0;
        int closed = -1;
        bool inside = false;
        for (int i = 0; i < cell.Length; i++)
        {
            bool mark = cell[i] == '"' && (inside || closed == i - 1);
            if (!mark || (!inside && i > 0))
            {
                text[length++] = cell[i];
            }

            if (mark)
            {
                closed = inside ? i : closed;
                inside = !inside;
            }
        }

        return text[..length];
    }
}
