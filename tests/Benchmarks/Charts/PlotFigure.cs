using System.Globalization;
using System.Net;
using System.Text;

namespace EntropyElbo.Benchmarks.Charts;

/// <summary>Panels in rows, as a file of SVG on white.</summary>
internal static class PlotFigure
{
    /// <summary>Writes the figure.</summary>
    /// <param name="path">The file.</param>
    /// <param name="label">What it shows, for those who cannot see it.</param>
    /// <param name="perRow">Panels of a row.</param>
    /// <param name="panels">The panels, all of one size.</param>
    public static void Write(string path, string label, int perRow, IReadOnlyList<PlotPanel> panels)
    {
        double width = Math.Min(perRow, panels.Count) * panels[0].Width;
        double height = (panels.Count + perRow - 1) / perRow * panels[0].Height;
        StringBuilder svg = new();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(label)}\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n");
        for (int i = 0; i < panels.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate({i % perRow * panels[0].Width} {i / perRow * panels[0].Height})\">\n");
            panels[i].Append(svg);
            svg.Append("</g>\n");
        }

        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        Directory.CreateDirectory(folder!);
        File.WriteAllText(path, svg.Append("</svg>\n").ToString());
    }
}
