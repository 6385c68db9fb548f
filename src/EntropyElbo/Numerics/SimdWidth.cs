namespace EntropyElbo.Numerics;

/// <summary>Which vector size a routine uses. Everything but <see cref="Best"/> is for tests and measurements.</summary>
internal enum SimdWidth
{
    /// <summary>The widest vectors this processor runs in hardware.</summary>
    Best,

    /// <summary>The readable reference, one element at a time.</summary>
    Scalar,

    /// <summary>128-bit vectors.</summary>
    Vector128,

    /// <summary>256-bit vectors.</summary>
    Vector256,

    /// <summary>512-bit vectors.</summary>
    Vector512,
}
