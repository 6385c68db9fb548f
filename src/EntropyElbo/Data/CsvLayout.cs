using System.Text;

namespace EntropyElbo.Data;

/// <summary>What the first lines of a CSV file tell: delimiter, header, columns, and which of them are read.</summary>
internal sealed class CsvLayout
{
    private CsvLayout(string source, byte delimiter, bool header, string[] fileNames, int[] selected)
    {
        Source = source;
        Delimiter = delimiter;
        HasHeader = header;
        FileNames = fileNames;
        Names = [.. selected.Select(i => fileNames[i])];
        Target = new int[fileNames.Length];
        Array.Fill(Target, -1);
        for (int i = 0; i < selected.Length; i++)
        {
            Target[selected[i]] = i;
        }
    }

    /// <summary>The file's name, for messages.</summary>
    public string Source { get; }

    public byte Delimiter { get; }

    public bool HasHeader { get; }

    /// <summary>Names of all columns in the file.</summary>
    public string[] FileNames { get; }

    /// <summary>Names of the columns that are read.</summary>
    public string[] Names { get; }

    /// <summary>For each column in the file its position in a row, or -1 where it is not read.</summary>
    public int[] Target { get; }

    /// <summary>Reads the first two records of a stream.</summary>
    public static CsvLayout Detect(Stream stream, string source, CsvOptions options)
    {
        byte given = GivenDelimiter(options.Delimiter);
        CsvRecordReader reader = new(stream, source, given);
        if (!reader.FirstData(out ReadOnlySpan<byte> record))
        {
            throw new BadDataException($"{source} is empty; at least one row of numbers is needed.");
        }

        RejectLoneReturns(record, source);
        byte[] first = record.ToArray();
        byte[] second = reader.NextData(out record) ? record.ToArray() : [];
        byte delimiter = given != 0 ? given : CsvDelimiter.Detect(first, second);
        List<byte[]> cells = Cells(first, delimiter, source);
        bool header = options.Header ?? cells.Exists(cell => !NumberText.TryParse(cell, out _));
        string[] names = header ? HeaderNames(cells) : RowBlock.DefaultNames(cells.Count);
        int[] selected = options.Columns?.Resolve(names) ?? [.. Enumerable.Range(0, names.Length)];
        return new CsvLayout(source, delimiter, header, names, selected);
    }

    private static byte GivenDelimiter(char? delimiter)
    {
        if (delimiter is not char c)
        {
            return 0;
        }

        return c is '"' or '\r' or '\n' or '.' or '+' or '-' || c is < '\t' or > '~' || char.IsAsciiLetterOrDigit(c)
            ? throw new BadOptionException("delimiter", $"the delimiter '{c}' cannot be used; take comma, tab, semicolon, bar or space.")
            : (byte)c;
    }

    private static void RejectLoneReturns(ReadOnlySpan<byte> record, string source)
    {
        if (record.Contains((byte)'\r') && !record.Contains((byte)'"'))
        {
            throw new BadDataException($"{source}: lines end in a lone carriage return; save the file with line feeds.");
        }
    }

    private static List<byte[]> Cells(ReadOnlySpan<byte> record, byte delimiter, string source)
    {
        List<byte[]> cells = [];
        CsvCells reader = new(record, delimiter, record.Contains((byte)'"'));
        while (reader.MoveNext())
        {
            if (cells.Count == RowBlock.MaxColumns)
            {
                throw new BadDataException($"{source}: the first line has more than {RowBlock.MaxColumns} columns; check the delimiter.");
            }

            cells.Add(reader.Current.ToArray());
        }

        return cells;
    }

    private static string[] HeaderNames(List<byte[]> cells)
    {
        string[] names = RowBlock.DefaultNames(cells.Count);
        for (int i = 0; i < names.Length; i++)
        {
            string name = Encoding.UTF8.GetString(cells[i]).Trim();
            names[i] = name.Length > 0 ? name : names[i];
        }

        return names;
    }
}
