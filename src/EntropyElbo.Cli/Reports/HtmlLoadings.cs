using System.Globalization;
using System.Text;
using EntropyElbo.Families.LinearGaussians;

namespace EntropyElbo.Cli.Reports;

/// <summary>The loadings of a linear model as a heat map.</summary>
internal static class HtmlLoadings
{
    private const int MostColumns = 100;
    private const int MostLatents = 30;

    /// <summary>The map; nothing for other models, and for images, whose fields are pictures.</summary>
    public static string Section(RunReport report)
    {
        if (report.Model is not LinearGaussianModel model || report.Image is not null)
        {
            return "";
        }

        int all = model.LatentDimension, latents = Math.Min(MostLatents, all), columns = Math.Min(MostColumns, model.ObservedDimension);
        double[] loadings = model.Loadings.ToArray();
        double largest = Math.Max(1e-300, loadings.Max(Math.Abs));
        string part = latents < all || columns < model.ObservedDimension
            ? $" The first {columns} of {model.ObservedDimension} columns, {latents} of {all} latents."
            : "";
        StringBuilder html = new();
        html.Card("Loadings", $"What a unit of each latent adds to each column, in the model's units. Blue adds, orange takes away.{part}");
        html.Append("<div class=\"scroll\"><table class=\"heat\"><thead><tr>").Head("column");
        for (int h = 0; h < latents; h++)
        {
            html.Head((h + 1).ToString(CultureInfo.InvariantCulture), "m");
        }

        html.Append("</tr></thead><tbody>");
        for (int d = 0; d < columns; d++)
        {
            html.Append("<tr>").Cell(model.ColumnNames[d], "name");
            for (int h = 0; h < latents; h++)
            {
                double value = loadings[(d * all) + h];
                html.Append(
                    CultureInfo.InvariantCulture,
                    $"<td class=\"{(value < 0 ? "below" : "above")}\" style=\"--v:{100 * Math.Abs(value) / largest:F0}%\">{value:F2}</td>");
            }

            html.Append("</tr>");
        }

        return html.Append("</tbody></table></div></section>\n").ToString();
    }
}
