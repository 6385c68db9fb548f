namespace EntropyElbo.Data;

/// <summary>
/// Cuts a stream of bytes into CSV records: lines, or several lines where a quoted cell holds line ends (RFC 4180).
/// The buffer grows to the longest record and no further than 64 MB.
/// </summary>
internal sealed class CsvRecordReader(Stream stream, string source, byte delimiter, int bufferBytes = 1 << 18) : IDisposable
{
    private const int MaxRecordBytes = 64 << 20;
    private byte[] _buffer = new byte[bufferBytes];
    private int _start;
    private int _end;
    private bool _streamEnded;
    private bool _started;
    private long _nextLine = 1;

    /// <summary>Line of the file on which the current record starts, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the current record has a quote anywhere.</summary>
    public bool HasQuotes { get; private set; }

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    private static ReadOnlySpan<byte> Utf16Little => [0xFF, 0xFE];

    private static ReadOnlySpan<byte> Utf16Big => [0xFE, 0xFF];

    /// <summary>The next record without its line end; blank lines are returned too.</summary>
    /// <param name="record">The record, valid until the next call.</param>
    /// <returns>False at the end of the stream.</returns>
    public bool Next(out ReadOnlySpan<byte> record)
    {
        if (!_started)
        {
            _started = true;
            SkipMark();
        }

        Line = _nextLine;
        HasQuotes = false;
        int length = Find();
        record = length < 0 ? default : _buffer.AsSpan(_start, length);
        if (length < 0)
        {
            return false;
        }

        _start = Math.Min(_start + length + 1, _end);
        _nextLine++;
        record = !record.IsEmpty && record[^1] == '\r' ? record[..^1] : record;
        return true;
    }

    /// <summary>The next record that is not blank; only the end of the stream may follow a blank line.</summary>
    /// <exception cref="BadDataException">A blank line between other lines.</exception>
    public bool NextData(out ReadOnlySpan<byte> record)
    {
        if (!Next(out record))
        {
            return false;
        }

        if (!IsBlank(record))
        {
            return true;
        }

        long blank = Line;
        while (Next(out record))
        {
            if (!IsBlank(record))
            {
                throw new BadDataException(
                    $"{source}, line {blank}: the line is blank but lines follow; remove it, or write NA for a missing value.");
            }
        }

        return false;
    }

    /// <summary>Passes over blank lines at the top and returns the first other record.</summary>
    public bool FirstData(out ReadOnlySpan<byte> record)
    {
        while (Next(out record))
        {
            if (!IsBlank(record))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => stream.Dispose();

    private static bool IsBlank(ReadOnlySpan<byte> record) =>
        record.IsEmpty || (record[0] == ' ' && !record.ContainsAnyExcept((byte)' '));

    /// <summary>Length of the record at <see cref="_start"/>, or -1 at the end.</summary>
    private int Find()
    {
        int scanned = 0;
        bool quoted = false;
        int closed = -2;
        while (true)
        {
            ReadOnlySpan<byte> rest = _buffer.AsSpan(_start + scanned, _end - _start - scanned);
            int found = rest.IndexOfAny((byte)'\n', (byte)'"');
            if (found < 0)
            {
                scanned = _end - _start;
                if (!Fill())
                {
                    return AtEnd(scanned, quoted);
                }

                continue;
            }

            int at = scanned + found;
            scanned = at + 1;
            if (rest[found] == '\n')
            {
                if (!quoted)
                {
                    return at;
                }

                _nextLine++;
            }
            else if (quoted)
            {
                (quoted, closed) = (false, at);
            }
            else
            {
                HasQuotes = true;
                quoted = at == 0 || at - 1 == closed || IsDelimiter(_buffer[_start + at - 1]);
            }
        }
    }

    private int AtEnd(int length, bool quoted) => quoted
        ? throw new BadDataException($"{source}, line {Line}: a quoted cell is never closed; check the double quotes.")
        : length == 0 ? -1 : length;

    private bool IsDelimiter(byte b) => delimiter != 0 ? b == delimiter : b is (byte)',' or (byte)'\t' or (byte)';';

    private void SkipMark()
    {
        while (_end < 3 && Fill())
        {
        }

        ReadOnlySpan<byte> head = _buffer.AsSpan(0, _end);
        if (head.StartsWith(Utf16Little) || head.StartsWith(Utf16Big))
        {
            throw new BadDataException($"{source} is UTF-16 text; save it as UTF-8.");
        }

        _start = head.StartsWith(Utf8Mark) ? 3 : 0;
    }

    /// <summary>Reads more bytes behind those not yet used; false at the end of the stream.</summary>
    private bool Fill()
    {
        if (_streamEnded)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= MaxRecordBytes)
            {
                throw new BadDataException(
                    $"{source}, line {Line}: the line is longer than 64 MB; check line ends and double quotes.");
            }

            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxRecordBytes));
        }

        int read = RawFiles.Read(stream, _buffer.AsSpan(_end), source);
        _end += read;
        _streamEnded = read == 0;
        return read > 0;
    }
}
