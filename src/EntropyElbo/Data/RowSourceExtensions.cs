namespace EntropyElbo.Data;

/// <summary>Whole-table operations on row sources.</summary>
public static class RowSourceExtensions
{
    /// <summary>Number of rows: known, or counted in a pass of its own.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="cancellationToken">Stops the pass.</param>
    /// <exception cref="BadDataException">A row cannot be read.</exception>
    public static long CountRows(this IRowSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.RowCount is long known)
        {
            return known;
        }

        return source is ICountedRows counted
            ? counted.CountRows(cancellationToken)
            : RowBlock.CountByPass(source, cancellationToken);
    }

    /// <summary>
    /// What the user should know of how the rows are read: a first line that may be data or names, columns taken by position
    /// because their names were not found. Empty as a rule.
    /// </summary>
    /// <param name="source">The rows, as a reader gave them.</param>
    public static IReadOnlyList<string> Notes(this IRowSource source) => source is INotedRows noted ? noted.Notes : [];

    /// <summary>All rows in one array of double precision. A source of unknown length is counted first, in a pass of its own.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>N x D row-major values and N, which may be 0.</returns>
    /// <exception cref="BadDataException">
    /// A row cannot be read, there are too many values for one array, or the data changed meanwhile.
    /// </exception>
    public static (double[] Values, int Rows) ReadAll(this IRowSource source, CancellationToken cancellationToken = default)
    {
        int rows = RowsForOneArray(source, cancellationToken);
        double[] values = new double[rows * source.Columns];
        using IRowCursor cursor = source.Open();
        for (int filled = 0; filled < values.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = Math.Min(values.Length - filled, RowBlock.RowsPerBlock(source.Columns) * source.Columns);
            int read = cursor.Read(values.AsSpan(filled, length));
            filled += read * source.Columns;
            RequireSameLength(read > 0);
        }

        RequireEnd(cursor, source.Columns);
        return (values, rows);
    }

    /// <summary>
    /// All rows in one array of single precision, scaled on the way: the only memory besides the array is one block.
    /// A source of unknown length is counted first, in a pass of its own.
    /// </summary>
    /// <param name="source">The rows.</param>
    /// <param name="scaling">The scaling, D columns; none when null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <returns>N x D row-major scaled values and N, which may be 0.</returns>
    /// <exception cref="BadDataException">
    /// A row cannot be read, a value is not finite in single precision, the scaling is for another number of columns,
    /// there are too many values for one array, or the data changed meanwhile.
    /// </exception>
    public static (float[] Values, int Rows) ReadAllSingle(
        this IRowSource source, Scaling? scaling = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        Scaling chosen = scaling ?? Scaling.Identity(source.Columns);
        chosen.RequireColumns(source.Columns);
        int rows = RowsForOneArray(source, cancellationToken);
        float[] values = new float[rows * source.Columns];
        double[] block = RowBlock.Allocate(source.Columns);
        using IRowCursor cursor = source.Open();
        int row = 0;
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            RequireSameLength(row + read <= rows);
            Span<float> target = values.AsSpan(row * source.Columns, read * source.Columns);
            chosen.Apply(block.AsSpan(0, target.Length), target);
            RequireFinite(target, row, source.ColumnNames);
            row += read;
        }

        RequireSameLength(row == rows);
        return (values, rows);
    }

    /// <summary>The first rows of a source.</summary>
    /// <param name="source">The rows.</param>
    /// <param name="rows">How many; all where the source has fewer.</param>
    /// <exception cref="BadOptionException"><paramref name="rows"/> is negative.</exception>
    public static IRowSource Take(this IRowSource source, long rows)
    {
        ArgumentNullException.ThrowIfNull(source);
        return rows >= 0 ? new FirstRows(source, rows)
            : throw new BadOptionException(nameof(rows), $"rows is {rows}; it must not be negative.");
    }

    private static int RowsForOneArray(IRowSource source, CancellationToken cancellationToken)
    {
        long rows = source.CountRows(cancellationToken);
        return rows <= Array.MaxLength / source.Columns ? (int)rows : throw new BadDataException(
            $"{rows} rows of {source.Columns} columns are too many for one array; take fewer rows or columns, or read in blocks.");
    }

    private static void RequireEnd(IRowCursor cursor, int columns) => RequireSameLength(cursor.Read(new double[columns]) == 0);

    private static void RequireSameLength(bool same)
    {
        if (!same)
        {
            throw new BadDataException("the data changed between two passes: the number of rows is not the same; read it again.");
        }
    }

    private static void RequireFinite(ReadOnlySpan<float> values, int firstRow, IReadOnlyList<string> names)
    {
        if (System.Numerics.Tensors.TensorPrimitives.IsFiniteAll(values))
        {
            return;
        }

        int i = 0;
        while (float.IsFinite(values[i]))
        {
            i++;
        }

        int row = firstRow + (i / names.Count);
        string name = names[i % names.Count];
        throw new BadDataException(
            $"row {row + 1} (the first is 1), column '{name}' is missing, not a finite number or too large for single precision; "
            + $"clean or scale the data, or skip such rows ({OptionTerms.SkipMissing}).",
            row,
            name);
    }
}
