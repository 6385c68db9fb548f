using System.Globalization;
using System.Text;

namespace EntropyElbo.Cli.Host;

/// <summary>
/// Text from outside - names of columns and files, cells, arguments - made fit to be looked at. What steers a terminal,
/// turns the direction of writing or takes no room is shown by its number, as in \u202E: a form that JSON reads back.
/// </summary>
internal static class Shown
{
    /// <summary>Text on one line: white space as blanks, all else that is not seen by its number.</summary>
    public static string Line(string text)
    {
        StringBuilder line = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool breaks = rune.Value is '\t' or '\n' or '\r';
            if (!breaks)
            {
                Append(line, rune);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().Trim();
    }

    /// <summary>Text of any number of lines, which end as the writer's do.</summary>
    public static string Lines(ReadOnlySpan<char> text)
    {
        StringBuilder shown = new(text.Length);
        int start = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int next = start + rune.Utf16SequenceLength;
            bool ends = rune.Value == '\n' || (rune.Value == '\r' && next < text.Length && text[next] == '\n');
            if (ends)
            {
                shown.Append((char)rune.Value);
            }
            else
            {
                Append(shown, rune);
            }

            start = next;
        }

        return shown.ToString();
    }

    private static void Append(StringBuilder target, Rune rune)
    {
        Span<char> units = stackalloc char[2];
        units = units[..rune.EncodeToUtf16(units)];
        if (!IsHidden(rune))
        {
            target.Append(units);
            return;
        }

        foreach (char unit in units)
        {
            target.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:X4}");
        }
    }

    /// <summary>Controls, marks of format (direction, joiners, zero width), line separators, and letters without a shape.</summary>
    private static bool IsHidden(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate => true,
        _ => rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF),
    };
}
