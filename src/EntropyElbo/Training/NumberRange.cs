using System.Globalization;

namespace EntropyElbo.Training;

/// <summary>A range of finite numbers, both ends included unless said otherwise.</summary>
/// <param name="Least">The lower end.</param>
/// <param name="Most">The upper end; infinite for none.</param>
internal readonly record struct NumberRange(double Least, double Most = double.PositiveInfinity)
{
    /// <summary>Whether the lower end itself is left out.</summary>
    public bool IsAboveLeast { get; init; }

    /// <summary>Whether the upper end itself is left out.</summary>
    public bool IsBelowMost { get; init; }

    /// <summary>Whether a number is in the range.</summary>
    public bool Holds(double number) => double.IsFinite(number)
        && (IsAboveLeast ? number > Least : number >= Least)
        && (IsBelowMost ? number < Most : number <= Most);

    /// <summary>The range in words that follow "it must be".</summary>
    public override string ToString()
    {
        string low = $"{(IsAboveLeast ? "above" : "at least")} {Text(Least)}";
        return double.IsInfinity(Most) ? low
            : IsAboveLeast || IsBelowMost ? $"{low} and {(IsBelowMost ? "below" : "at most")} {Text(Most)}"
            : $"between {Text(Least)} and {Text(Most)}";
    }

    private static string Text(double number) =>
        double.IsInteger(number) && Math.Abs(number) is >= 10_000 and < 1e15
            ? number.ToString("N0", CultureInfo.InvariantCulture)
            : SettingType.Text(number);
}
