namespace EntropyElbo.Data;

/// <summary>Finds the names most like a mistyped one, for error messages.</summary>
internal static class NearNames
{
    private const int Listed = 3;
    private const int Compared = 10_000;
    private const int MaxLength = 64;

    /// <summary>The nearest names by edit distance, quoted and joined for a message.</summary>
    public static string List(string name, IEnumerable<string> names) => string.Join(
        ", ",
        names.Take(Compared).Distinct(StringComparer.Ordinal).OrderBy(n => Distance(name, n)).Take(Listed).Select(n => $"'{n}'"));

    /// <summary>Levenshtein distance without regard to case, on the first 64 characters.</summary>
    internal static int Distance(string a, string b)
    {
        a = a.Length > MaxLength ? a[..MaxLength] : a;
        b = b.Length > MaxLength ? b[..MaxLength] : b;
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int changed = diagonal + (char.ToUpperInvariant(a[i - 1]) == char.ToUpperInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
