using System.Globalization;
using System.Text;

namespace EntropyElbo.Cli.Reports;

/// <summary>One line of a chart.</summary>
/// <param name="Name">What the legend calls it; not in the legend where empty.</param>
/// <param name="Css">Class that colours it.</param>
/// <param name="Points">Epoch and value; values that are not finite break the line.</param>
internal sealed record ChartSeries(string Name, string Css, IReadOnlyList<(double Epoch, double Value)> Points)
{
    /// <summary>What the line itself says under the pointer, in a chart without readings; nothing where empty.</summary>
    public string Label { get; init; } = "";
}

/// <summary>Values over epochs as inline SVG; colours come from the page's style sheet.</summary>
internal sealed class LineChart
{
    private const double Width = 520;
    private const double Height = 300;
    private const double Left = 84;
    private const double Right = 24;
    private const double Top = 12;
    private const double Bottom = 40;
    private readonly double _firstEpoch;
    private readonly double _lastEpoch;
    private readonly ChartAxis _axis;
    private readonly IReadOnlyList<ChartSeries> _series;

    public LineChart(IReadOnlyList<ChartSeries> series, ChartAxis axis)
    {
        _series = series;
        _axis = axis;
        _firstEpoch = series.SelectMany(s => s.Points).Min(p => p.Epoch);
        _lastEpoch = Math.Max(_firstEpoch + 1, series.SelectMany(s => s.Points).Max(p => p.Epoch));
    }

    /// <summary>Half-width of a band around 0 to shade, in the values' units; 0 for none.</summary>
    public double Band { get; init; }

    /// <summary>Whether the values of an epoch are shown under the pointer, not what each line is.</summary>
    public bool HasReadings { get; init; } = true;

    /// <summary>The chart with its legend.</summary>
    /// <param name="id">Distinguishes the charts of a page.</param>
    /// <param name="label">What it shows, for those who cannot see it.</param>
    public string Svg(string id, string label)
    {
        StringBuilder svg = new();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{HtmlText.Of(label)}\">");
        svg.Append(CultureInfo.InvariantCulture, $"<clipPath id=\"{id}\"><rect x=\"{Left}\" y=\"{Top}\" width=\"{Width - Left - Right}\" height=\"{Height - Top - Bottom}\"/></clipPath>");
        AppendBand(svg);
        AppendValueAxis(svg);
        AppendEpochAxis(svg);
        svg.Append(CultureInfo.InvariantCulture, $"<g clip-path=\"url(#{id})\">");
        foreach (ChartSeries series in _series)
        {
            AppendSeries(svg, series);
        }

        svg.Append("</g>");
        if (HasReadings)
        {
            ChartReadings.Append(svg, _series, X, Top, Height - Top - Bottom);
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>The legend, as HTML.</summary>
    public string Legend() => string.Concat(_series.Where(s => s.Name.Length > 0).Select(
        s => $"<span class=\"key {s.Css}\"><i></i>{HtmlText.Of(s.Name)}</span>"));

    private void AppendBand(StringBuilder svg)
    {
        if (Band > 0)
        {
            double top = Math.Max(Top, Y(Band));
            double height = Math.Min(Height - Bottom, Y(-Band)) - top;
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"band\" x=\"{Left}\" y=\"{top:F1}\" width=\"{Width - Left - Right}\" height=\"{Math.Max(0, height):F1}\"/>");
        }
    }

    private void AppendValueAxis(StringBuilder svg)
    {
        foreach (double tick in _axis.Ticks())
        {
            double y = Y(tick);
            string css = tick == 0 ? "zero" : "grid";
            svg.Append(
                CultureInfo.InvariantCulture, $"<line class=\"{css}\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{y:F1}\" y2=\"{y:F1}\"/>");
            svg.Append(
                CultureInfo.InvariantCulture, $"<text x=\"{Left - 8}\" y=\"{y + 4:F1}\" text-anchor=\"end\">{_axis.Label(tick)}</text>");
        }
    }

    private void AppendEpochAxis(StringBuilder svg)
    {
        foreach (double tick in ChartAxis.Linear(_firstEpoch, _lastEpoch).Ticks().Where(t => t >= _firstEpoch && t == Math.Floor(t)))
        {
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{X(tick):F1}\" y=\"{Height - Bottom + 18}\" text-anchor=\"middle\">{tick:F0}</text>");
        }

        svg.Append(
            CultureInfo.InvariantCulture,
            $"<text x=\"{(Left + Width - Right) / 2}\" y=\"{Height - 4}\" text-anchor=\"middle\">epoch</text>");
    }

    private void AppendSeries(StringBuilder svg, ChartSeries series)
    {
        svg.Append("<path class=\"line ").Append(series.Css).Append("\" d=\"");
        char command = 'M';
        foreach ((double epoch, double value) in series.Points)
        {
            if (!double.IsFinite(value))
            {
                command = 'M';
                continue;
            }

            svg.Append(CultureInfo.InvariantCulture, $"{command}{X(epoch):F1} {Math.Clamp(Y(value), -Height, 2 * Height):F1}");
            command = 'L';
        }

        svg.Append(series.Label.Length > 0 ? $"\"><title>{HtmlText.Of(series.Label)}</title></path>" : "\"/>");
    }

    private double X(double epoch) => Left + ((epoch - _firstEpoch) / (_lastEpoch - _firstEpoch) * (Width - Left - Right));

    private double Y(double value) => Height - Bottom - (_axis.Position(value) * (Height - Top - Bottom));
}
