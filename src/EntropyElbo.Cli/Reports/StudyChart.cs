using System.Globalization;
using System.Text;

namespace EntropyElbo.Cli.Reports;

/// <summary>A dot of a chart.</summary>
/// <param name="X">Where it is on the level axis.</param>
/// <param name="Y">Its value.</param>
/// <param name="Label">What it is, shown under the pointer.</param>
/// <param name="IsBest">Whether it is marked.</param>
internal sealed record StudyDot(double X, double Y, string Label, bool IsBest);

/// <summary>Dots of one colour, joined by a line where that means something.</summary>
/// <param name="Name">What the legend calls them.</param>
/// <param name="Dots">The dots, in the order of the line.</param>
internal sealed record StudySeries(string Name, IReadOnlyList<StudyDot> Dots);

/// <summary>A line beneath the dots.</summary>
/// <param name="Name">What it is, shown under the pointer.</param>
/// <param name="Points">Its points.</param>
internal sealed record StudyOutline(string Name, IReadOnlyList<(double X, double Y)> Points);

/// <summary>Trials, latents or rows as dots in inline SVG.</summary>
internal sealed class StudyChart
{
    private const double Width = 520, Height = 320, Left = 84, Right = 16, Top = 12, Bottom = 42;
    private readonly IReadOnlyList<StudySeries> _series;
    private readonly string _name;
    private readonly bool _isLogarithmic;
    private readonly bool _hasLines;
    private readonly ChartAxis _x;
    private readonly ChartAxis _y;

    /// <summary>Makes a chart.</summary>
    /// <param name="series">The dots; at least one.</param>
    /// <param name="name">What the level axis shows.</param>
    /// <param name="isLogarithmic">Whether the level axis is logarithmic; its values are above 0 then.</param>
    /// <param name="hasLines">Whether dots of a colour are joined.</param>
    public StudyChart(IReadOnlyList<StudySeries> series, string name, bool isLogarithmic, bool hasLines)
    {
        _series = series;
        _name = name;
        _isLogarithmic = isLogarithmic;
        _hasLines = hasLines;
        _x = Axis([.. Dots().Select(d => Place(d.X))]);
        _y = Axis([.. Dots().Select(d => d.Y)]);
    }

    /// <summary>Radius of a dot.</summary>
    public double Radius { get; init; } = 4;

    /// <summary>What the upright axis shows; not said where empty.</summary>
    public string ValueName { get; init; } = "";

    /// <summary>Whether the level axis counts.</summary>
    public bool HasWholeSteps { get; init; }

    /// <summary>Lines beneath the dots; the axes have room for them.</summary>
    public IReadOnlyList<StudyOutline> Outlines
    {
        get;
        init
        {
            field = value;
            _x = Axis([.. Dots().Select(d => Place(d.X)), .. value.SelectMany(o => o.Points).Select(p => Place(p.X))]);
            _y = Axis([.. Dots().Select(d => d.Y), .. value.SelectMany(o => o.Points).Select(p => p.Y)]);
        }
    } = [];

    /// <summary>Colours of the series, in light and dark.</summary>
    public static string Css(int series) => string.Concat(Enumerable.Range(0, series).Select(i => string.Create(
        CultureInfo.InvariantCulture, $".c{i} {{ --s: light-dark(hsl({Hue(i)} 70% 38%), hsl({Hue(i)} 75% 68%)); }}\n")));

    /// <summary>The legend, as HTML.</summary>
    public string Legend() => string.Concat(_series.Select((s, i) =>
        $"<span class=\"key c{i}\"><i style=\"border-color:var(--s)\"></i>{HtmlText.Of(s.Name)}</span>"));

