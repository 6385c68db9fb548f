using System.Globalization;
using System.Text;
using EntropyElbo.Families.Mixture;
using EntropyElbo.Numerics;

namespace EntropyElbo.Cli.Reports;

/// <summary>The components of a mixture: weights, means, and where they lie.</summary>
internal static class HtmlComponents
{
    private const int MostComponents = 50;
    private const int MostColumns = 12;

    /// <summary>Columns whose directions are found at once.</summary>
    private const int WidestScatter = 300;
    private const int EllipsePoints = 48;

    /// <summary>Rows that an ellipse needs.</summary>
    private const double LeastRows = 3;

    /// <summary>The table and the chart; nothing for other models.</summary>
    public static string Section(RunReport report, PageRows rows)
    {
        if (report.Model is not MixtureModel model)
        {
            return "";
        }

        StringBuilder html = new();
        AppendTable(html, model);
        if (model.ObservedDimension is > 1 and <= WidestScatter && rows.Points.Length > 1)
        {
            AppendChart(html, model, rows);
        }

        return html.ToString();
    }

    private static void AppendTable(StringBuilder html, MixtureModel model)
    {
        int columns = Math.Min(MostColumns, model.ObservedDimension);
        int[] order = [.. Enumerable.Range(0, model.LatentDimension).OrderByDescending(k => model.Weights[k]).Take(MostComponents)];
        double[][] means = [.. order.Select(model.ComponentMean)];
        string part = columns < model.ObservedDimension ? $" The first {columns} of {model.ObservedDimension} columns." : "";
        html.Card("Components", $"Weights and means, largest weight first; bars go from the least to the greatest mean of a column.{part}");
        html.Append("<div class=\"scroll\"><table><thead><tr>").Head("component", "n").Head("weight", "name");
        foreach (string name in model.ColumnNames.Take(columns))
        {
            html.Head(name, "name");
        }

        html.Append("</tr></thead><tbody>");
        for (int i = 0; i < order.Length; i++)
        {
            html.Append("<tr>").Cell((order[i] + 1).ToString(CultureInfo.InvariantCulture), "n");
            Bar(html, model.Weights[order[i]], model.Weights[order[i]]);
            for (int d = 0; d < columns; d++)
            {
                (double low, double high) = (means.Min(m => m[d]), means.Max(m => m[d]));
                Bar(html, means[i][d], high > low ? (means[i][d] - low) / (high - low) : 0);
            }

            html.Append("</tr>");
        }

        html.Append("</tbody></table></div></section>\n");
    }

    private static void Bar(StringBuilder html, double value, double share) => html.Append(
        CultureInfo.InvariantCulture,
        $"<td class=\"small\">{value:G4}<i class=\"bar\" style=\"width:{100 * share:F0}%\"></i></td>");

    private static void AppendChart(StringBuilder html, MixtureModel model, PageRows rows)
    {
        (double X, double Y)[] places = Leading(model, rows);
        double[] codes = HtmlScatter.Codes(model, rows);
        int components = model.LatentDimension;
        string Component(int i)
        {
            ReadOnlySpan<double> code = codes.AsSpan(i * components, components);
            return string.Create(CultureInfo.InvariantCulture, $"component {System.Numerics.Tensors.TensorPrimitives.IndexOfMax(code) + 1}");
        }

        StudyOutline?[] ellipses = [.. Enumerable.Range(0, components).Select(k => Ellipse(places, i => codes[(i * components) + k], k))];
        html.Card(
            "Components in the two leading directions",
            new StudyChart(HtmlScatter.Series(rows, places, Component), "first direction", isLogarithmic: false, hasLines: false)
            {
                Radius = 2.6,
                ValueName = "second direction",
                Outlines = [.. ellipses.OfType<StudyOutline>()],
            },
            $"Of {rows.Sampled(rows.Points.Length)}, along the directions of their largest variance, in the model's units. Ellipses: two standard "
                + "deviations of the rows, weighted by how likely they are the component's.");
    }

    /// <summary>The points along the two directions of their largest variance.</summary>
    private static (double X, double Y)[] Leading(MixtureModel model, PageRows rows)
    {
        int columns = model.ObservedDimension, count = rows.Points.Length;
        double[] values = rows.PointValues();
        model.Scaling.Apply(values);
        double[] mean = [.. Enumerable.Range(0, columns).Select(d => Enumerable.Range(0, count).Average(i => values[(i * columns) + d]))];
        double[] scatter = new double[columns * columns];
        for (int i = 0; i < count; i++)
        {
            Span<double> row = values.AsSpan(i * columns, columns);
            for (int d = 0; d < columns; d++)
            {
                row[d] -= mean[d];
            }

            for (int d = 0; d < scatter.Length; d++)
            {
                scatter[d] += row[d / columns] * row[d % columns] / count;
            }
        }

        double[] directions = SymmetricEigen.Top(scatter, columns, 2).Columns([1, 1]);
        double Along(int i, int which) => Enumerable.Range(0, columns).Sum(d => values[(i * columns) + d] * directions[(2 * d) + which]);
        return [.. Enumerable.Range(0, count).Select(i => (Along(i, 0), Along(i, 1)))];
    }

    private static StudyOutline? Ellipse((double X, double Y)[] places, Func<int, double> weight, int component)
    {
        double total = 0, x = 0, y = 0, xx = 0, xy = 0, yy = 0;
        for (int i = 0; i < places.Length; i++)
        {
            (double px, double py, double w) = (places[i].X, places[i].Y, weight(i));
            total += w;
            (x, y, xx, xy, yy) = (x + (w * px), y + (w * py), xx + (w * px * px), xy + (w * px * py), yy + (w * py * py));
        }

        if (total < LeastRows)
        {
            return null;
        }

        (x, y) = (x / total, y / total);
        double a = Math.Sqrt(Math.Max(0, (xx / total) - (x * x)));
        double b = a > 0 ? ((xy / total) - (x * y)) / a : 0, c = Math.Sqrt(Math.Max(0, (yy / total) - (y * y) - (b * b)));
        (double X, double Y)[] points = [.. Enumerable.Range(0, EllipsePoints + 1).Select(i => Math.SinCos(2 * Math.PI * i / EllipsePoints))
            .Select(turn => (x + (2 * a * turn.Cos), y + (2 * ((b * turn.Cos) + (c * turn.Sin)))))];
        return new StudyOutline(string.Create(CultureInfo.InvariantCulture, $"component {component + 1}"), points);
    }
}
