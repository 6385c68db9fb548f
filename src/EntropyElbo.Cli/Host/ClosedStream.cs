using EntropyElbo.Data;

namespace EntropyElbo.Cli.Host;

/// <summary>A standard stream that was closed before the tool started: whoever uses it is told.</summary>
internal sealed class ClosedStream(string name) : ForwardStream
{
    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => throw Closed();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (!buffer.IsEmpty)
        {
            throw Closed();
        }
    }

    private IOException Closed() => new($"{name} is closed.");
}
