using System.Globalization;
using EntropyElbo.Data;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// Rows whose finite values are checked against the support of a likelihood. Rows with missing values pass: what to do with
/// them is another's decision.
/// </summary>
internal sealed class DecoderSupport(IRowSource inner, ObservableLikelihood likelihood) : IRowSource
{
    public int Columns => inner.Columns;

    public IReadOnlyList<string> ColumnNames => inner.ColumnNames;

    public long? RowCount => inner.RowCount;

    /// <summary>The rows themselves where every finite value is in the support.</summary>
    public static IRowSource Check(IRowSource rows, ObservableLikelihood likelihood) =>
        likelihood.IsGaussian ? rows : new DecoderSupport(rows, likelihood);

    /// <summary>Stops at the first finite value outside the support.</summary>
    /// <param name="likelihood">The likelihood.</param>
    /// <param name="rows">Whole rows.</param>
    /// <param name="firstRow">Zero-based index of the first of them.</param>
    /// <param name="columnNames">Names of the columns.</param>
    /// <exception cref="BadDataException">The message names row, column, value and remedy.</exception>
    public static void Require(
        ObservableLikelihood likelihood, ReadOnlySpan<double> rows, long firstRow, IReadOnlyList<string> columnNames)
    {
        if (likelihood.Family is not { } family)
        {
            return;
        }

        for (int i = 0; i < rows.Length; i++)
        {
            if (double.IsFinite(rows[i]) && family.SupportViolation(rows.Slice(i, 1)) is { } violation)
            {
                long row = firstRow + (i / columnNames.Count);
                string column = columnNames[i % columnNames.Count];
                throw new BadDataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"row {row + 1} (the first is 1), column '{column}' is {rows[i]:R}, but values under the likelihood {likelihood.Name} {violation}; clean the data, leave the column out, or choose another likelihood."),
                    row,
                    column);
            }
        }
    }

    public IRowCursor Open() => new Cursor(this);

    private sealed class Cursor(DecoderSupport source) : IRowCursor
    {
        private readonly IRowCursor _cursor = source.OpenInner();
        private long _row;

        public int Read(Span<double> block)
        {
            int read = _cursor.Read(block);
            Require(source.Likelihood, block[..(read * source.Columns)], _row, source.ColumnNames);
            _row += read;
            return read;
        }

        public void Dispose() => _cursor.Dispose();
    }

    private ObservableLikelihood Likelihood => likelihood;

    private IRowCursor OpenInner() => inner.Open();
}
