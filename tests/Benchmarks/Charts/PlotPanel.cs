using System.Globalization;
using System.Net;
using System.Text;

namespace EntropyElbo.Benchmarks.Charts;

/// <summary>One pair of axes with what is drawn between them.</summary>
internal sealed record PlotPanel(string Title, PlotAxis X, PlotAxis Y, IReadOnlyList<PlotSeries> Series)
{
    private const double Left = 66;
    private const double Right = 16;
    private const double Bottom = 46;
    private const double LegendLine = 17;
    private const double Letter = 6.4;
    private double _top;

    public double Width { get; init; } = 460;

    public double Height { get; init; } = 340;

    /// <summary>Lines across.</summary>
    public IReadOnlyList<PlotRule> Rules { get; init; } = [];

    /// <summary>Writes the panel with its upper left corner at the origin.</summary>
    public void Append(StringBuilder svg)
    {
        Text(svg, Left, 16, Title, "start", " font-weight=\"bold\"");
        _top = 26 + AppendLegend(svg);
        AppendAxes(svg);
        foreach (PlotRule rule in Rules)
        {
            Line(svg, At(rule.From), At(rule.To), "#444444", " stroke-dasharray=\"5 4\"");
            (double x, double y) = At(rule.To);
            Text(svg, x + rule.Aside.X, y + rule.Aside.Y, rule.Text, "end");
        }

        foreach (PlotSeries series in Series)
        {
            AppendSeries(svg, series);
        }
    }

    private static void Text(StringBuilder svg, double x, double y, string text, string anchor, string more = "") => svg.Append(
        CultureInfo.InvariantCulture, $"<text x=\"{x:F1}\" y=\"{y:F1}\" text-anchor=\"{anchor}\"{more}>{WebUtility.HtmlEncode(text)}</text>\n");

    private static void Line(StringBuilder svg, (double X, double Y) from, (double X, double Y) to, string colour, string more = "") => svg.Append(
        CultureInfo.InvariantCulture, $"<line x1=\"{from.X:F1}\" y1=\"{from.Y:F1}\" x2=\"{to.X:F1}\" y2=\"{to.Y:F1}\" stroke=\"{colour}\"{more}/>\n");

    /// <summary>A mark of one point.</summary>
    private static void Dot(StringBuilder svg, PlotSeries series, double x, double y)
    {
        FormattableString shape = series.Mark switch
        {
            PlotMark.Square => $"<rect x=\"{x - 3.2:F1}\" y=\"{y - 3.2:F1}\" width=\"6.4\" height=\"6.4\"",
            PlotMark.Triangle => $"<path d=\"M{x:F1} {y - 4.4:F1}l4.2 7.6h-8.4z\"",
            _ => $"<circle cx=\"{x:F1}\" cy=\"{y:F1}\" r=\"3.6\"",
        };
        svg.Append(CultureInfo.InvariantCulture, $"{shape.ToString(CultureInfo.InvariantCulture)} fill=\"{series.Colour}\" fill-opacity=\"0.8\"/>\n");
    }

    /// <summary>The legend's lines; their height.</summary>
    private double AppendLegend(StringBuilder svg)
    {
        double x = Left, y = 32;
        PlotSeries[] named = [.. Series.Where(s => s.Name is not null)];
        foreach (PlotSeries series in named)
        {
            double width = 22 + (Letter * series.Name!.Length);
            if (x + width > Width && x > Left)
            {
                (x, y) = (Left, y + LegendLine);
            }

            if (series.Mark == PlotMark.Line)
            {
                Line(svg, (x, y), (x + 14, y), series.Colour, " stroke-width=\"2\"");
            }
            else
            {
                Dot(svg, series, x + 7, y);
            }

            Text(svg, x + 18, y + 4, series.Name, "start");
            x += width + 8;
        }

        return named.Length > 0 ? y + LegendLine - 32 : 0;
    }

    private void AppendAxes(StringBuilder svg)
    {
        foreach ((double value, string text) in X.Ticks())
        {
            double x = At((value, 0)).X;
            Line(svg, (x, _top), (x, Height - Bottom), "#e4e4e4");
            Text(svg, x, Height - Bottom + 16, text, "middle");
        }

        foreach ((double value, string text) in Y.Ticks())
        {
            double y = At((0, value)).Y;
            Line(svg, (Left, y), (Width - Right, y), "#e4e4e4");
            Text(svg, Left - 6, y + 4, text, "end");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left}\" y=\"{_top}\" width=\"{Width - Left - Right}\" height=\"{Height - Bottom - _top}\" fill=\"none\" stroke=\"#888888\"/>\n");
        Text(svg, (Left + Width - Right) / 2, Height - 10, X.Title, "middle");
        Text(svg, -(_top + Height - Bottom) / 2, 13, Y.Title, "middle", " transform=\"rotate(-90)\"");
    }

    private void AppendSeries(StringBuilder svg, PlotSeries series)
    {
        (double X, double Y)[] shown = [.. series.Points.Where(p => X.Holds(p.X) && Y.Holds(p.Y)).Select(At)];
        switch (series.Mark)
        {
            case PlotMark.Line:
                string points = string.Join(' ', shown.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:F1},{p.Y:F1}")));
                svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{points}\" fill=\"none\" stroke=\"{series.Colour}\" stroke-width=\"1.6\"/>\n");
                break;
            case PlotMark.Bar:
                double half = (At((1.35, 0)).X - At((1, 0)).X), zero = At((0, 0)).Y;
                foreach ((double x, double y) in shown)
                {
                    svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x - half:F1}\" y=\"{Math.Min(y, zero):F1}\" width=\"{2 * half:F1}\" height=\"{Math.Abs(zero - y):F1}\" fill=\"{series.Colour}\"/>\n");
                }

                break;
            default:
                foreach ((double x, double y) in shown)
                {
                    Dot(svg, series, x, y);
                }

                break;
        }
    }

    private (double X, double Y) At((double X, double Y) point) => (
        Left + (X.Position(point.X) * (Width - Left - Right)),
        Height - Bottom - (Y.Position(point.Y) * (Height - Bottom - _top)));
}
