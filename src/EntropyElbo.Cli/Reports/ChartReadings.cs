using System.Globalization;
using System.Text;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Cli.Reports;

/// <summary>
/// What a chart says under the pointer: upright strips, one an epoch or for a few of many, each with the values of all lines there.
/// </summary>
internal static class ChartReadings
{
    private const int MostStrips = 60;

    /// <summary>Appends the strips.</summary>
    /// <param name="svg">The chart.</param>
    /// <param name="series">Its lines; those without a name are not read.</param>
    /// <param name="place">Where an epoch is, in the chart's units.</param>
    /// <param name="top">Upper end of the strips.</param>
    /// <param name="height">Their height.</param>
    public static void Append(StringBuilder svg, IReadOnlyList<ChartSeries> series, Func<double, double> place, double top, double height)
    {
        (string Name, Dictionary<double, double> Values)[] lines =
            [.. series.Where(s => s.Name.Length > 0).Select(s => (s.Name, s.Points.ToDictionary(p => p.Epoch, p => p.Value)))];
        double[] epochs = Some([.. lines.SelectMany(l => l.Values.Keys).Distinct().Order()]);
        for (int i = 0; i < epochs.Length; i++)
        {
            double x = place(epochs[i]);
            double from = i > 0 ? (place(epochs[i - 1]) + x) / 2 : x;
            double to = i + 1 < epochs.Length ? (place(epochs[i + 1]) + x) / 2 : x;
            string values = string.Join(
                ", ", lines.Where(l => l.Values.TryGetValue(epochs[i], out double value) && double.IsFinite(value))
                    .Select(l => $"{l.Name} {Wording.Nats(l.Values[epochs[i]])}"));
            string text = string.Create(CultureInfo.InvariantCulture, $"epoch {epochs[i]:F0}: {values}");
            svg.Append(
                CultureInfo.InvariantCulture,
                $"<rect class=\"hit\" x=\"{from:F1}\" y=\"{top}\" width=\"{Math.Max(1, to - from):F1}\" height=\"{height}\">");
            svg.Append("<title>").Append(HtmlText.Of(text)).Append("</title></rect>");
        }
    }

    /// <summary>All, or as many as strips are wide enough to be met, with both ends.</summary>
    private static double[] Some(double[] epochs) => epochs.Length <= MostStrips
        ? epochs
        : [.. Enumerable.Range(0, MostStrips).Select(i => epochs[(int)((long)i * (epochs.Length - 1) / (MostStrips - 1))])];
}
