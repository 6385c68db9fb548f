namespace EntropyElbo.Cli.Commands;

/// <summary>Names of model families separated by commas. The names of mixtures may hold commas themselves.</summary>
internal static class FamilyNames
{
    private const string Mixture = "mixture:";

    /// <summary>
    /// The names. A part that gives columns (as in <c>mixture:gaussian-diagonal@1-3,poisson@4-6</c>) goes on with the
    /// mixture before it.
    /// </summary>
    public static IReadOnlyList<string> Split(string text)
    {
        List<string> names = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            bool goesOn = names.Count > 0
                && part.Contains('@', StringComparison.Ordinal)
                && !part.StartsWith(Mixture, StringComparison.Ordinal)
                && names[^1].StartsWith(Mixture, StringComparison.Ordinal);
            if (goesOn)
            {
                names[^1] += "," + part;
            }
            else if (part.Length > 0)
            {
                names.Add(part);
            }
        }

        return names;
    }
}
