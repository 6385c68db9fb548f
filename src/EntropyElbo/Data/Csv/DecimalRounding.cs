using System.Numerics;
using System.Runtime.CompilerServices;

namespace EntropyElbo.Data.Csv;

/// <summary>
/// The double nearest to an integer times a power of ten, by one or two products of 64-bit words (Lemire 2021, "Number parsing at a
/// gigabyte per second"; that the words always decide: Mushtak and Lemire 2023).
/// </summary>
internal static class DecimalRounding
{
    /// <summary>The least power: of its 5^27 and those above, 128 bits decide every 64-bit integer without a third product.</summary>
    public const int LeastPower = -27;

    /// <summary>The greatest power: 5^55 is the last that 128 bits hold exactly.</summary>
    public const int MostPower = 55;

    /// <summary>Bits of the product below the 55 that rounding looks at, and one more where the product is short by a bit.</summary>
    private const int SpareBits = 9;

    private const int ExponentBias = 1023;
    private const int FractionBits = 52;

    /// <summary>The 128 leading bits of 5^LeastPower to 5^MostPower, high word first; reciprocals are rounded up.</summary>
    private static readonly ulong[] Fives = Table();

    /// <summary>Rounds <c>digits * 10^power</c> to even; false where the power is out of range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRound(ulong digits, int power, out double value)
    {
        value = 0;
        if (digits == 0 || power is < LeastPower or > MostPower)
        {
            return digits == 0;
        }

        int zeros = BitOperations.LeadingZeroCount(digits);
        ulong high = Product(digits << zeros, 2 * (power - LeastPower), out ulong low);
        int upper = (int)(high >> 63);
        ulong mantissa = high >> (upper + SpareBits);

        // Exactly between two doubles, the even one is taken; only for these powers can that be.
        if (low <= 1 && (mantissa & 3) == 1 && power is >= -4 and <= 23 && mantissa << (upper + SpareBits) == high)
        {
            mantissa--;
        }

        mantissa = (mantissa + 1) >> 1;

        // log2 10 in 16 bits is exact for these powers. A mantissa that was rounded up to 2^53 carries into the exponent.
        int exponent = ((217_706 * power) >> 16) + 63 + upper - zeros + ExponentBias;
        value = BitConverter.UInt64BitsToDouble(((ulong)exponent << FractionBits) + (mantissa - (1UL << FractionBits)));
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Product(ulong digits, int at, out ulong low)
    {
        ulong high = Math.BigMul(digits, Fives[at], out low);
        const ulong Undecided = (1 << SpareBits) - 1;
        if ((high & Undecided) == Undecided)
        {
            ulong more = Math.BigMul(digits, Fives[at + 1], out _);
            low += more;
            high += low < more ? 1UL : 0;
        }

        return high;
    }

    private static ulong[] Table()
    {
        ulong[] table = new ulong[2 * (MostPower - LeastPower + 1)];
        UInt128 five = 1;
        for (int power = 0; power <= MostPower; power++, five *= power <= MostPower ? 5u : 1u)
        {
            Put(table, power, five << (int)UInt128.LeadingZeroCount(five));
            if (power is > 0 and <= -LeastPower)
            {
                Put(table, -power, Reciprocal((ulong)five));
            }
        }

        return table;
    }

    /// <summary>128 bits of 1 / divisor, rounded up, by long division.</summary>
    private static UInt128 Reciprocal(ulong divisor)
    {
        int bits = 64 - BitOperations.LeadingZeroCount(divisor);
        (UInt128 high, UInt128 rest) = UInt128.DivRem(UInt128.One << (bits + 63), divisor);
        return (high << 64) + ((rest << 64) / divisor) + 1;
    }

    private static void Put(ulong[] table, int power, UInt128 value) =>
        (table[2 * (power - LeastPower)], table[(2 * (power - LeastPower)) + 1]) = ((ulong)(value >> 64), (ulong)value);
}
