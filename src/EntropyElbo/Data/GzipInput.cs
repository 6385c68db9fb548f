using System.IO.Compression;

namespace EntropyElbo.Data;

/// <summary>
/// Decompresses gzip and notices where the compressed data is cut off, which the framework's stream takes for its end.
/// </summary>
/// <remarks>
/// A gzip stream may have several members, decompressed one after the other. A member that holds a known mark is put
/// behind the input: only where all before it is whole does the output end with the mark. Anything else behind the last
/// member is an error too.
/// </remarks>
internal sealed class GzipInput : ForwardStream
{
    private static readonly byte[] MarkMember = Compress(Mark);
    private readonly GZipStream _gzip;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _next;
    private int _end;
    private bool _ended;

    /// <summary>Reads a compressed stream, which is disposed with this one unless it is to stay open.</summary>
    public GzipInput(Stream compressed, bool leaveOpen = false) =>
        _gzip = new GZipStream(new MarkedStream(compressed, leaveOpen), CompressionMode.Decompress);

    private static ReadOnlySpan<byte> Mark => "end of all members 7f3c1d9a52e8"u8;

    /// <exception cref="InvalidDataException">The compressed data is damaged or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (!_ended && _end - _next <= Mark.Length)
        {
            Fill();
        }

        int ready = _end - _next - (_ended ? 0 : Mark.Length);
        int copied = Math.Min(ready, buffer.Length);
        _buffer.AsSpan(_next, copied).CopyTo(buffer);
        _next += copied;
        return copied;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] Compress(ReadOnlySpan<byte> bytes)
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private void Fill()
    {
        _buffer.AsSpan(_next, _end - _next).CopyTo(_buffer);
        (_next, _end) = (0, _end - _next);
        int read = _gzip.Read(_buffer, _end, _buffer.Length - _end);
        _end += read;
        if (read > 0)
        {
            return;
        }

        if (!_buffer.AsSpan(0, _end).SequenceEqual(Mark))
        {
            throw new InvalidDataException("The compressed data ends in the middle, or something else follows it.");
        }

        _end = 0;
        _ended = true;
    }

    /// <summary>A stream followed by the member that holds the mark.</summary>
    private sealed class MarkedStream(Stream inner, bool leaveOpen) : ForwardStream
    {
        private int _given;

        public override int Read(Span<byte> buffer)
        {
            int read = _given == 0 ? inner.Read(buffer) : 0;
            if (read > 0)
            {
                return read;
            }

            int copied = Math.Min(buffer.Length, MarkMember.Length - _given);
            MarkMember.AsSpan(_given, copied).CopyTo(buffer);
            _given += copied;
            return copied;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !leaveOpen)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
