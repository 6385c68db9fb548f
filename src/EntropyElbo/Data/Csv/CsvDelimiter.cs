namespace EntropyElbo.Data.Csv;

/// <summary>Guesses the delimiter of a CSV file from its first two records.</summary>
internal static class CsvDelimiter
{
    private const byte Space = (byte)' ';

    private static ReadOnlySpan<byte> Candidates => "\t;|,"u8;

    /// <summary>
    /// The first of tab, semicolon, bar and comma that both records have equally often and whose cells do not hold several
    /// numbers; else runs of blanks, where both records have as many cells by those; else the one that the first has most of; a
    /// comma (or a semicolon, where that is the decimal sign) where it has none. Quoted text does not count.
    /// </summary>
    /// <param name="first">The first record.</param>
    /// <param name="second">The second, or nothing.</param>
    /// <param name="decimalSign">The decimal sign, which is no delimiter, where it is given.</param>
    public static byte Detect(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, char? decimalSign)
    {
        byte most = decimalSign == ',' ? (byte)';' : (byte)',';
        int mostCount = 0;
        foreach (byte candidate in Candidates)
        {
            int count = candidate == decimalSign ? 0 : Count(first, candidate);
            if (count > 0 && count == Count(second, candidate) && !HoldsSeveralNumbers(second, candidate))
            {
                return candidate;
            }

            (most, mostCount) = count > mostCount ? (candidate, count) : (most, mostCount);
        }

        return IsSeparatedByBlanks(first, second) ? Space : most;
    }

    private static int Count(ReadOnlySpan<byte> record, byte delimiter)
    {
        int count = 0;
        bool quoted = false;
        foreach (byte b in record)
        {
            quoted ^= b == '"';
            count += b == delimiter && !quoted ? 1 : 0;
        }

        return count;
    }

    /// <summary>Whether a cell is numbers with blanks between: what separates the cells is the blanks then.</summary>
    private static bool HoldsSeveralNumbers(ReadOnlySpan<byte> record, byte delimiter)
    {
        CsvCells cells = new(record, delimiter, hasQuotes: true);
        while (cells.MoveNext())
        {
            if (!cells.IsQuoted && BlankCells(cells.Current, out bool numbers) > 1 && numbers)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsSeparatedByBlanks(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int cells = BlankCells(first, out bool firstNumbers);
        if (cells < 2 || second.IsEmpty)
        {
            return cells >= 2 && firstNumbers;
        }

        bool plain = first.IndexOfAny(";|,"u8) < 0 && second.IndexOfAny(";|,"u8) < 0;
        return cells == BlankCells(second, out bool numbers) && (plain || numbers);
    }

    /// <summary>Number of cells by blanks, and whether all are numbers, with a decimal point or comma, or missing.</summary>
    private static int BlankCells(ReadOnlySpan<byte> text, out bool numbers)
    {
        byte[] record = text.ToArray();
        CsvCells cells = new(record.AsSpan(0, BlankRuns.Collapse(record)), Space, hasQuotes: true);
        int count = 0;
        numbers = true;
        while (cells.MoveNext())
        {
            count++;
            numbers &= cells.IsQuoted
                || NumberText.TryParse(cells.Current, out _) || NumberText.TryParse(cells.Current, CellFormat.Comma, out _);
        }

        return count;
    }
}
