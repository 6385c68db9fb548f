namespace EntropyElbo.Numerics;

/// <summary>Lengths of arrays as products of sizes that are each allowed.</summary>
internal static class ArraySize
{
    /// <summary>The product.</summary>
    /// <exception cref="InsufficientMemoryException">No array is that long.</exception>
    public static int Of(long first, long second) => Math.BigMul(first, second, out long low) == 0 && low >= 0 && low <= Array.MaxLength
        ? (int)low
        : throw new InsufficientMemoryException(FormattableString.Invariant(
            $"{first} times {second} numbers are too many for one array; use fewer rows, columns, latents, components or hidden units."));
}
