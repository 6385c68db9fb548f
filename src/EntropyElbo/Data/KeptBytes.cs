namespace EntropyElbo.Data;

/// <summary>Bytes of a stream that can be read only once, kept in pieces, so that they never need a second copy to grow.</summary>
internal sealed class KeptBytes
{
    private const int PieceBytes = 1 << 20;
    private readonly List<byte[]> _pieces = [];

    /// <summary>Bytes kept.</summary>
    public long Length { get; private set; }

    /// <summary>Reads a stream to its end, or one byte further than its header promises.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="promised">Reads the header at the start of a stream and returns the length of the whole.</param>
    /// <param name="source">What to call the stream in messages.</param>
    public static KeptBytes Read(Stream stream, Func<Stream, long> promised, string source)
    {
        KeptBytes kept = new();
        bool more = kept.ReadPiece(stream, PieceBytes, source);
        using Stream head = kept.Open();
        long limit = promised(head) + 1;
        while (more && kept.Length < limit)
        {
            more = kept.ReadPiece(stream, (int)Math.Min(PieceBytes, limit - kept.Length), source);
        }

        return kept;
    }

    /// <summary>The bytes from the start.</summary>
    public Stream Open() => new Reader(this);

    /// <summary>Adds a piece; false at the end of the stream.</summary>
    private bool ReadPiece(Stream stream, int bytes, string source)
    {
        byte[] piece = new byte[bytes];
        int read = RawFiles.ReadFully(stream, piece, source);
        _pieces.Add(read == bytes ? piece : piece[..read]);
        Length += read;
        return read == bytes;
    }

    private sealed class Reader(KeptBytes source) : ForwardStream
    {
        private int _piece;
        private int _next;

        public override int Read(Span<byte> buffer)
        {
            while (_piece < source._pieces.Count && _next == source._pieces[_piece].Length)
            {
                (_piece, _next) = (_piece + 1, 0);
            }

            if (_piece == source._pieces.Count)
            {
                return 0;
            }

            byte[] piece = source._pieces[_piece];
            int copied = Math.Min(buffer.Length, piece.Length - _next);
            piece.AsSpan(_next, copied).CopyTo(buffer);
            _next += copied;
            return copied;
        }
    }
}
