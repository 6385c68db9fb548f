using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>A length that no array has is said as what it is, not as an arithmetic error.</summary>
[TestClass]
public sealed class ArraySizeTests
{
    [TestMethod]
    [DataRow(int.MaxValue, int.MaxValue)]
    [DataRow(1L << 32, 1L << 32)]
    [DataRow(long.MaxValue, 2)]
    [DataRow(3, -1)]
    [DataRow(0x7FFF_FFC8, 1)]
    public void WhatDoesNotFitIsALackOfMemory(long first, long second) =>
        Assert.ThrowsExactly<InsufficientMemoryException>(() => ArraySize.Of(first, second));

    [TestMethod]
    public void TheLongestArrayFits() => Assert.AreEqual(Array.MaxLength, ArraySize.Of(Array.MaxLength, 1));
}
