namespace EntropyElbo.Data;

/// <summary>Guesses the delimiter of a CSV file from its first two records.</summary>
internal static class CsvDelimiter
{
    private static ReadOnlySpan<byte> Candidates => "\t;,"u8;

    /// <summary>
    /// The first of tab, semicolon and comma that both records have equally often; else the one that the first has most
    /// of; a comma where it has none. Quoted text does not count.
    /// </summary>
    public static byte Detect(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte most = (byte)',';
        int mostCount = 0;
        foreach (byte candidate in Candidates)
        {
            int count = Count(first, candidate);
            if (count > 0 && count == Count(second, candidate))
            {
                return candidate;
            }

            (most, mostCount) = count > mostCount ? (candidate, count) : (most, mostCount);
        }

        return most;
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
}
