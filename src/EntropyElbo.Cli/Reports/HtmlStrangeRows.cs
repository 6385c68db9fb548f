using System.Globalization;
using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Models;

namespace EntropyElbo.Cli.Reports;

/// <summary>The rows with the highest anomaly scores, and the columns that explain them.</summary>
internal static class HtmlStrangeRows
{
    private const int MostRows = 10;
    private const int MostColumns = 3;

    /// <summary>The table; nothing where there are no rows.</summary>
    public static string Section(LatentModel model, PageRows rows)
    {
        if (rows.Count == 0)
        {
            return "";
        }

        double[] terms = new double[rows.Count * model.ObservedDimension], kl = new double[rows.Count * model.LatentTerms];
        model.RowTerms(rows.Values, terms, kl, []);
        double[] scores = [.. Enumerable.Range(0, rows.Count).Select(i => kl.AsSpan(i * model.LatentTerms, model.LatentTerms).ToArray().Sum()
            - terms.AsSpan(i * model.ObservedDimension, model.ObservedDimension).ToArray().Sum())];
        double[] usual = Means(terms, model.ObservedDimension);
        StringBuilder html = new();
        html.Card("Strangest rows", $"Anomaly scores, minus the ELBO of a row in nats; of {rows.Sampled(rows.Count)}. Rows count from 1. "
            + "Explained by the columns whose part of the score is most above their mean over these rows.");
        html.Append("<div class=\"scroll\"><table><thead><tr>").Head("row", "n").Head(rows.Labels is null ? "" : "label").Head("score", "n")
            .Head("explained by").Append("</tr></thead><tbody>");
        foreach (int i in Enumerable.Range(0, rows.Count).OrderByDescending(i => scores[i]).ThenBy(i => i).Take(MostRows))
        {
            html.Append("<tr>").Cell((rows.Places[i] + 1).ToString(CultureInfo.InvariantCulture), "n").Cell(rows.Labels?[i] ?? "")
                .Cell(Wording.Nats(scores[i]), "n").Cell(Reasons(model, rows, terms, usual, i), "why").Append("</tr>");
        }

        return html.Append("</tbody></table></div></section>\n").ToString();
    }

    private static string Reasons(LatentModel model, PageRows rows, double[] terms, double[] usual, int row)
    {
        int columns = model.ObservedDimension;
        double Excess(int d) => usual[d] - terms[(row * columns) + d];
        IEnumerable<string> reasons = Enumerable.Range(0, columns).Where(d => Excess(d) > 0).OrderByDescending(Excess).Take(MostColumns)
            .Select(d => string.Create(
                CultureInfo.InvariantCulture,
                $"{model.ColumnNames[d]} = {rows.Values[(row * columns) + d]:G5} (+{Wording.Nats(Excess(d))})"));
        string text = string.Join(", ", reasons);
        return text.Length > 0 ? text : "its latents, not its columns";
    }

    /// <summary>Mean of each column over the rows where it is a finite number.</summary>
    private static double[] Means(double[] terms, int columns)
    {
        double[] sums = new double[columns], counts = new double[columns];
        for (int i = 0; i < terms.Length; i++)
        {
            if (double.IsFinite(terms[i]))
            {
                sums[i % columns] += terms[i];
                counts[i % columns]++;
            }
        }

        return [.. sums.Select((sum, d) => sum / Math.Max(1, counts[d]))];
    }
}
