namespace EntropyElbo.Data.Csv;

/// <summary>One pass over the data lines of a CSV stream.</summary>
internal sealed class CsvCursor : IRowCursor
{
    private readonly CsvLayout _layout;
    private readonly CsvRecordReader _reader;
    private readonly bool _marksMissing;
    private bool _started;
    private bool _ended;
    private bool _isPlain;
    private long _row;

    public CsvCursor(Stream stream, CsvLayout layout)
    {
        _layout = layout;
        _marksMissing = layout.Format.HasMissingNumbers;
        _reader = new CsvRecordReader(stream, layout.Source, layout.Delimiter);
    }

    public int Read(Span<double> block)
    {
        int columns = _layout.Names.Length;
        int capacity = RowBlock.Capacity(block, columns);
        int rows = 0;
        while (rows < capacity && Next(out ReadOnlySpan<byte> record))
        {
            Parse(record, block.Slice(rows * columns, columns));
            rows++;
        }

        return rows;
    }

    /// <summary>
    /// Reads the rows that have come: waits for the first, and goes on only as far as whole lines are there. A row with a missing value
    /// is left out and counted, or an error that names its line.
    /// </summary>
    /// <param name="block">Room for one or more whole rows.</param>
    /// <param name="missing">What to do with rows that have missing values.</param>
    /// <param name="rows">Rows written; what is thrown comes behind them.</param>
    public void ReadArrived(Span<double> block, MissingValues missing, out int rows)
    {
        int columns = _layout.Names.Length;
        int capacity = RowBlock.Capacity(block, columns);
        rows = 0;
        while (rows < capacity && (rows == 0 || _reader.HasLine) && Next(out ReadOnlySpan<byte> record))
        {
            Span<double> row = block.Slice(rows * columns, columns);
            Parse(record, row);
            int bad = _isPlain ? -1 : RowBlock.IndexOfNonFinite(row);
            if (bad < 0)
            {
                rows++;
            }
            else if (missing == MissingValues.SkipRow)
            {
                Skipped++;
            }
            else
            {
                throw new BadDataException(
                    $"{_layout.Source}, line {_reader.Line}, column '{_layout.Names[bad]}' is missing or not a finite number; clean the data, "
                        + $"leave the column out, or skip such rows ({OptionTerms.SkipMissing}).",
                    _row - 1,
                    _layout.Names[bad]);
            }
        }
    }

    /// <summary>Rows that <see cref="ReadArrived"/> left out.</summary>
    public long Skipped { get; private set; }

