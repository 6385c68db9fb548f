using System.Numerics;
using System.Runtime.InteropServices;

namespace EntropyElbo.Numerics;

/// <summary>A zeroed, pinned, 64-byte aligned block on the garbage-collected heap: no disposal, a stable address, and a spare line behind the end so that a vector that starts on the last entry stays inside.</summary>
internal sealed unsafe class AlignedBuffer<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Lines beside the entries: one to align the first, two behind the last.</summary>
    private const int SpareLines = 3;

    private readonly MemoryLine[] _lines;

    /// <exception cref="InsufficientMemoryException">More entries than one block can hold: 128 GB.</exception>
    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long perLine = sizeof(MemoryLine) / sizeof(T);
        long lines = (length / perLine) + 1 + SpareLines;
        if (lines > Array.MaxLength)
        {
            throw new InsufficientMemoryException($"{length} numbers are too many for one block of memory; use fewer columns, latents or hidden units.");
        }

        Length = length;
        _lines = GC.AllocateArray<MemoryLine>((int)lines, pinned: true);
        byte* start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _lines[0]);
        Pointer = (T*)(((nint)start + 63) & ~63);
    }

    public T* Pointer { get; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, ArraySize.Of(Length, 1));

    /// <summary>A zeroed padded matrix of its own.</summary>
    public static (AlignedBuffer<T> Owner, MatrixView<T> View) Matrix(int rows, int columns)
    {
        int stride = MatrixView<T>.PaddedStride(columns);
        AlignedBuffer<T> owner = new((long)rows * stride);
        return (owner, new MatrixView<T>(owner.Pointer, rows, columns, stride));
    }
}

/// <summary>64 bytes: the unit that large blocks are counted in, because an array holds no more than 2^31 elements.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal readonly struct MemoryLine;
