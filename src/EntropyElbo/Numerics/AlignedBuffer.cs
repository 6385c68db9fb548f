using System.Numerics;
using System.Runtime.InteropServices;

namespace EntropyElbo.Numerics;

/// <summary>
/// A zeroed, pinned, 64-byte aligned block on the garbage-collected heap: no disposal, a stable address, and a spare line behind
/// the end so that a vector that starts on the last entry stays inside.
/// </summary>
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
            throw new InsufficientMemoryException(
                $"{length} numbers are too many for one block of memory; use fewer columns, latents or hidden units.");
        }

        Length = length;
        _lines = GC.AllocateArray<MemoryLine>((int)lines, pinned: true);
        byte* start = (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _lines[0]);
        Pointer = (T*)(((nint)start + 63) & ~63);
    }

    public T* Pointer { get; }

    public long Length { get; }

    public Span<T> Span => new(Pointer, ArraySize.Of(Length, 1));

    /// <summary>An entry.</summary>
    public ref T this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((ulong)index, (ulong)Length, nameof(index));
            return ref Pointer[index];
        }
    }

    /// <summary>A copy with memory of its own.</summary>
    public AlignedBuffer<T> Clone()
    {
        AlignedBuffer<T> copy = new(Length);
        Span.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Entries from <paramref name="start"/> on as a matrix that keeps this block alive.</summary>
    public MatrixView<T> View(long start, int rows, int columns, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + ((long)rows * stride), Length, nameof(rows));
        return new MatrixView<T>(this, Pointer + start, rows, columns, stride);
    }
}

/// <summary>64 bytes: the unit that large blocks are counted in, because an array holds no more than 2^31 elements.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
internal readonly struct MemoryLine;
