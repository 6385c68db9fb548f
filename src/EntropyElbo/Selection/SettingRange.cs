using System.Globalization;

namespace EntropyElbo.Selection;

/// <summary>
/// A range of values of a setting, both ends included. A grid takes all whole numbers in it; a search at random draws from it, evenly
/// in the logarithm where it is above 0 and its ends are a factor of 10 apart or more.
/// </summary>
/// <param name="Min">Least value.</param>
/// <param name="Max">Largest value.</param>
public sealed record SettingRange(double Min, double Max)
{
    private const string Sign = "..";

    /// <summary>A range as text, <c>2..8</c>, or null where the text is none.</summary>
    /// <param name="text">The text.</param>
    public static SettingRange? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] ends = text.Split(Sign);
        return ends.Length == 2
            && double.TryParse(ends[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double min)
            && double.TryParse(ends[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double max)
            ? new SettingRange(min, max) : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Min}{Sign}{Max}");

    /// <summary>The range as one to draw from.</summary>
    internal RangeDimension Dimension(string name, bool isWhole) =>
        new(name, Min, Max, isWhole, Min >= (isWhole ? 1 : 1e-300) && Max >= 10 * Min);
}
