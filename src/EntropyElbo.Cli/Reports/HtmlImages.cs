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
    private const int MaxSide = 96;
    private const int Gap = 2;

    /// <summary>The pictures; nothing for models of other rows.</summary>
    public static string Section(RunReport report)
    {
        if (report.Model is not GaussianVaeModel { Images: { } images } model)
        {
            return "";
        }

        LatentReport[] latents = HtmlLatents.ByKl(report.Evaluation, MaxLatents);
        string names = string.Join(", ", latents.Select(l => (l.Index + 1).ToString(CultureInfo.InvariantCulture)));
        StringBuilder html = new();
        AppendCard(
            html,
            "What the model draws",
            "Rows drawn from the model, and below each what encoder and decoder make of it.",
            new Sheet(images.Shape, Draw(model), 2, model.Scaling));
        AppendCard(
            html,
            "What the latents draw",
            string.Create(
                CultureInfo.InvariantCulture,
                $"Decoded means as one latent goes from {-Reach} to {Reach} standard deviations of its prior, the others at 0. Lines from "
                    + $"the top: {(latents.Length == 1 ? "latent" : "latents")} {names}."),
            new Sheet(images.Shape, Decode(model, latents), latents.Length, model.Scaling));
        return html.ToString();
    }

    private static void AppendCard(StringBuilder html, string title, string text, Sheet sheet)
    {
        string png = Convert.ToBase64String(PngImage.Encode(sheet.Width, sheet.Height, sheet.Pixels));
        html.Append("<section class=\"card\"><h2>")
            .Append(title)
            .Append("</h2><p class=\"soft\">")
            .Append(text)
            .Append("</p><div class=\"scroll\">");
        html.Append(CultureInfo.InvariantCulture, $"<img class=\"pixels\" width=\"{sheet.Width * sheet.Zoom}\" height=\"{sheet.Height * sheet.Zoom}\" alt=\"{title}\" src=\"data:image/png;base64,{png}\">");
        html.Append("</div></section>\n");
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

    /// <summary>Images beside and below each other; large ones are thinned out.</summary>
    private sealed class Sheet
    {
        private readonly ImageShape _shape;
        private readonly int _thin;
        private readonly int _tileWidth;
        private readonly int _tileHeight;

        public Sheet(ImageShape shape, double[] rows, int lines, Scaling scaling)
        {
            _shape = shape;
            _thin = (Math.Max(shape.Width, shape.Height) + MaxSide - 1) / MaxSide;
            (_tileWidth, _tileHeight) = ((shape.Width + _thin - 1) / _thin, (shape.Height + _thin - 1) / _thin);
            Width = (Steps * (_tileWidth + Gap)) - Gap;
            Height = (lines * (_tileHeight + Gap)) - Gap;
            Pixels = new byte[Width * Height * 3];
            Array.Fill(Pixels, (byte)128);
            (double least, double greatest) = scaling.Kind == ScalingKind.MinMax
                ? (scaling.Offset[0], scaling.Offset[0] + (1 / scaling.Factor[0]))
                : (rows.Min(), rows.Max());
            for (int i = 0; i < lines * Steps; i++)
            {
                Draw(
                    rows.AsSpan(i * shape.Columns, shape.Columns),
                    i % Steps,
                    i / Steps,
                    least,
                    greatest > least ? 255 / (greatest - least) : 0);
            }
        }

        public int Width { get; }

        public int Height { get; }

        public byte[] Pixels { get; }

        /// <summary>How often each pixel is shown.</summary>
        public int Zoom => Math.Max(1, MaxSide / Math.Max(_tileWidth, _tileHeight));

        private void Draw(ReadOnlySpan<double> row, int column, int line, double least, double factor)
        {
            for (int y = 0; y < _tileHeight; y++)
            {
                for (int x = 0; x < _tileWidth; x++)
                {
                    int place = ((((line * (_tileHeight + Gap)) + y) * Width) + (column * (_tileWidth + Gap)) + x) * 3;
                    for (int c = 0; c < 3; c++)
                    {
                        // Colours where there are three channels, else the first as grey.
                        int channel = _shape.Channels == 3 ? c : 0;
                        double value = row[_shape.Column((y * _thin * _shape.Width) + (x * _thin), channel)];
                        Pixels[place + c] = (byte)Math.Clamp((value - least) * factor, 0, 255);
                    }
                }
            }
        }
    }
}
