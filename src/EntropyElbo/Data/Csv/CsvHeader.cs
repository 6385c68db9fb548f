using System.Text;

namespace EntropyElbo.Data.Csv;

/// <summary>Decides whether the first line of a CSV file holds column names, by the chosen columns alone.</summary>
internal sealed class CsvHeader
{
    private const string ToReadAsData = $"; if it is data, {OptionTerms.HeaderNo}.";
    private readonly List<Column> _columns;
    private readonly int _below;

    private CsvHeader(List<Column> columns, int below)
    {
        _columns = columns;
        _below = below;
    }

    /// <summary>Whether the first line holds names; adds to the notes where that is not plain.</summary>
    /// <param name="sample">The first records.</param>
    /// <param name="chosen">The chosen columns; all when null.</param>
    /// <param name="format">How cells are written.</param>
    /// <param name="notes">Takes what the user should know.</param>
    public static bool Detect(CsvSample sample, int[]? chosen, CellFormat format, List<string> notes)
    {
        Dictionary<int, Column> columns = [];
        CsvCells cells = Cells(sample, 0);
        HashSet<int>? wanted = chosen is null ? null : [.. chosen];
        for (int i = 0; cells.MoveNext(); i++)
        {
            if (wanted is null || wanted.Contains(i))
            {
                columns.Add(i, new Column(i, cells.Current, cells.IsQuoted, format));
            }
        }

        for (int row = 1; row < sample.Records.Count; row++)
        {
            cells = Cells(sample, row);
            for (int i = 0; cells.MoveNext(); i++)
            {
                if (columns.TryGetValue(i, out Column? column))
                {
                    column.Add(cells.Current, cells.IsQuoted, format);
                }
            }
        }

        return new CsvHeader([.. columns.Values], sample.Records.Count - 1).Decide(notes);
    }

    private bool Decide(List<string> notes)
    {
        List<Column> texts = _columns.FindAll(c => c.IsText);
        if (texts.Count == 0)
        {
            return DecideNumbers(notes);
        }

        if (!_columns.Exists(c => c.IsNumber))
        {
            return true;
        }

        bool marks = texts.TrueForAll(c => c.IsMark);
        if (marks || (_below > 0 && texts.TrueForAll(c => c.TextBelow == _below)))
        {
            return false; // The cell is an unknown word for a missing value, or its column is one of text.
        }

        notes.Add($"line 1 ({Shown()}) was read as column names, although some of them are numbers{ToReadAsData}");
        return true;
    }

    /// <summary>All cells are numbers or missing: names only where they are whole and what is below them is of another kind.</summary>
    private bool DecideNumbers(List<string> notes)
    {
        if (_below > 0 && _columns.TrueForAll(c => c.Quoted && c.QuotedBelow == 0))
        {
            return Names("they are in quotes and the rows below are not", notes);
        }

        List<Column> numbers = _columns.FindAll(c => c.IsNumber);
        if (_below == 0 || numbers.Count == 0 || !numbers.TrueForAll(c => c.IsWhole)
            || _columns.Exists(c => !c.IsNumber && !c.IsEmpty) || numbers.Select(c => c.Value).Distinct().Count() < numbers.Count)
        {
            return false;
        }

        bool counting = numbers.Count > 1 && CountUp(numbers);
        int broken = numbers.Count(c => c.FractionsBelow > 0);
        if (counting && (numbers.Count > 2 ? 2 * broken > numbers.Count : broken == 2))
        {
            return Names("they count up, and the rows below have fractions", notes);
        }

        if ((counting && numbers.Count > 2) || (broken == numbers.Count && (broken > 1 || numbers[0].Value == 0)))
        {
            notes.Add(
                $"line 1 ({Shown()}) was read as a row of data; if its whole numbers are column names (a header), "
                    + $"{OptionTerms.HeaderYes}.");
        }

        return false;
    }

    private bool Names(string why, List<string> notes)
    {
        notes.Add($"line 1 ({Shown()}) was read as column names, a header: {why}{ToReadAsData}");
        return true;
    }

    /// <summary>Whether values go with the columns' places, or up in equal steps.</summary>
    private static bool CountUp(List<Column> columns)
    {
        double step = columns[1].Value - columns[0].Value;
        bool places = true;
        bool steps = step > 0;
        for (int i = 1; i < columns.Count; i++)
        {
            double rise = columns[i].Value - columns[i - 1].Value;
            places &= rise == columns[i].Place - columns[i - 1].Place;
            steps &= rise == step;
        }

        return places || steps;
    }

    private static CsvCells Cells(CsvSample sample, int record) =>
        new(sample.Records[record], sample.Delimiter, sample.Records[record].Contains((byte)'"'));

    private string Shown() => string.Join(", ", _columns.Take(4).Select(c => c.Shown)) + (_columns.Count > 4 ? ", ..." : "");

    /// <summary>A chosen column: its cell in the first line, and what kinds of cells are below.</summary>
    private sealed class Column
    {
        public Column(int place, ReadOnlySpan<byte> cell, bool quoted, CellFormat format)
        {
            ReadOnlySpan<byte> text = cell.Trim((byte)' ');
            Place = place;
            Quoted = quoted;
            IsEmpty = text.IsEmpty;
            IsText = !NumberText.TryParse(cell, format, out double value);
            IsNumber = !IsText && !double.IsNaN(value) && !format.IsMissing(text);
            IsWhole = IsNumber && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0;
            IsMark = IsText && !Encoding.UTF8.GetString(text).Any(char.IsLetterOrDigit);
            Value = value;
            Shown = NumberText.Show(cell);
        }

        public int Place { get; }

        public bool Quoted { get; }

        public bool IsEmpty { get; }

        public bool IsText { get; }

        public bool IsNumber { get; }

        /// <summary>Digits only.</summary>
        public bool IsWhole { get; }

        /// <summary>Text without a letter or digit, as people write for a missing value.</summary>
        public bool IsMark { get; }

        public double Value { get; }

        public string Shown { get; }

        public int TextBelow { get; private set; }

        public int FractionsBelow { get; private set; }

        public int QuotedBelow { get; private set; }

        public void Add(ReadOnlySpan<byte> cell, bool quoted, CellFormat format)
        {
            ReadOnlySpan<byte> text = cell.Trim((byte)' ');
            QuotedBelow += quoted ? 1 : 0;
            if (!NumberText.TryParse(cell, format, out double value))
            {
                TextBelow++;
            }
            else if (!double.IsNaN(value) && text.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
            {
                FractionsBelow++; // Or a sign or exponent: no name looks so either.
            }
        }
    }
}
