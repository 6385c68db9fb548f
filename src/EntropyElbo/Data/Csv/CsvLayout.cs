using System.Text;

namespace EntropyElbo.Data.Csv;

/// <summary>What the first lines of a CSV file tell: delimiter, header, columns, and which of them are read.</summary>
internal sealed class CsvLayout
{
    private CsvLayout(string source, byte delimiter, CellFormat format, bool header, string[] fileNames, int[] selected, List<string> notes)
    {
        Source = source;
        Delimiter = delimiter;
        Format = format;
        Notes = notes;
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

    /// <summary>How cells are written.</summary>
    public CellFormat Format { get; }

    /// <summary>What the user should know of how the file was read.</summary>
    public IReadOnlyList<string> Notes { get; }

    public bool HasHeader { get; }

    /// <summary>Names of all columns in the file.</summary>
    public string[] FileNames { get; }

    /// <summary>Names of the columns that are read.</summary>
    public string[] Names { get; }

    /// <summary>For each column in the file its position in a row, or -1 where it is not read.</summary>
    public int[] Target { get; }

    /// <summary>Reads the first records of a stream.</summary>
    public static CsvLayout Detect(Stream stream, string source, CsvOptions options, int most = CsvSample.MaxRecords)
    {
        CsvRecordReader reader = new(stream, source, GivenDelimiter(options));
        CsvSample sample = CsvSample.Read(reader, source, options, most);
        List<(byte[] Text, bool Quoted)> cells = Cells(sample.Records[0], sample.Delimiter, source);
        string[] found = HeaderNames(cells);
        string[] numbered = RowBlock.DefaultNames(cells.Count);
        bool named = options.Columns?.NamesAreIn(found) == true
            || (options.Weight is { } text && ColumnSelection.Parse(text, RowWeights.Option).NamesAreIn(found));
        int[]? chosen = options.Columns?.TryResolve(options.Header == true || named ? found : numbered);
        byte point = (byte?)options.DecimalSign ?? CsvDecimal.Detect(sample, chosen, source);
        CellFormat format = CellFormat.Of(point, options.MissingTokens);
        List<string> notes = [];
        bool header = options.Header ?? (named || CsvHeader.Detect(sample, chosen, format, notes));
        string[] names = header ? found : numbered;
        int[] selected = options.Columns?.Resolve(names, notes) ?? [.. Enumerable.Range(0, names.Length)];
        if (options.Weight is { } weight)
        {
            int place = RowWeights.Place(names, weight);
            selected = [.. selected.Where(i => i != place), place];
        }

        return new CsvLayout(source, sample.Delimiter, format, header, names, selected, notes);
    }

    private static byte GivenDelimiter(CsvOptions options)
    {
        if (options.DecimalSign is not (null or '.' or ','))
        {
            throw new BadOptionException("decimal", $"the decimal sign '{options.DecimalSign}' cannot be used; take a point or a comma.");
        }

        if (options.Delimiter is not char c)
        {
            return 0;
        }

        if (c is '"' or '\r' or '\n' or '.' or '+' or '-' || c is < '\t' or > '~' || char.IsAsciiLetterOrDigit(c))
        {
            throw new BadOptionException("delimiter", $"the delimiter '{c}' cannot be used; take comma, tab, semicolon, bar or space.");
        }

        return c != options.DecimalSign ? (byte)c : throw new BadOptionException(
            "delimiter", $"the delimiter and the decimal sign are both '{c}'; one of them must be another.");
    }

    private static List<(byte[] Text, bool Quoted)> Cells(ReadOnlySpan<byte> record, byte delimiter, string source)
    {
        List<(byte[] Text, bool Quoted)> cells = [];
        CsvCells reader = new(record, delimiter, record.Contains((byte)'"'));
        while (reader.MoveNext())
        {
            if (cells.Count == RowBlock.MaxColumns)
            {
                throw new BadDataException($"{source}: the first line has more than {RowBlock.MaxColumns} columns; check the delimiter.");
            }

            cells.Add((reader.Current.ToArray(), reader.IsQuoted));
        }

        return cells;
    }

    private static string[] HeaderNames(List<(byte[] Text, bool Quoted)> cells)
    {
        string[] names = RowBlock.DefaultNames(cells.Count);
        for (int i = 0; i < names.Length; i++)
        {
            string name = Encoding.UTF8.GetString(cells[i].Text);
            name = cells[i].Quoted ? name : name.Trim();
            names[i] = name.Length > 0 ? name : names[i];
        }

        return names;
    }
}
