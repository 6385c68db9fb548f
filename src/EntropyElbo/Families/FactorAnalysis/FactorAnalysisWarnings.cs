namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>What a factor analysis should tell its user.</summary>
internal static class FactorAnalysisWarnings
{
    /// <summary>Names given at most.</summary>
    private const int MaxNames = 8;

    /// <summary>The warnings of a fit.</summary>
    /// <param name="fit">The fit at its end.</param>
    /// <param name="constant">Positions of columns that do not vary.</param>
    /// <param name="names">Names of the columns.</param>
    public static IEnumerable<string> Of(FactorAnalysisFit fit, IReadOnlyList<int> constant, IReadOnlyList<string> names)
    {
        int[] floored = fit.FlooredColumns;
        string[] still = [.. floored.Intersect(constant).Select(d => names[d])];
        string[] explained = [.. floored.Except(constant).Select(d => names[d])];
        if (still.Length > 0)
        {
            yield return $"The noise variance of {Columns(still)}: nothing varies there. Leave {(still.Length == 1 ? "it" : "them")} out.";
        }

        if (explained.Length > 0)
        {
            yield return $"Heywood case: the noise variance of {Columns(explained)}. The likelihood does not fall as it goes to 0, so the "
                + $"latents explain {(explained.Length == 1 ? "this column" : "these columns")} wholly; loadings and scores may say "
                + $"nothing. Use fewer latents, or leave out a column that repeats others.";
        }

        if (Unidentified(names.Count, fit.Latents) is { } words)
        {
            yield return words;
        }
    }

    /// <summary>
    /// What is said where the model has more parameters than a Gaussian has means and covariances (Lawley and Maxwell 1971:
    /// <c>(D - H)^2 &lt; D + H</c>), or null.
    /// </summary>
    private static string? Unidentified(int columns, int latents)
    {
        long parameters = FactorAnalysisModel.CountParameters(columns, latents), moments = FactorAnalysisModel.CountMoments(columns);
        return parameters <= moments ? null : FormattableString.Invariant(
            $"Not identifiable: {latents} latents for {columns} columns have {parameters} parameters, and the rows' means and covariances are {moments} numbers, so many different loadings fit alike. Use fewer latents.");
    }

    private static string Columns(string[] names) =>
        $"{names.Length} column{(names.Length == 1 ? "" : "s")} is held at its floor: "
            + $"{string.Join(", ", names.Take(MaxNames))}{(names.Length > MaxNames ? ", ..." : "")}";
}
