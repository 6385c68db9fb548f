using System.Globalization;
using System.Text;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>Where rows lie in the two most active latents.</summary>
internal static class HtmlScatter
{
    /// <summary>Labels that have a colour of their own.</summary>
    private const int MostColours = 12;

    /// <summary>Colours that a page has: labels, and one for all others.</summary>
    public const int Colours = MostColours + 1;

    /// <summary>The chart; nothing for fewer than two latents.</summary>
    public static string Section(RunReport report, PageRows rows)
    {
        LatentModel model = report.Model;
        LatentReport[] latents = [.. report.Evaluation.Latents.OrderByDescending(l => l.Activity).ThenBy(l => l.Index).Take(2)];
        if (latents.Length < 2 || rows.Points.Length == 0 || model.HasDiscreteLatents)
        {
            return "";
        }

        double[] codes = Codes(model, rows);
        (int x, int y) = (latents[0].Index, latents[1].Index);
        (double X, double Y)[] places =
            [.. Enumerable.Range(0, rows.Points.Length).Select(i => (codes[(i * model.LatentDimension) + x], codes[(i * model.LatentDimension) + y]))];
        StringBuilder html = new();
        html.Card(
            "The two most active latents",
            new StudyChart(Series(rows, places, null), Name(x), isLogarithmic: false, hasLines: false) { Radius = 2.6, ValueName = Name(y) },
            $"Encoder means of {rows.Sampled(rows.Points.Length)}; by {Name(x)} across and {Name(y)} up.");
        return html.ToString();

        static string Name(int latent) => string.Create(CultureInfo.InvariantCulture, $"latent {latent + 1}");
    }

    /// <summary>[points, latents]: encoder means of the rows that are drawn.</summary>
    public static double[] Codes(LatentModel model, PageRows rows)
    {
        double[] means = new double[rows.Points.Length * model.LatentDimension];
        model.Encode(rows.PointValues(), means, new double[means.Length]);
        return means;
    }

    /// <summary>Points by label, the most frequent first.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="places">Where each point is.</param>
    /// <param name="otherwise">What colours points without labels, or null.</param>
    public static StudySeries[] Series(PageRows rows, (double X, double Y)[] places, Func<int, string>? otherwise)
    {
        string Label(int i) => rows.Labels?[rows.Points[i]] ?? otherwise?.Invoke(i) ?? "rows";
        HashSet<string> own =
        [
            .. Enumerable.Range(0, places.Length).GroupBy(Label).OrderByDescending(same => same.Count())
                .ThenBy(same => same.Key, StringComparer.Ordinal).Take(MostColours).Select(same => same.Key),
        ];
        return
        [
            .. Enumerable.Range(0, places.Length).GroupBy(i => own.Contains(Label(i)) ? Label(i) : "other")
                .OrderBy(same => same.Key, StringComparer.Ordinal)
                .Select(same => new StudySeries(same.Key, [.. same.Select(i => Dot(rows, i, places[i]))])),
        ];
    }

    private static StudyDot Dot(PageRows rows, int point, (double X, double Y) place)
    {
        string label = rows.Labels is { } labels ? $", {labels[rows.Points[point]]}" : "";
        return new StudyDot(
            place.X,
            place.Y,
            string.Create(CultureInfo.InvariantCulture, $"row {rows.Places[rows.Points[point]] + 1}{label}: {place.X:G4}, {place.Y:G4}"),
            false);
    }
}
