using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>A zeroed, pinned, 64-byte aligned block on the garbage-collected heap: no disposal, a stable address, and a spare line behind the end so that a vector that starts on the last entry stays inside.</summary>
internal sealed unsafe class AlignedBuffer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly byte[] _bytes;

    public AlignedBuffer(long length)
    {
        Length = length;
        _bytes = GC.AllocateArray<byte>(checked((int)((length * sizeof(T)) + 192)), pinned: true);
        byte* start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _bytes[0]);
        Pointer = (T*)(((nint)start + 63) & ~63);
    }

    public T* Pointer { get; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, checked((int)Length));

    /// <summary>A zeroed padded matrix of its own.</summary>
    public static (AlignedBuffer<T> Owner, MatrixView<T> View) Matrix(int rows, int columns)
    {
        int stride = MatrixView<T>.PaddedStride(columns);
        AlignedBuffer<T> owner = new((long)rows * stride);
        return (owner, new MatrixView<T>(owner.Pointer, rows, columns, stride));
    }
}
