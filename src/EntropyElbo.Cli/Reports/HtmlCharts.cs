using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>The course of training: ELBO and entropy sum, and the residuals between them.</summary>
internal static class HtmlCharts
{
    /// <summary>Points a chart is wide enough for; longer histories are thinned.</summary>
    private const int MaxPoints = 1000;

    /// <summary>The first share of the epochs does not stretch the ELBO's axis: it starts far below the rest.</summary>
    private const double SettlingShare = 0.5;

    /// <summary>The band in which a residual is small: the share of the ELBO of the stopping rule's default.</summary>
    private const double BandShare = 1e-3;

    /// <summary>Both charts, or nothing where there is no course: no epoch, or the one of a closed form.</summary>
    public static string Section(IReadOnlyList<FitProgress> history, ElboReport final, double? reference)
    {
        if (history.Count < 2)
        {
            return "";
        }

        IReadOnlyList<FitProgress> points = Thin(history);
        return "<div class=\"pair\">" + ElboCard(points, reference) + ResidualCard(points, final) + "</div>\n";
    }

    private static string ElboCard(IReadOnlyList<FitProgress> history, double? reference)
    {
        List<ChartSeries> series = [Series("ELBO", "a", history, p => p.Elbo), Series("entropy sum", "b", history, p => p.EntropySum)];
        if (history.Any(p => p.TestElbo is not null))
        {
            series.Add(Series("test ELBO", "c", [.. history.Where(p => p.TestElbo is not null)], p => p.TestElbo!.Value));
        }

        (double low, double high) = Range(series, history[^1].Epoch);
        double height = high - low;
        if (reference is { } line && line > low - height && line < high + height)
        {
            // Farther away it would flatten the rest, and the table below gives it.
            (low, high) = (Math.Min(low, line - (0.05 * height)), Math.Max(high, line + (0.05 * height)));
            series.Add(Series("affine decoder", "d", history, _ => line));
        }

        LineChart chart = new(series, ChartAxis.Linear(low, high));
        return Card(
            "ELBO and entropy sum",
            chart,
            "elbo",
            "They meet where training is stationary. The scale fits the second half; earlier values may lie outside the frame.");
    }

    private static string ResidualCard(IReadOnlyList<FitProgress> history, ElboReport final)
    {
        ChartSeries[] series =
        [
            Series("prior residual", "a", history, p => p.PriorResidual),
            Series("noise residual", "b", history, p => p.NoiseResidual),
        ];
        double band = Math.Max(1e-9, BandShare * Math.Abs(double.IsFinite(final.Elbo) ? final.Elbo : 1));
        double[] values = [.. series.SelectMany(s => s.Points).Select(p => p.Value).Where(double.IsFinite).DefaultIfEmpty(0)];
        LineChart chart = new(series, ChartAxis.Symmetric(values.Min(), values.Max(), band)) { Band = band };
        return Card(
            "Residuals: the gap by cause",
            chart,
            "residuals",
            "Both vanish where training is stationary. Shaded: within 0.1\u00A0% of the ELBO, where the scale is linear; beyond, it is "
                + "logarithmic.");
    }

    /// <summary>A card with a chart; title and caption are HTML.</summary>
    public static string Card(string title, LineChart chart, string id, string caption) =>
        $"<section class=\"card\"><h2>{title}</h2>{chart.Legend()}{chart.Svg(id, caption)}<p class=\"soft\">{caption}</p></section>";

    private static ChartSeries Series(string name, string css, IReadOnlyList<FitProgress> history, Func<FitProgress, double> value) =>
        new(name, css, [.. history.Select(p => ((double)p.Epoch, value(p)))]);

    private static (double Low, double High) Range(List<ChartSeries> series, int lastEpoch)
    {
        double from = Math.Min(lastEpoch, 1 + (SettlingShare * lastEpoch));
        double[] values =
            [.. series.SelectMany(s => s.Points).Where(p => p.Epoch >= from && double.IsFinite(p.Value)).Select(p => p.Value)
                .DefaultIfEmpty(0)];
        double margin = 0.05 * (values.Max() - values.Min());
        return (values.Min() - margin, values.Max() + margin);
    }

    /// <summary>Every k-th epoch, and always the last.</summary>
    public static IReadOnlyList<FitProgress> Thin(IReadOnlyList<FitProgress> history)
    {
        int stride = (history.Count + MaxPoints - 1) / MaxPoints;
        return stride == 1 ? history : [.. history.Where((_, i) => i % stride == 0 || i == history.Count - 1)];
    }
}
