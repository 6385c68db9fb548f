using System.Globalization;
using System.Text;
using EntropyElbo.Data;
using EntropyElbo.Data.Csv;

namespace EntropyElbo.Cli.Host;

/// <summary>A column of a CSV file that names its rows: no data, and of any text.</summary>
internal sealed class LabelColumn : IRowLabels
{
    private const string OptionName = "label";
    private readonly string _path;
    private readonly byte _delimiter;
    private readonly bool _hasHeader;
    private readonly int _column;

    private LabelColumn(string path, byte delimiter, bool hasHeader, int column, string name)
    {
        (_path, _delimiter, _hasHeader, _column) = (path, delimiter, hasHeader, column);
        Name = name;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Finds the column, and the data beside it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="label">Position or name of the column.</param>
    /// <param name="reading">How the file is read; comes back with columns that leave the label out.</param>
    /// <exception cref="BadOptionException">The file has no such column, or no columns of text at all.</exception>
    public static LabelColumn Find(string path, string label, ref CsvOptions reading)
    {
        RequireText(path);
        CsvLayout named = Detect(path, reading with { Columns = ColumnSelection.Parse(label, OptionName), Weight = null });
        if (named.Names.Length != 1)
        {
            throw new BadOptionException(OptionName, $"'{label}' is {named.Names.Length} columns; give one, by position or name.");
        }

        int column = Array.FindIndex(named.Target, t => t >= 0);
        reading = reading.Columns is null ? reading with { Columns = Positions(Others(named.Target.Length, column)) } : reading;
        CsvLayout data = Detect(path, reading with { Weight = null });
        if (data.Target[column] >= 0)
        {
            int[] others = [.. Others(data.Target.Length, column).Where(i => data.Target[i] >= 0).OrderBy(i => data.Target[i])];
            reading = reading with { Columns = Positions(others), Header = data.HasHeader };
        }

        return new LabelColumn(path, data.Delimiter, data.HasHeader, column, data.FileNames[column]);
    }

    /// <inheritdoc/>
    public string[] Of(IReadOnlyList<long> places)
    {
        string[] labels = new string[places.Count];
        using CsvRecordReader reader = new(RawFiles.Open(_path), _path, _delimiter);
        bool more = reader.FirstData(out ReadOnlySpan<byte> record);
        more = more && _hasHeader ? reader.NextData(out record) : more;
        int next = 0;
        for (long row = 0; more && next < labels.Length; row++)
        {
            if (row == places[next])
            {
                labels[next++] = Cell(record, reader.HasQuotes);
            }

            more = reader.NextData(out record);
        }

        return next == labels.Length ? labels : throw new BadDataException($"{_path}: rows went away while it was in use.");
    }

    private string Cell(ReadOnlySpan<byte> record, bool hasQuotes)
    {
        CsvCells cells = new(record, _delimiter, hasQuotes);
        for (int i = 0; i <= _column; i++)
        {
            cells.MoveNext();
        }

        return Encoding.UTF8.GetString(cells.Current).Trim();
    }

    private static CsvLayout Detect(string path, CsvOptions reading)
    {
        using Stream stream = RawFiles.Open(path);
        return CsvLayout.Detect(stream, path, reading);
    }

    private static IEnumerable<int> Others(int count, int column) => Enumerable.Range(0, count).Where(i => i != column);

    private static ColumnSelection Positions(IEnumerable<int> columns)
    {
        string text = string.Join(',', columns.Select(i => (i + 1).ToString(CultureInfo.InvariantCulture)));
        return text.Length > 0 ? ColumnSelection.Parse(text) : throw new BadOptionException(
            OptionName, "The column of labels is the only one; there are no data beside it.");
    }

    private static void RequireText(string path)
    {
        if (path == "-")
        {
            throw new BadOptionException(OptionName, "Labels are read in a second pass; name a file instead of standard input.");
        }

        using (FileStream file = RawFiles.OpenFile(path))
        {
            if (!file.CanSeek)
            {
                throw new BadOptionException(OptionName, $"Labels are read in a second pass, which {path} does not allow; name a file.");
            }
        }

        Span<byte> head = stackalloc byte[2];
        using Stream stream = RawFiles.Open(path);
        if (RawFiles.ReadFully(stream, head, path) == head.Length && head[0] == 0 && head[1] == 0)
        {
            throw new BadOptionException(OptionName, $"{path} is an IDX file, which has no column of labels; leave --label out.");
        }
    }
}
