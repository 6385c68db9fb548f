namespace EntropyElbo.Data;

/// <summary>Bytes that were read from a stream already, then the rest of it.</summary>
internal sealed class PrefixedStream(byte[] head, Stream rest) : ForwardStream
{
    private int _given;

    public override int Read(Span<byte> buffer)
    {
        if (_given == head.Length)
        {
            return rest.Read(buffer);
        }

        int copied = Math.Min(buffer.Length, head.Length - _given);
        head.AsSpan(_given, copied).CopyTo(buffer);
        _given += copied;
        return copied;
    }
}
