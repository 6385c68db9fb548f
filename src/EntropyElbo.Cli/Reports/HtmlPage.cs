using System.Text;
using EntropyElbo.Cli.Host;

namespace EntropyElbo.Cli.Reports;

/// <summary>What all pages are: one file with its style and script, which needs nothing else.</summary>
internal static class HtmlPage
{
    /// <summary>Begins a page.</summary>
    /// <param name="page">Where it is written.</param>
    /// <param name="title">Its title, not yet escaped.</param>
    /// <param name="colours">Colours of groups in its charts.</param>
    public static void Open(StringBuilder page, string title, int colours) =>
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(HtmlText.Of(title))
            .Append("</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>\n")
            .Append(HtmlStyle.Css).Append('\n').Append(StudyChart.Css(colours)).Append("</style></head><body><main>\n");

    /// <summary>Ends it.</summary>
    public static string Close(StringBuilder page) =>
        page.Append("</main>").Append(HtmlScript.Element).Append("</body></html>\n").ToString();

    /// <summary>Writes a page, whole or not at all.</summary>
    public static void Write(string path, ToolHost host, string text)
    {
        byte[] page = Encoding.UTF8.GetBytes(text);
        OutputFile.Write(path, host, stream => stream.Write(page));
    }
}
