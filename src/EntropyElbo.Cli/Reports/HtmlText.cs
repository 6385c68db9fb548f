using System.Net;
using System.Text;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Cli.Reports;

/// <summary>Pieces that all pages are made of. Whatever comes from data goes through <see cref="Of"/>.</summary>
internal static class HtmlText
{
    /// <summary>Text as HTML, with what cannot be seen shown.</summary>
    public static string Of(string text) => WebUtility.HtmlEncode(Shown.Line(text));

    /// <summary>Begins a card.</summary>
    /// <param name="html">The page.</param>
    /// <param name="title">Its title, as text.</param>
    /// <param name="caption">What it shows, as text; none where empty.</param>
    public static StringBuilder Card(this StringBuilder html, string title, string caption)
    {
        html.Append("<section class=\"card\"><h2>").Append(Of(title)).Append("</h2>");
        return caption.Length > 0 ? html.Append("<p class=\"soft\">").Append(Of(caption)).Append("</p>") : html;
    }

    /// <summary>Appends a card with a chart.</summary>
    public static void Card(this StringBuilder html, string title, StudyChart chart, string caption) =>
        html.Card(title, "").Append(chart.Legend()).Append(chart.Svg(title)).Append("<p class=\"soft\">").Append(Of(caption))
            .Append("</p></section>\n");

    /// <summary>Appends a cell.</summary>
    /// <param name="html">The page.</param>
    /// <param name="text">The text.</param>
    /// <param name="css">Its classes.</param>
    public static StringBuilder Cell(this StringBuilder html, string text, string css = "") =>
        html.Append(css.Length > 0 ? $"<td class=\"{css}\">" : "<td>").Append(Of(text)).Append("</td>");

    /// <summary>Appends a head cell.</summary>
    /// <param name="html">The page.</param>
    /// <param name="text">The text.</param>
    /// <param name="css">Its classes.</param>
    public static StringBuilder Head(this StringBuilder html, string text, string css = "") =>
        html.Append(css.Length > 0 ? $"<th class=\"{css}\">" : "<th>").Append(Of(text)).Append("</th>");
}
