using System.Globalization;
using System.Text;
using EntropyElbo.Cli.Host;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>The panel that says how far a fit is from converged.</summary>
internal static class HtmlCertificate
{
    /// <summary>The panel, or nothing where the model does not say.</summary>
    public static string Section(TrainingRecord training)
    {
        if (training.Certificate is not { } certificate)
        {
            return "";
        }

        StringBuilder page = new("<section class=\"card\"><h2>How far from converged</h2><p class=\"soft\">");
        page.Append(HtmlText.Of(CertificateText.Of(certificate))).Append("</p><div class=\"scroll\"><table>");
        Row(page, "expected gain", certificate.ExpectedGain, "at least about, nearby; over all parameters");
        if (certificate.NextStep is { } step)
        {
            Row(page, "next step", step, "what one more exact step gains");
        }

        Row(
            page,
            "rise",
            certificate.Rise,
            string.Create(
                CultureInfo.InvariantCulture,
                $"over the last {Wording.Count(certificate.Window, "epoch")}, standard error {Wording.Nats(certificate.RiseError)}"));
        Row(page, "tolerance", certificate.Tolerance, "converged where gain, rise and all slopes are below");
        if (training.Unclosed is { } unclosed)
        {
            Row(page, "before closing", unclosed.PriorResidual + unclosed.NoiseResidual, CertificateText.Of(unclosed));
        }

        foreach (EulerResidual residual in certificate.EulerResiduals)
        {
            Row(page, $"slope of {residual.Block}", residual.Residual, CertificateText.Of(residual));
        }

        return page.Append("</table></div></section>\n").ToString();
    }

    private static void Row(StringBuilder page, string name, double? value, string meaning) =>
        page.Append("<tr><td>")
            .Append(HtmlText.Of(name))
            .Append("</td><td class=\"n\">")
            .Append(value is { } number ? Wording.Nats(number) : "unknown")
            .Append("</td><td class=\"soft wide\">").Append(HtmlText.Of(meaning)).Append("</td></tr>");
}
