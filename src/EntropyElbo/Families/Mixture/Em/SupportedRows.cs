using System.Globalization;
using EntropyElbo.Data;
using EntropyElbo.Families.Mixture.Components;

namespace EntropyElbo.Families.Mixture.Em;

/// <summary>
/// Rows whose finite values are checked against the support of their columns' families. Rows with missing values pass:
/// what to do with them is another's decision.
/// </summary>
internal sealed class SupportedRows : IRowSource
{
    private readonly IRowSource _inner;
    private readonly (ColumnRange Range, Func<double, string?> Check)[] _checks;

    public SupportedRows(IRowSource inner, IEnumerable<ColumnRange> ranges)
    {
        _inner = inner;
        _checks =
        [
            .. ranges.Select(r => (Range: r, Check: MixtureSpecification.SupportCheck(r)))
                .Where(c => c.Check is not null).Select(c => (c.Range, c.Check!)),
        ];
    }

    public int Columns => _inner.Columns;

    public IReadOnlyList<string> ColumnNames => _inner.ColumnNames;

    public long? RowCount => _inner.RowCount;

    public IRowCursor Open() => new Cursor(this);

    /// <summary>The error for a value outside the support.</summary>
    public static BadDataException Outside(long row, string column, double value, string family, string violation) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"row {row + 1} (the first is 1), column '{column}' is {value:R}, but values of the family {family} {violation}; clean the data, or choose another family for the column."),
        row,
        column);

    private sealed class Cursor(SupportedRows source) : IRowCursor
    {
        private readonly IRowCursor _cursor = source._inner.Open();
        private long _row;

        public int Read(Span<double> block)
        {
            int read = _cursor.Read(block);
            for (int i = 0; i < read && source._checks.Length > 0; i++, _row++)
            {
                ReadOnlySpan<double> row = block.Slice(i * source.Columns, source.Columns);
                if (RowBlock.IndexOfNonFinite(row) < 0)
                {
                    Check(row);
                }
            }

            return read;
        }

        public void Dispose() => _cursor.Dispose();

        private void Check(ReadOnlySpan<double> row)
        {
            foreach ((ColumnRange range, Func<double, string?> check) in source._checks)
            {
                for (int d = range.Start; d < range.Start + range.Count; d++)
                {
                    if (check(row[d]) is { } violation)
                    {
                        throw Outside(_row, source.ColumnNames[d], row[d], range.Family, violation);
                    }
                }
            }
        }
    }
}
