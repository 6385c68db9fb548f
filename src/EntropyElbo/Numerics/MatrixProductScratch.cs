using System.Numerics;

namespace EntropyElbo.Numerics;

/// <summary>
/// Workspace of a matrix product, kept by the caller, one per thread: it grows when a product needs more and is then
/// reused, so that nothing is allocated in the steady state. Its contents mean nothing between calls.
/// </summary>
internal sealed unsafe class ProductScratch<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private AlignedBuffer<T> _buffer = new(0);

    /// <summary>A 64-byte aligned block of at least <paramref name="length"/> entries with any contents.</summary>
    public T* Get(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (_buffer.Length < length)
        {
            _buffer = new AlignedBuffer<T>(length);
        }

        return _buffer.Pointer;
    }

    /// <summary>The block as a matrix with any contents.</summary>
    public MatrixView<T> View(int rows, int columns, int stride)
    {
        Get((long)rows * stride);
        return _buffer.View(0, rows, columns, stride);
    }
}
