namespace EntropyElbo.Data.Csv;

/// <summary>
/// Cuts a stream of bytes into CSV records: lines, or several lines where a quoted cell holds line ends (RFC 4180).
/// The buffer grows to the longest record and no further than 64 MB. UTF-16 with its mark is read as UTF-8.
/// </summary>
internal sealed class CsvRecordReader(Stream stream, string source, byte delimiter, int bufferBytes = 1 << 18) : IDisposable
{
    private const int MaxRecordBytes = 64 << 20;

    /// <summary>Blank lines at the top or the end that are read before they are taken for no table at all.</summary>
    private const long MaxBlankBytes = 4 << 20;

    private readonly Stream _bytes = stream;
    private Stream _stream = stream;
    private long _blankBytes;
    private byte[] _buffer = new byte[bufferBytes];
    private int _start;
    private int _end;
    private bool _streamEnded;
    private bool _started;
    private long _nextLine = 1;
    private int _lastLineEnd = -1;

    /// <summary>Line of the file on which the current record starts, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the current record has a quote anywhere.</summary>
    public bool HasQuotes { get; private set; }

    /// <summary>The character between cells, 0 while it is not known; a space stands for runs of spaces and tabs.</summary>
    public byte Delimiter { get; set; } = delimiter;

    /// <summary>Whether a whole line has come already, so that the next record need not be waited for (unless it has several).</summary>
    public bool HasLine => _start <= _lastLineEnd;

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>The first bytes of the stream, as far as it lasts; before anything else is read.</summary>
    /// <param name="bytes">Bytes wanted.</param>
    /// <param name="untilLine">Whether a whole line is enough.</param>
    public ReadOnlySpan<byte> Head(int bytes, bool untilLine = false)
    {
        while (_end < bytes && !(untilLine && HasLine) && Fill())
        {
        }

        return _buffer.AsSpan(0, Math.Min(bytes, _end));
    }

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
        int start = _start;
        record = length < 0 ? default : _buffer.AsSpan(start, length);
        if (length < 0)
        {
            return false;
        }

        _start = Math.Min(_start + length + 1, _end);
        _nextLine++;
        record = !record.IsEmpty && record[^1] == '\r' ? record[..^1] : record;
        record = Delimiter == ' ' ? Collapse(record.Length, start) : record;
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
        CountBlank(record);
        while (Next(out record))
        {
            if (IsBlank(record))
            {
                CountBlank(record);
            }
            else
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

            CountBlank(record);
        }

        return false;
    }

    public void Dispose() => _bytes.Dispose();

    private ReadOnlySpan<byte> Collapse(int length, int start) => _buffer.AsSpan(start, BlankRuns.Collapse(_buffer.AsSpan(start, length)));

    /// <summary>A small compressed file may hold gigabytes of blank lines: it is refused before they are all read.</summary>
    private void CountBlank(ReadOnlySpan<byte> record)
    {
        _blankBytes += record.Length + 1;
        if (_blankBytes > MaxBlankBytes)
        {
            throw new BadDataException(
                $"{source}, line {Line}: there are {MaxBlankBytes >> 20} MB of blank lines without a row; remove them.");
        }
    }

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
            int found = HasQuotes ? NextMark(rest) : rest.IndexOfAny((byte)'\n', (byte)'"');
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

    /// <summary>
    /// Where the next line end or quote is, or -1: between quotes a few bytes lie, for which a search by vectors is not worth its
    /// call.
    /// </summary>
    private static int NextMark(ReadOnlySpan<byte> rest)
    {
        for (int i = 0; i < rest.Length; i++)
        {
            if (rest[i] is (byte)'"' or (byte)'\n')
            {
                return i;
            }
        }

        return -1;
    }

    private int AtEnd(int length, bool quoted) => quoted
        ? throw new BadDataException($"{source}, line {Line}: a quoted cell is never closed; check the double quotes.")
        : length == 0 ? -1 : length;

    private bool IsDelimiter(byte b) => Delimiter switch
    {
        0 => b is (byte)',' or (byte)'\t' or (byte)';' or (byte)'|',
        (byte)' ' => b is (byte)' ' or (byte)'\t',
        _ => b == Delimiter,
    };

    private void SkipMark()
    {
        ReadOnlySpan<byte> head = Head(Utf8Mark.Length);
        if (head.StartsWith(FileSignatures.Utf16Little) || head.StartsWith(FileSignatures.Utf16Big))
        {
            System.Text.Encoding encoding = new System.Text.UnicodeEncoding(
                bigEndian: head[0] == FileSignatures.Utf16Big[0], byteOrderMark: false);
            PrefixedStream text = new(_buffer[FileSignatures.Utf16Big.Length.._end], _stream);
            _stream = new TextReaderStream(new StreamReader(text, encoding, detectEncodingFromByteOrderMarks: false));
            (_start, _end, _lastLineEnd, _streamEnded) = (0, 0, -1, false);
            return;
        }

        _start = head.StartsWith(Utf8Mark) ? Utf8Mark.Length : 0;
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

        int read = RawFiles.Read(_stream, _buffer.AsSpan(_end), source);
        _end += read;
        _lastLineEnd = _buffer.AsSpan(0, _end).LastIndexOf((byte)'\n');
        _streamEnded = read == 0;
        return read > 0;
    }
}
