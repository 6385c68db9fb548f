namespace EntropyElbo.Data;

/// <summary>What to do with a row that has a value that is missing, NaN or infinite.</summary>
public enum MissingValues
{
    /// <summary>Stop with a <see cref="BadDataException"/> that names row and column.</summary>
    Reject,

    /// <summary>Leave the row out and count it.</summary>
    SkipRow,

    /// <summary>
    /// Leave the value out of its row's likelihood, which is then that of the other columns, where the model can: sparse coding.
    /// Other families refuse it, as infinite values are refused.
    /// </summary>
    Marginal,
}

/// <summary>
/// Lets only rows of finite numbers pass: the others are an error or are left out, as asked. Rows of weight 0 are left out first.
/// </summary>
public sealed class CheckedRows : IRowSource, ICountedRows, ICostlyRows
{
    private readonly IRowSource _inner;
    private readonly MissingValues _policy;
    private long _skipped = -1;

    /// <summary>Checks the rows of a source.</summary>
    /// <param name="inner">The source.</param>
    /// <param name="policy">What to do with a row that is not finite.</param>
    /// <exception cref="BadOptionException"><paramref name="policy"/> is not one of the enumeration.</exception>
    public CheckedRows(IRowSource inner, MissingValues policy = MissingValues.Reject)
    {
        ArgumentNullException.ThrowIfNull(inner);
        if (!Enum.IsDefined(policy))
        {
            throw new BadOptionException(nameof(policy), $"missing values policy {policy} is unknown; use Reject, SkipRow or Marginal.");
        }

        _inner = inner;
        _policy = policy;
    }

    /// <summary>Whether whoever reads the rows could leave missing values out of them if asked to: then the message says so.</summary>
    internal bool OffersMarginal { get; init; }

    /// <inheritdoc/>
    public int Columns => _inner.Columns;

    /// <inheritdoc/>
    public IReadOnlyList<string> ColumnNames => _inner.ColumnNames;

    /// <summary>The inner source's count; unknown where rows may be left out.</summary>
    public long? RowCount => MayLeaveOut ? null : _inner.RowCount;

    /// <summary>Whether rows have weights; all above 0 then.</summary>
    public bool HasWeights => _inner.HasWeights;

    /// <summary>Rows left out in the latest complete pass; null before one. May be read from any thread.</summary>
    public long? SkippedRows => Interlocked.Read(ref _skipped) is long n and >= 0 ? n : null;

    private bool MayLeaveOut => _policy == MissingValues.SkipRow || HasWeights;

    bool ICostlyRows.IsCostly => _inner is ICostlyRows { IsCostly: true };

    /// <inheritdoc/>
    public IRowCursor Open() => new Cursor(this);

    long ICountedRows.CountRows(CancellationToken cancellationToken) => MayLeaveOut
        ? RowBlock.CountByPass(this, cancellationToken)
        : _inner.CountRows(cancellationToken);

    private sealed class Cursor(CheckedRows source) : WeightingCursor
    {
        private readonly IRowCursor _cursor = source._inner.Open();
        private double[] _weights = [];
        private long _row;
        private long _skipped;

        public override int Read(Span<double> block, Span<double> weights)
        {
            int columns = source.Columns;
            int capacity = RowBlock.Capacity(block, columns);
            int filled = 0;
            if (weights.IsEmpty && source.HasWeights)
            {
                weights = _weights = _weights.Length < capacity ? new double[capacity] : _weights;
            }

            while (filled < capacity)
            {
                Span<double> rest = block[(filled * columns)..], restWeights = RowBlock.WeightsFrom(weights, filled);
                int rows = _cursor.Read(rest, restWeights);
                if (rows == 0)
                {
                    Interlocked.Exchange(ref source._skipped, _skipped);
                    break;
                }

                filled += Check(rest[..(rows * columns)], restWeights, rows);
            }

            return filled;
        }

        public override void Dispose() => _cursor.Dispose();

        /// <summary>Moves the finite rows to the front and returns their number.</summary>
        private int Check(Span<double> rows, Span<double> weights, int count)
        {
            int columns = source.Columns;
            int bad = RowBlock.IndexOfNonFinite(rows);
            int kept = bad < 0 ? count : bad / columns;
            kept = source.HasWeights && weights[..kept].IndexOf(0) is >= 0 and int none ? none : kept;
            for (int i = kept; i < count; i++)
            {
                if (source.HasWeights && weights[i] == 0)
                {
                    continue;
                }

                Span<double> row = rows.Slice(i * columns, columns);
                int column = source._policy == MissingValues.Marginal ? RowBlock.IndexOfInfinite(row) : RowBlock.IndexOfNonFinite(row);
                if (column < 0)
                {
                    RowBlock.Move(rows, weights, columns, i, kept++);
                }
                else if (source._policy != MissingValues.SkipRow)
                {
                    throw NotFinite(_row + i, source.ColumnNames[column], source.OffersMarginal && double.IsNaN(row[column]));
                }
                else
                {
                    _skipped++;
                }
            }

            _row += count;
            return kept;
        }

        private static BadDataException NotFinite(long row, string column, bool offersMarginal) => new(
            $"row {row + 1} (the first is 1), column '{column}' is missing or not a finite number; "
            + $"clean the data, leave the column out, {(offersMarginal ? "" : "or ")}skip such rows ({OptionTerms.SkipMissing})"
            + $"{(offersMarginal ? $", or leave such values out of their rows ({OptionTerms.MissingEntries})" : "")}.",
            row,
            column);
    }
}
