using System.IO.Compression;

namespace EntropyElbo.Data;

/// <summary>
/// Decompresses gzip and notices where the compressed data is cut off, which the framework's stream takes for its end.
/// </summary>
/// <remarks>
/// A gzip stream may have several members, decompressed one after the other. A member that holds a known mark is put
/// behind the input: only where all before it is whole is the output that follows the mark. It is looked at before anything of
/// it is handed on, so that what a decoder makes of a cut is never taken for data. Anything else behind the last member is an error too.
/// How far data expand says nothing: a column of zeros expands as far as gzip goes. What reads them bounds bytes without rows.
/// </remarks>
internal sealed class GzipInput : ForwardStream
{
    private static readonly byte[] MarkMember = Compress(Mark);
    private readonly MarkedStream _input;
    private readonly GZipStream _gzip;
    private bool _ended;

    /// <summary>Reads a compressed stream, which is disposed with this one unless it is to stay open.</summary>
    public GzipInput(Stream compressed, bool leaveOpen = false)
    {
        _input = new MarkedStream(compressed, leaveOpen);
        _gzip = new GZipStream(_input, CompressionMode.Decompress);
    }

    private static ReadOnlySpan<byte> Mark => "end of all members 7f3c1d9a52e8"u8;

    /// <exception cref="InvalidDataException">The compressed data is damaged or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_ended || buffer.IsEmpty)
        {
            return 0;
        }

        int read = _gzip.Read(buffer);
        if (_input.MarkGiven || read == 0)
        {
            RequireMark(buffer[..read]);
            _ended = true;
            return 0;
        }

        return read;
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

    /// <summary>Nothing but the mark may come once its member has been asked for.</summary>
    private void RequireMark(ReadOnlySpan<byte> start)
    {
        Span<byte> tail = stackalloc byte[Mark.Length + 1];
        int length = Math.Min(start.Length, tail.Length);
        start[..length].CopyTo(tail);
        while (length < tail.Length && _gzip.Read(tail[length..]) is int read and > 0)
        {
            length += read;
        }

        if (!tail[..length].SequenceEqual(Mark))
        {
            throw new InvalidDataException("The compressed data ends in the middle, or something else follows it.");
        }
    }

    /// <summary>A stream followed by the member that holds the mark.</summary>
    private sealed class MarkedStream(Stream inner, bool leaveOpen) : ForwardStream
    {
        private int _given;

        /// <summary>Whether the stream itself is at its end and the mark has begun.</summary>
        public bool MarkGiven => _given > 0;

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
