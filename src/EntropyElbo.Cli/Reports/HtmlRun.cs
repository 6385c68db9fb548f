using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EntropyElbo.Models;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Reports;

/// <summary>What another needs to make the same fit: data, options, seed, versions.</summary>
internal static class HtmlRun
{
    /// <summary>The card.</summary>
    public static string Section(PageFacts facts)
    {
        StringBuilder html = new();
        html.Card("This run", "What it takes to get the same figures again.").Append("<div class=\"scroll\"><table><tbody>");
        Row(html, "data", facts.Data);
        Row(html, "rows", facts.Rows.Rows.ToString(CultureInfo.InvariantCulture));
        Row(html, "fingerprint", facts.Rows.Fingerprint + " (SHA-256 of the names and values of the training rows)");
        if (facts.Label is not null)
        {
            Row(html, "label", facts.Label);
        }

        if (facts.Weight is not null)
        {
            Row(html, "weight", facts.Weight);
        }

        Row(html, "model", facts.Family.Name);
        if (facts.From is { } from)
        {
            Row(html, SettingNames.From, $"{from.File} (SHA-256 {ModelStart.Digest(from.Model)})");
            Row(html, "scaling", $"{ScalingWords.Of(from.Model.Scaling.Kind)}, as in that model");
        }

        Row(html, "seed", facts.Settings.Seed.ToString(CultureInfo.InvariantCulture));
        foreach (Setting setting in facts.Family.Settings.Where(
            s => s.Name != SettingNames.Seed && (facts.From is null || s.Name != SettingNames.Scale)))
        {
            if (facts.Settings[setting.Name] is { } given)
            {
                Row(html, setting.Name, Setting.Text(given));
            }
            else if (setting.Default is { } unsaid)
            {
                Row(html, setting.Name, $"{unsaid} (default)");
            }
        }

        Row(html, "versions", string.Create(
            CultureInfo.InvariantCulture,
            $"EntropyElbo {typeof(LatentModel).Assembly.GetName().Version}, {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"));
        return html.Append("</tbody></table></div></section>\n").ToString();
    }

    private static void Row(StringBuilder html, string name, string value) =>
        html.Append("<tr>").Cell(name).Cell(value, "why").Append("</tr>");
}
