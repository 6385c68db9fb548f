using System.Globalization;
using System.Text;

namespace EntropyElbo.Data.Csv;

/// <summary>Reads the number in a cell of UTF-8 text, in the invariant culture.</summary>
internal static class NumberText
{
    private const NumberStyles Style =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private const int NoDelimiter = -1;
    private const int MaxShown = 30;

    private static ReadOnlySpan<double> PowersOfTen =>
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

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
    /// Digits with an optional sign, point and exponent whose decimal digits make an integer up to 2^53 and whose power
    /// of ten is at most 22: both are exact doubles, so one product or quotient rounds correctly (Clinger 1990).
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

        if (count is 0 or > 19 || digits > 1UL << 53 || !Exponent(cell, ref i, ref power) || (i < cell.Length && cell[i] != delimiter)
            || power is < -22 or > 22)
        {
            return false;
        }

        double magnitude = power < 0 ? digits / PowersOfTen[-power] : digits * PowersOfTen[power];
        value = cell[0] == '-' ? -magnitude : magnitude;
        length = i;
        return true;
    }

    private static ulong Digits(ReadOnlySpan<byte> cell, ref int i, ulong value)
    {
        while (i < cell.Length && (uint)(cell[i] - '0') <= 9)
        {
            value = (value * 10) + (uint)(cell[i++] - '0');
        }

        return value;
    }

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
