namespace EntropyElbo.Data;

/// <summary>What is said of missing values that are to be left out of their rows.</summary>
internal static class MissingEntries
{
    /// <summary>The option's name.</summary>
    public const string Name = "missing-entries";

    /// <summary>A family that cannot.</summary>
    public static BadOptionException Refused(string family) => new(
        Name, $"The model {family} cannot leave missing values out of their rows; clean the data, leave the column out, or skip such rows "
            + $"({OptionTerms.SkipMissing}).");

    /// <summary>A model that was not asked to.</summary>
    public static BadOptionException NotAsked() => new(
        Name, "Missing values are left out by a model that is asked to: use its WithMissingEntries().");
}
