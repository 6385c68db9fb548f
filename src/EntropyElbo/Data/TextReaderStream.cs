using System.Text;

namespace EntropyElbo.Data;

/// <summary>The characters of a text reader as UTF-8 bytes. The reader stays open; it is its owner's to close.</summary>
internal sealed class TextReaderStream(TextReader reader) : ForwardStream
{
    private readonly Encoder _encoder = new UTF8Encoding(false).GetEncoder();
    private readonly char[] _characters = new char[1 << 14];
    private readonly byte[] _bytes = new byte[3 * ((1 << 14) + 1)];
    private int _next;
    private int _end;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        while (_next == _end && !_ended)
        {
            int count = reader.Read(_characters, 0, _characters.Length);
            _ended = count == 0;
            _next = 0;
            _end = _encoder.GetBytes(_characters.AsSpan(0, count), _bytes, flush: _ended);
        }

        int copied = Math.Min(buffer.Length, _end - _next);
        _bytes.AsSpan(_next, copied).CopyTo(buffer);
        _next += copied;
        return copied;
    }
}
