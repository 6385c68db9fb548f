namespace EntropyElbo.Data;

/// <summary>
/// A stream that cannot seek, such as standard input, whose beginning is looked at before it is read: what was read
/// before <see cref="Rewind"/> comes again, then the rest.
/// </summary>
internal sealed class ReplayStream(Stream inner, bool leaveOpen = false) : ForwardStream
{
    private readonly MemoryStream _head = new();
    private bool _recording = true;

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

    /// <summary>Does nothing before the last pass.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_recording)
        {
            _head.Dispose();
            if (!leaveOpen)
            {
                inner.Dispose();
            }
        }

        base.Dispose(disposing);
    }
}