    /// <summary>Passes over all records that are left and returns their number; cells are not looked at.</summary>
    public long Count(CancellationToken cancellationToken)
    {
        long rows = 0;
        while (Next(out _))
        {
            if ((++rows & 0xFFF) == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return rows;
    }

    public void Dispose() => _reader.Dispose();

    private void Parse(ReadOnlySpan<byte> record, Span<double> row)
    {
        // Plain numbers are finite; whatever else is stored need not be.
        _isPlain = !_marksMissing;
        if (_reader.HasQuotes)
        {
            ParseQuoted(record, row);
        }
        else
        {
            ParsePlain(record, row);
        }

        if (_marksMissing)
        {
            _layout.Format.MarkMissing(row);
        }

        _row++;
    }

    private bool Next(out ReadOnlySpan<byte> record)
    {
        record = default;
        if (_ended)
        {
            return false;
        }

        bool found = _started ? _reader.NextData(out record) : _reader.FirstData(out record);
        if (!_started && found && _layout.HasHeader)
        {
            found = _reader.NextData(out record);
        }

        _started = true;
        _ended = !found;
        return found;
    }

    private void ParsePlain(ReadOnlySpan<byte> record, Span<double> row)
    {
        int[] target = _layout.Target;
        byte point = _layout.Format.Point;
        ReadOnlySpan<byte> rest = record;
        int column = 0;
        while (true)
        {
            int to = column < target.Length ? target[column] : throw Ragged(record);
            if (to < 0 || !NumberText.TryParsePlain(rest, _layout.Delimiter, point, out row[to], out int length))
            {
                length = rest.IndexOf(_layout.Delimiter);
                length = length < 0 ? rest.Length : length;
                Store(record, rest[..length], column, row);
            }

            column++;
            if (length == rest.Length)
            {
                break;
            }

            rest = rest[(length + 1)..];
        }

        if (column != target.Length)
        {
            throw Ragged(record);
        }
    }

    private void ParseQuoted(ReadOnlySpan<byte> record, Span<double> row)
    {
        int[] target = _layout.Target;
        ReadOnlySpan<byte> rest = record;
        int column = 0;
        for (bool last = false; !last; column++)
        {
            int to = column < target.Length ? target[column] : throw Ragged(record);
            if (to >= 0 && TryParseQuotedNumber(ref rest, out row[to], out last))
            {
                continue;
            }

            CsvCells cells = new(rest, _layout.Delimiter, _reader.HasQuotes);
            cells.MoveNext();
            Store(record, cells.Current, column, row);
            rest = cells.Rest;
            last = cells.IsLast;
        }

        if (column != target.Length)
        {
            throw Ragged(record);
        }
    }

    /// <summary>A plain number in quotes, with the delimiter or the end behind it; takes it off the rest.</summary>
    private bool TryParseQuotedNumber(ref ReadOnlySpan<byte> rest, out double value, out bool last)
    {
        value = 0;
        last = false;
        if (rest.IsEmpty || rest[0] != '"' || !NumberText.TryParsePlain(rest[1..], '"', _layout.Format.Point, out value, out int length))
        {
            return false;
        }

        int end = length + 2;
        last = end == rest.Length;
        if (!last && (end > rest.Length || rest[end] != _layout.Delimiter))
        {
            return false;
        }

        rest = last ? default : rest[(end + 1)..];
        return true;
    }

    /// <summary>Reads a cell into its place in the row, if it has one.</summary>
    private void Store(ReadOnlySpan<byte> record, ReadOnlySpan<byte> cell, int column, Span<double> row)
    {
        int to = _layout.Target[column];
        _isPlain &= to < 0;
        if (to >= 0 && !NumberText.TryParse(cell, _layout.Format, out row[to]))
        {
            throw CountCells(record) == _layout.Target.Length ? NotANumber(column, cell) : Ragged(record);
        }
    }

    private int CountCells(ReadOnlySpan<byte> record)
    {
        int count = 0;
        CsvCells cells = new(record, _layout.Delimiter, _reader.HasQuotes);
        while (cells.MoveNext())
        {
            count++;
        }

        return count;
    }

    private BadDataException Ragged(ReadOnlySpan<byte> record)
    {
        int found = CountCells(record);
        int expected = _layout.FileNames.Length;
        string remedy = _layout.Delimiter == ',' && found == 2 * expected
            ? $"if the comma is the decimal sign, {OptionTerms.DecimalSign(',')}"
            : $"mend the line or check the delimiter ({DelimiterName(_layout.Delimiter)} is taken; {OptionTerms.Delimiter})";
        return new($"{_layout.Source}, line {_reader.Line}: found {found} columns where the first line has {expected}; {remedy}.", _row);
    }

    private static string DelimiterName(byte delimiter) => delimiter switch
    {
        (byte)' ' => "blanks",
        (byte)'\t' => "tab",
        _ => $"'{(char)delimiter}'",
    };

    private BadDataException NotANumber(int column, ReadOnlySpan<byte> cell) => new(
        $"{_layout.Source}, line {_reader.Line}, column '{_layout.FileNames[column]}': {NumberText.Show(cell)} is not a number; "
        + CsvDecimal.Explain(cell, _layout.Format),
        _row,
        _layout.FileNames[column]);
}
