namespace EntropyElbo.Data;

/// <summary>
/// A stream that cannot seek, such as standard input, whose beginning is looked at before it is read: what was read
/// before <see cref="Rewind"/> comes again, then the rest.
/// </summary>
internal sealed class ReplayStream(Stream inner) : Stream
{
    private readonly MemoryStream _head = new();
    private bool _recording = true;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Goes back to the start; with <paramref name="last"/>, nothing is recorded from here on.</summary>
    public void Rewind(bool last)
    {
        _head.Position = 0;
        _recording = !last;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_head.Position < _head.Length)
        {
            return _head.Read(buffer);
        }

        int read = inner.Read(buffer);
        if (_recording)
        {
            _head.Write(buffer[..read]);
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Closes the inner stream at the end of the last pass; before <see cref="Rewind"/> it stays open.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_recording)
        {
            inner.Dispose();
            _head.Dispose();
        }

        base.Dispose(disposing);
    }
}
