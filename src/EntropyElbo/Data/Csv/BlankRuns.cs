namespace EntropyElbo.Data.Csv;

/// <summary>Tables whose cells are separated by runs of spaces and tabs.</summary>
internal static class BlankRuns
{
    public static ReadOnlySpan<byte> Blanks => " \t"u8;

    /// <summary>
    /// Makes every run of blanks outside quotes one space, in place, and takes those at both ends away: the record is then
    /// one with the delimiter space.
    /// </summary>
    /// <returns>The new length.</returns>
    public static int Collapse(Span<byte> record)
    {
        int length = 0;
        bool quoted = false;
        bool gap = false;
        foreach (byte b in record)
        {
            if (!quoted && b is (byte)' ' or (byte)'\t')
            {
                gap = length > 0;
                continue;
            }

            if (gap)
            {
                record[length++] = (byte)' ';
                gap = false;
            }

            quoted = b == '"' ? !quoted && (length == 0 || record[length - 1] == ' ') : quoted;
            record[length++] = b;
        }

        return length;
    }
}
