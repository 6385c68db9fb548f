using System.Globalization;
using EntropyElbo.Data.Csv;
using EntropyElbo.Numerics;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace EntropyElbo.Tests.Data;

/// <summary>The framework's parser is the oracle: it rounds correctly.</summary>
[TestClass]
public class DecimalRoundingTests
{
    [TestMethod]
    public void Every_power_with_integers_of_every_length()
    {
        RandomStream random = new(3, RandomPurpose.Generation);
        for (int power = DecimalRounding.LeastPower; power <= DecimalRounding.MostPower; power++)
        {
            for (int bits = 0; bits < 64; bits++)
            {
                for (int i = 0; i < 20; i++)
                {
                    AssertAsFramework(random.NextBits() >> bits, power);
                }
            }

            AssertAsFramework(ulong.MaxValue, power);
            AssertAsFramework(1, power);
            AssertAsFramework(0, power);
        }
    }

    /// <summary>Integers and binary fractions of 54 bits with an odd last one lie between two doubles; one more or less is nearer to one.</summary>
    [TestMethod]
    public void Halves_are_rounded_to_even()
    {
        RandomStream random = new(4, RandomPurpose.Generation);
        for (int i = 0; i < 20_000; i++)
        {
            ulong half = (1UL << 53) + (random.NextBits() >> 11 | 1);
            int power = random.NextInt(5);
            AssertAsFramework(half, 0);
            AssertAsFramework(half - 1, 0);
            AssertAsFramework(half + 1, 0);

            // half * 5^k * 10^-k is half * 2^-k; 54 bits and those of 5^4 have room in 64.
            ulong five = power switch { 0 => 1UL, 1 => 5, 2 => 25, 3 => 125, _ => 625 };
            AssertAsFramework(half * five, -power);
            AssertAsFramework((half * five) + 1, -power);
            AssertAsFramework((half * five) - 1, -power);
        }

        // 10^23 is the least power that no double holds, and lies between two.
        AssertAsFramework(1, 23);
    }

    [TestMethod]
    public void Other_powers_are_left_to_others()
    {
        Assert.IsFalse(DecimalRounding.TryRound(1, DecimalRounding.LeastPower - 1, out _));
        Assert.IsFalse(DecimalRounding.TryRound(1, DecimalRounding.MostPower + 1, out _));
        Assert.IsTrue(DecimalRounding.TryRound(0, int.MaxValue, out double zero));
        Assert.AreEqual(0, zero);
    }

    private static void AssertAsFramework(ulong digits, int power)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{digits}e{power}");
        double expected = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        Assert.IsTrue(DecimalRounding.TryRound(digits, power, out double actual), text);
        Assert.AreEqual(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(actual), text);
    }
}
