using EntropyElbo.Data;
using EntropyElbo.Training;

namespace EntropyElbo.Cli.Host;

/// <summary>Rows of one file, some of them held out.</summary>
/// <param name="Training">The rows to train on.</param>
/// <param name="Test">The rows held out.</param>
/// <param name="Maxima">The largest values of the whole file: categories are known before rows are split.</param>
internal sealed record SplitRows(IRowSource Training, IRowSource Test, Func<double[]> Maxima)
{
    /// <summary>
    /// Rows are counted first, so that neither side is empty; and where missing values are an error they are looked for
    /// before the split, so that the error names the row by its place in the file.
    /// </summary>
    public static SplitRows Split(
        IRowSource rows, double fraction, ulong seed, MissingValues missing, RowCaching caching, CancellationToken cancellationToken)
    {
        IRowSource counted = DataFiles.Counted(rows, caching, cancellationToken);
        IRowSource source = counted;
        if (missing == MissingValues.Reject && !rows.HasWeights)
        {
            source = new CheckedRows(counted);
        }
        else if (missing == MissingValues.Reject)
        {
            // Only looked at: rows of weight 0 keep their places in the split.
            RowBlock.CountByPass(new CheckedRows(counted), cancellationToken);
        }

        (IRowSource training, IRowSource test) = RowSplit.ByFraction(source, fraction, seed);
        return new SplitRows(training, test, () => ColumnMaxima.Of(counted, cancellationToken));
    }
}
