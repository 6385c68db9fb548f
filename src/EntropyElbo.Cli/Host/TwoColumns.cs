namespace EntropyElbo.Cli.Host;

/// <summary>Words and what they mean, in two columns.</summary>
internal static class TwoColumns
{
    /// <summary>Words longer than this have their meaning on the next line.</summary>
    private const int MostOfFirst = 34;

    /// <summary>Writes the lines.</summary>
    /// <param name="output">Takes them.</param>
    /// <param name="width">Characters of a line at most.</param>
    /// <param name="indent">What each line begins with.</param>
    /// <param name="rows">Words and meanings.</param>
    public static void Write(TextWriter output, int width, string indent, IEnumerable<(string First, string Second)> rows)
    {
        (string First, string Second)[] all = [.. rows];
        int first = all.Where(r => r.First.Length <= MostOfFirst).Select(r => r.First.Length).DefaultIfEmpty(0).Max() + 2;
        string blank = indent + new string(' ', first);
        foreach ((string word, string meaning) in all)
        {
            bool fits = word.Length <= MostOfFirst;
            output.Write(fits ? indent + word.PadRight(first) : $"{indent}{word}{output.NewLine}{blank}");
            output.WriteLine(string.Join(output.NewLine + blank, Lines(meaning, Math.Max(20, width - blank.Length))));
        }
    }

    private static IEnumerable<string> Lines(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = "";
            }

            line += line.Length == 0 ? word : " " + word;
        }

        yield return line;
    }
}
