namespace EntropyElbo.Data;

/// <summary>Walks through the cells of one record; quotes are taken off (RFC 4180).</summary>
internal ref struct CsvCells(ReadOnlySpan<byte> record, byte delimiter, bool hasQuotes)
{
    private ReadOnlySpan<byte> _rest = record;
    private bool _ended;

    /// <summary>The cell, without its quotes.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Goes to the next cell. An empty record has one empty cell.</summary>
    public bool MoveNext()
    {
        if (_ended)
        {
            return false;
        }

        if (hasQuotes && !_rest.IsEmpty && _rest[0] == '"')
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

    /// <summary>A cell that starts with a quote: doubled quotes become one; what follows the closing quote is kept as it is.</summary>
    private void Quoted()
    {
        byte[] text = new byte[_rest.Length];
        int length = 0;
        int i = 1;
        bool inside = true;
        for (; i < _rest.Length; i++)
        {
            byte b = _rest[i];
            if (inside && b == '"')
            {
                if (i + 1 < _rest.Length && _rest[i + 1] == '"')
                {
                    i++;
                }
                else
                {
                    inside = false;
                    continue;
                }
            }
            else if (!inside && b == delimiter)
            {
                break;
            }

            text[length++] = b;
        }

        Current = text.AsSpan(0, length);
        _ended = i >= _rest.Length;
        _rest = _ended ? default : _rest[(i + 1)..];
    }
}
