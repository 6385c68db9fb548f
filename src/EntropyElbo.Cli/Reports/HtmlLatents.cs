using System.Globalization;
using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>The table of latents, with the marks of the collapse criteria.</summary>
internal static class HtmlLatents
{
    /// <summary>Rows of the table at most; the latents that carry most come first.</summary>
    private const int MaxRows = 500;

    /// <summary>The table, latents with the largest KL first.</summary>
    public static string Section(Evaluation evaluation)
    {
        LatentReport[] latents = ByKl(evaluation, MaxRows);
        StringBuilder html = new();
        html.Append("<section class=\"card\"><h2>Latents</h2><p class=\"soft\">By KL, largest first");
        if (latents.Length < evaluation.Latents.Count)
        {
            html.Append(CultureInfo.InvariantCulture, $"; the first {latents.Length} of {evaluation.Latents.Count}");
        }

        html.Append(". A dot marks a criterion by which the latent is collapsed: it tells nothing of the rows.</p><div class=\"scroll\"><table><thead><tr>")
            .Append("<th class=\"n\" rowspan=\"2\">latent</th><th class=\"n\" rowspan=\"2\">KL</th><th class=\"wide\" rowspan=\"2\"></th><th class=\"n\" rowspan=\"2\">encoder entropy</th>")
            .Append("<th class=\"n wide\" rowspan=\"2\">prior entropy</th><th class=\"n\" rowspan=\"2\">activity</th><th class=\"m\" colspan=\"3\">collapsed by</th></tr><tr>")
            .Append("<th class=\"m\" title=\"mean encoder entropy near the prior's\">entropy</th><th class=\"m\" title=\"KL near 0 in nearly all rows\">KL</th><th class=\"m\" title=\"encoder mean hardly varies\">activity</th></tr></thead><tbody>");
        double largest = Math.Max(1e-12, latents.Select(l => l.Kl).Where(double.IsFinite).DefaultIfEmpty(0).Max());
        foreach (LatentReport latent in latents)
        {
            AppendRow(html, latent, largest);
        }

        return html.Append("</tbody></table></div></section>\n").ToString();
    }

    /// <summary>The latents that carry most, largest KL first.</summary>
    public static LatentReport[] ByKl(Evaluation evaluation, int count) =>
        [.. evaluation.Latents.OrderByDescending(l => l.Kl).ThenBy(l => l.Index).Take(count)];

    private static void AppendRow(StringBuilder html, LatentReport latent, double largest)
    {
        double share = double.IsFinite(latent.Kl) ? Math.Clamp(latent.Kl / largest, 0, 1) : 0;
        html.Append(latent.CollapsedByEntropy ? "<tr class=\"collapsed\">" : "<tr>");
        html.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{latent.Index + 1}</td><td class=\"n\">{Wording.Nats(latent.Kl)}</td>");
        html.Append(CultureInfo.InvariantCulture, $"<td class=\"w wide\"><i class=\"bar\" style=\"width:{100 * share:F1}%\"></i></td>");
        html.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Wording.Nats(latent.EncoderEntropy)}</td><td class=\"n wide\">{Wording.Nats(latent.PriorEntropy)}</td><td class=\"n\">{Wording.Nats(latent.Activity)}</td>");
        html.Append(Mark(latent.CollapsedByEntropy))
            .Append(Mark(latent.CollapsedByKl))
            .Append(Mark(latent.CollapsedByActivity))
            .Append("</tr>");
    }

    private static string Mark(bool collapsed) =>
        collapsed ? "<td class=\"m\" aria-label=\"collapsed\">\u25CF</td>" : "<td class=\"m\"></td>";
}