    /// <summary>The chart.</summary>
    /// <param name="label">What it shows, for those who cannot see it.</param>
    public string Svg(string label)
    {
        StringBuilder svg = new();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlText.Of(label)}\">");
        AppendAxes(svg);
        AppendOutlines(svg);
        for (int i = 0; i < _series.Count; i++)
        {
            AppendSeries(svg, _series[i], i);
        }

        return svg.Append("</svg>").ToString();
    }

    private static int Hue(int series) => (212 + (series * 137)) % 360;

    private static ChartAxis Axis(double[] values)
    {
        (double low, double high) = (values.Min(), values.Max());
        double margin = 0.06 * (high - low);
        return ChartAxis.Linear(low - margin, high + margin);
    }

    private IEnumerable<StudyDot> Dots() => _series.SelectMany(s => s.Dots);

    private void AppendOutlines(StringBuilder svg)
    {
        foreach (StudyOutline outline in Outlines)
        {
            string points = string.Join(' ', outline.Points.Select(
                p => string.Create(CultureInfo.InvariantCulture, $"{X(Place(p.X)):F1},{Y(p.Y):F1}")));
            svg.Append("<polyline class=\"line d\" points=\"").Append(points).Append("\"><title>")
                .Append(HtmlText.Of(outline.Name)).Append("</title></polyline>");
        }
    }

    private double Place(double x) => _isLogarithmic ? Math.Log10(x) : x;

    private void AppendAxes(StringBuilder svg)
    {
        foreach (double tick in _y.Ticks())
        {
            double y = Y(tick);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{_y.Label(tick)}</text>");
        }

        foreach (double tick in _isLogarithmic ? LogarithmicTicks() : _x.Ticks().Where(t => !(HasWholeSteps || _hasLines) || t == Math.Floor(t)))
        {
            string text = _isLogarithmic ? Math.Pow(10, tick).ToString(tick >= 0 ? "F0" : "G1", CultureInfo.InvariantCulture) : _x.Label(tick);
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{X(tick):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{text}</text>");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">{HtmlText.Of(_name)}</text>");
        if (ValueName.Length > 0)
        {
            double middle = (Top + Height - Bottom) / 2;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text transform=\"translate(14 {middle}) rotate(-90)\" text-anchor=\"middle\">{HtmlText.Of(ValueName)}</text>");
        }
    }

    /// <summary>Logarithms of 1, 2 and 5 times powers of ten, of 1 and 3, or of powers alone, as there is room.</summary>
    private IEnumerable<double> LogarithmicTicks()
    {
        double decades = _x.High - _x.Low;
        int[] steps = decades switch { < 1.5 => [1, 2, 5], < 3 => [1, 3], _ => [1] };
        return Enumerable.Range((int)Math.Floor(_x.Low), (int)Math.Ceiling(decades) + 2)
            .SelectMany(power => steps.Select(step => power + Math.Log10(step))).Where(t => t >= _x.Low && t <= _x.High);
    }

    private void AppendSeries(StringBuilder svg, StudySeries series, int colour)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<g class=\"c{colour}\">");
        if (_hasLines && series.Dots.Count > 1)
        {
            string points = string.Join(' ', series.Dots.Select(
                d => string.Create(CultureInfo.InvariantCulture, $"{X(Place(d.X)):F1},{Y(d.Y):F1}")));
            svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"line\" style=\"stroke:var(--s)\" points=\"{points}\"/>");
        }

        foreach (StudyDot dot in series.Dots)
        {
            string ring = dot.IsBest ? " stroke=\"currentColor\" stroke-width=\"2.5\"" : "";
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<circle cx=\"{X(Place(dot.X)):F1}\" cy=\"{Y(dot.Y):F1}\" r=\"{(dot.IsBest ? 6 : Radius)}\" style=\"fill:var(--s)\"{ring}><title>{HtmlText.Of(dot.Label)}</title></circle>");
        }

        svg.Append("</g>");
    }

    private double X(double place) => Left + (_x.Position(place) * (Width - Left - Right));

    private double Y(double value) => Height - Bottom - (_y.Position(value) * (Height - Top - Bottom));
}
