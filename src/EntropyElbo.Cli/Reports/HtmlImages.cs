using System.Globalization;
using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Reports;

namespace EntropyElbo.Cli.Reports;

/// <summary>
/// Pictures of a model of images: draws with their reconstructions, and what each of the latents that carry most does to the image.
/// </summary>
internal static class HtmlImages
{
    private const int MaxLatents = 8;
    private const int Steps = 9;
    private const double Reach = 2;

    /// <summary>Fields of a page at most, those of the largest scales.</summary>
    private const int MaxFields = 400;

    /// <summary>The pictures; nothing for models of other rows.</summary>
    public static string Section(RunReport report)
    {
        StringBuilder html = new();
        if (report.Image is { } image && FieldPictures.Has(report.Model.Family))
        {
            string text = FieldPictures.Text(report.Model, image, MaxFields);
            AppendCard(html, "Fields", text, FieldPictures.Sheet(report.Model, image, MaxFields));
        }

        if (report.Model is not GaussianVaeModel { Images: { } images } model)
        {
            return html.ToString();
        }

        LatentReport[] latents = HtmlLatents.ByKl(report.Evaluation, MaxLatents);
        string names = string.Join(", ", latents.Select(l => (l.Index + 1).ToString(CultureInfo.InvariantCulture)));
        AppendCard(
            html,
            "What the model draws",
            "Rows drawn from the model, and below each what encoder and decoder make of it.",
            Sheet(images.Shape, Draw(model), 2, model.Scaling));
        AppendCard(
            html,
            "What the latents draw",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Decoded means as one latent goes from {-Reach} to {Reach} standard deviations of its prior, the others at 0. Lines from "
                    + $"the top: {(latents.Length == 1 ? "latent" : "latents")} {names}."),
            Sheet(images.Shape, Decode(model, latents), latents.Length, model.Scaling));
        return html.ToString();
    }

    private static void AppendCard(StringBuilder html, string title, string text, ImageSheet sheet)
    {
        string png = Convert.ToBase64String(sheet.Png());
        html.Append("<section class=\"card\"><h2>")
            .Append(title)
            .Append("</h2><p class=\"soft\">")
            .Append(text)
            .Append("</p><div class=\"scroll\">");
        html.Append(CultureInfo.InvariantCulture, $"<img class=\"pixels\" width=\"{sheet.Width * sheet.Zoom}\" height=\"{sheet.Height * sheet.Zoom}\" alt=\"{title}\" src=\"data:image/png;base64,{png}\">");
        html.Append("</div></section>\n");
    }

    /// <summary>Rows as images, all with one range of grey.</summary>
    private static ImageSheet Sheet(ImageShape shape, double[] rows, int lines, Scaling scaling)
    {
        ImageSheet sheet = new(shape, Steps, lines);
        (double least, double greatest) = scaling.Kind == ScalingKind.MinMax
            ? (scaling.Offset[0], scaling.Offset[0] + (1 / scaling.Factor[0]))
            : (rows.Min(), rows.Max());
        for (int i = 0; i < lines * Steps; i++)
        {
            sheet.Draw(i, rows.AsSpan(i * shape.Columns, shape.Columns), least, greatest);
        }

        return sheet;
    }

    /// <summary>A line of draws, and a line of their reconstructions.</summary>
    private static double[] Draw(GaussianVaeModel model)
    {
        double[] rows = new double[2 * Steps * model.ObservedDimension];
        Span<double> draws = rows.AsSpan(0, rows.Length / 2);
        model.Sample(draws, seed: 1);
        model.Reconstruct(draws, rows.AsSpan(rows.Length / 2));
        return rows;
    }

    private static double[] Decode(GaussianVaeModel model, LatentReport[] latents)
    {
        int h = model.LatentDimension;
        double[] codes = new double[latents.Length * Steps * h];
        IReadOnlyList<double> variances = model.PriorVariances;
        for (int i = 0; i < latents.Length; i++)
        {
            for (int step = 0; step < Steps; step++)
            {
                double place = (2.0 * step / (Steps - 1)) - 1;
                codes[(((i * Steps) + step) * h) + latents[i].Index] = place * Reach * Math.Sqrt(variances[latents[i].Index]);
            }
        }

        double[] rows = new double[latents.Length * Steps * model.ObservedDimension];
        model.Decode(codes, rows);
        return rows;
    }
}
