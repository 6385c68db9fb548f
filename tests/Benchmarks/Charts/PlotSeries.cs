namespace EntropyElbo.Benchmarks.Charts;

/// <summary>How points are shown.</summary>
internal enum PlotMark
{
    Line,
    Circle,
    Square,
    Triangle,
    Bar,
}

/// <summary>Points of one kind.</summary>
/// <param name="Name">What the legend calls them; null for no entry.</param>
/// <param name="Colour">Their colour, as SVG has it.</param>
/// <param name="Mark">How they are shown.</param>
/// <param name="Points">The points; those off the axes are left out.</param>
internal sealed record PlotSeries(string? Name, string Colour, PlotMark Mark, IReadOnlyList<(double X, double Y)> Points);

/// <summary>A straight line across a panel, with its text at the end.</summary>
internal sealed record PlotRule((double X, double Y) From, (double X, double Y) To, string Text = "")
{
    /// <summary>Where the text ends, from the line's end, in pixels.</summary>
    public (double X, double Y) Aside { get; init; } = (-4, -5);
}

/// <summary>Colours that most eyes tell apart (Okabe and Ito).</summary>
internal static class PlotColours
{
    public const string Blue = "#0072b2";
    public const string Orange = "#d55e00";
    public const string Green = "#009e73";
    public const string Pink = "#cc79a7";
    public const string Sky = "#56b4e9";
    public const string Amber = "#e69f00";
    public const string Grey = "#777777";

    /// <summary>A colour and a mark for the n-th of many series.</summary>
    public static (string Colour, PlotMark Mark) Nth(int n)
    {
        string[] colours = [Blue, Orange, Green, Pink, Sky, Amber, Grey];
        PlotMark[] marks = [PlotMark.Circle, PlotMark.Square, PlotMark.Triangle];
        return (colours[n % colours.Length], marks[n % marks.Length]);
    }
}
