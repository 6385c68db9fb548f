using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace EntropyElbo.Data.Csv;

/// <summary>Reads the number in a cell of UTF-8 text, in the invariant culture.</summary>
internal static class NumberText
{
    private const NumberStyles Style =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private const int NoDelimiter = -1;
    private const int MaxShown = 30;

    /// <summary>Digits that a 64-bit integer always holds.</summary>
    private const int MaxDigits = 19;

    private static ReadOnlySpan<uint> PowersOfTen => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

    /// <summary>Reads a cell with a decimal point.</summary>
    /// <param name="cell">The bytes between two delimiters.</param>
    /// <param name="value">The correctly rounded number; NaN for a missing value: empty, ?, or a word for it.</param>
    /// <returns>False where the cell is neither a number nor a missing value.</returns>
    public static bool TryParse(ReadOnlySpan<byte> cell, out double value) => TryParse(cell, CellFormat.Invariant, out value);

    /// <summary>Reads a cell. Numbers that stand for missing values are still numbers here.</summary>
    /// <param name="cell">The bytes between two delimiters.</param>
    /// <param name="format">Decimal sign and missing values.</param>
    /// <param name="value">The correctly rounded number; NaN for a missing value.</param>
    /// <returns>False where the cell is neither a number nor a missing value.</returns>
    public static bool TryParse(ReadOnlySpan<byte> cell, CellFormat format, out double value) =>
        (TryParsePlain(cell, NoDelimiter, format.Point, out value, out int length) && length == cell.Length)
        || TryParseAny(cell.Trim((byte)' '), format, out value);

    /// <summary>The cell as text for an error message: at most 30 characters, control characters replaced.</summary>
    public static string Show(ReadOnlySpan<byte> cell)
    {
        bool cut = cell.Length > MaxShown * 4;
        string text = Encoding.UTF8.GetString(cut ? cell[..(MaxShown * 4)] : cell);
        cut |= text.Length > MaxShown;
        StringBuilder shown = new();
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxShown)))
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return cut ? $"'{shown}...'" : $"'{shown}'";
    }

    /// <summary>
    /// Digits with an optional sign, point and exponent, at most 19 without leading zeros, times a power of ten that
    /// <see cref="DecimalRounding"/> has: what is written of doubles nearly always.
    /// </summary>
    /// <param name="cell">Text that starts with the cell and may go on behind it.</param>
    /// <param name="delimiter">The byte that ends the cell, or -1 where only the end of the text does.</param>
    /// <param name="point">The decimal sign.</param>
    /// <param name="value">The number.</param>
    /// <param name="length">Length of the cell.</param>
    /// <returns>False where the cell is anything else, or a number that takes more care.</returns>
    public static bool TryParsePlain(ReadOnlySpan<byte> cell, int delimiter, byte point, out double value, out int length)
    {
        value = 0;
        length = 0;
        int i = !cell.IsEmpty && cell[0] == '-' ? 1 : 0;
        int start = i;
        ulong digits = Digits(cell, ref i, 0);
        int count = i - start;
        int power = 0;
        if (i < cell.Length && cell[i] == point)
        {
            start = ++i;
            digits = Digits(cell, ref i, digits);
            power = start - i;
            count -= power;
        }

        if (count == 0 || (count > MaxDigits && count - LeadingZeros(cell, point) > MaxDigits) || !Exponent(cell, ref i, ref power)
            || (i < cell.Length && cell[i] != delimiter) || !DecimalRounding.TryRound(digits, power, out value))
        {
            return false;
        }

        value = cell[0] == '-' ? -value : value;
        length = i;
        return true;
    }

    /// <summary>The value of the digits from here on behind those before, eight at a time; modulo 2^64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Digits(ReadOnlySpan<byte> cell, ref int i, ulong value)
    {
        while (i + sizeof(ulong) <= cell.Length)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(cell[i..]) ^ 0x3030_3030_3030_3030;
            ulong others = ((word + 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080;
            int count = BitOperations.TrailingZeroCount(others) >> 3;
            if (count == 0)
            {
                return value;
            }

            value = (value * PowersOfTen[count]) + EightDigits(word << (64 - (8 * count)));
            i += count;
            if (count < sizeof(ulong))
            {
                return value;
            }
        }

        while (i < cell.Length && (uint)(cell[i] - '0') <= 9)
        {
            value = (value * 10) + (uint)(cell[i++] - '0');
        }

        return value;
    }

    /// <summary>The number whose digits are the bytes, the first the lowest: pairs, then pairs of pairs, then both halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint EightDigits(ulong bytes)
    {
        const ulong Pair = 0x0000_00FF_0000_00FF;
        bytes = (bytes * 10) + (bytes >> 8);
        return (uint)((((bytes & Pair) * (100 + (1_000_000UL << 32))) + (((bytes >> 16) & Pair) * (1 + (10_000UL << 32)))) >> 32);
    }

    private static int LeadingZeros(ReadOnlySpan<byte> cell, byte point)
    {
        int zeros = 0;
        for (int i = cell[0] == '-' ? 1 : 0; i < cell.Length && (cell[i] == '0' || cell[i] == point); i++)
        {
            zeros += cell[i] == '0' ? 1 : 0;
        }

        return zeros;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Exponent(ReadOnlySpan<byte> cell, ref int i, ref int power)
    {
        if (i == cell.Length || (cell[i] | 0x20) != 'e')
        {
            return true;
        }

        i++;
        bool negative = i < cell.Length && cell[i] == '-';
        i += i < cell.Length && cell[i] is (byte)'-' or (byte)'+' ? 1 : 0;
        int start = i;
        ulong exponent = Digits(cell, ref i, 0);
        power += negative ? -(int)(exponent & 0xFFFF) : (int)(exponent & 0xFFFF);
        return i - start is > 0 and <= 4;
    }

    private static bool TryParseAny(ReadOnlySpan<byte> cell, CellFormat format, out double value)
    {
        value = double.NaN;
        if (IsMissing(cell) || format.IsMissing(cell))
        {
            return true;
        }

        ReadOnlySpan<byte> unsigned = cell[0] is (byte)'-' or (byte)'+' ? cell[1..] : cell;
        if (Ascii.EqualsIgnoreCase(unsigned, "inf"u8))
        {
            value = cell[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        // The framework lets trailing zero bytes pass; here they are text.
        return cell[^1] != 0 && double.TryParse(cell, Style, format.Numbers, out value);
    }

    /// <summary>What people, SQL tools, pandas, R and Excel write where there is no value.</summary>
    private static bool IsMissing(ReadOnlySpan<byte> cell) => cell.Length switch
    {
        0 => true,
        1 => cell[0] == '?',
        2 => Ascii.EqualsIgnoreCase(cell, "NA"u8),
        3 => Ascii.EqualsIgnoreCase(cell, "N/A"u8),
        4 => Ascii.EqualsIgnoreCase(cell, "NULL"u8) || Ascii.EqualsIgnoreCase(cell, "None"u8)
            || Ascii.EqualsIgnoreCase(cell, "#N/A"u8) || Ascii.EqualsIgnoreCase(cell, "<NA>"u8),
        _ => false,
    };
}
