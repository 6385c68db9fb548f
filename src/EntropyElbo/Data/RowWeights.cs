namespace EntropyElbo.Data;

/// <summary>What families need of the weights of rows, and what is refused of them.</summary>
internal static class RowWeights
{
    /// <summary>The option's name.</summary>
    public const string Option = "weight";

    /// <summary>Refuses weights of a kind that a family, or a way of training it, has no use for.</summary>
    /// <param name="what">What has none, as the subject of a sentence.</param>
    /// <param name="remedy">What to do, as the end of one.</param>
    public static BadOptionException Refused(string what, string remedy) => new(Option, $"{what} counts every row once: {remedy}.");

    /// <summary>Stops at a weight that is below 0 or not finite.</summary>
    /// <param name="weights">Weights of rows.</param>
    /// <param name="firstRow">Number of the first of them, from 0.</param>
    /// <param name="column">Their column, where they have one.</param>
    public static void Require(ReadOnlySpan<double> weights, long firstRow, string? column = null)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0 && double.IsFinite(weights[i])))
            {
                long row = firstRow + i;
                string weight = double.IsNaN(weights[i]) ? "no weight, a missing value," : FormattableString.Invariant($"the weight {weights[i]:R}");
                throw new BadDataException(
                    FormattableString.Invariant($"row {row + 1} (the first is 1) has {weight}{(column is null ? "" : $" in column '{column}'")}; ")
                    + "weights must be finite and at least 0: give it one, or leave the row out by the weight 0.",
                    row,
                    column);
            }
        }
    }

    /// <summary>The place of the column of weights.</summary>
    /// <exception cref="BadOptionException">There is no such column, or several.</exception>
    public static int Column(IReadOnlyList<string> names, string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        return Place(names, ColumnSelection.OfName(column, Option));
    }

    /// <summary>The same by name or position.</summary>
    public static int Place(IReadOnlyList<string> names, string text) => Place(names, ColumnSelection.Parse(text, Option));

    private static int Place(IReadOnlyList<string> names, ColumnSelection column)
    {
        int[] places = column.Resolve(names);
        return places.Length == 1 ? places[0] : throw new BadOptionException(
            Option, $"'{column}' is {places.Length} columns; give the one that holds the weights, by position or name.");
    }

    /// <summary>The error of a pass in which no row counted.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="otherwise">What to say where they have no weights.</param>
    public static BadDataException NoRows(IRowSource rows, string otherwise) =>
        new(rows.HasWeights ? "no row has a weight above 0; at least one is needed." : otherwise);

    /// <summary>Weights of all rows in a pass of its own, 8 bytes a row; null where rows have none.</summary>
    /// <exception cref="BadDataException">They sum to 0 or to no finite number.</exception>
    public static double[]? ReadAll(IRowSource rows, CancellationToken cancellationToken)
    {
        if (!rows.HasWeights)
        {
            return null;
        }

        List<double> all = [];
        double[] block = RowBlock.Allocate(rows.Columns), weights = RowBlock.AllocateWeights(rows);
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellationToken.ThrowIfCancellationRequested();
            all.AddRange(weights.AsSpan(0, read));
        }

        RequireSum(Total(all));
        return [.. all];
    }

    /// <summary>The same with mean 1, for sums over minibatches that are divided by their number of rows.</summary>
    public static float[]? ReadScaled(IRowSource rows, CancellationToken cancellationToken)
    {
        if (ReadAll(rows, cancellationToken) is not { } weights)
        {
            return null;
        }

        double mean = Total(weights) / weights.Length;
        return Array.ConvertAll(weights, w => (float)(w / mean));
    }

    /// <summary>The sum of weights, or the number of rows without.</summary>
    public static double Total(double[]? weights, long rows) => weights is null ? rows : Total(weights);

    /// <summary>Stops where no row counts.</summary>
    public static void RequireSum(double sum)
    {
        if (!(sum > 0 && double.IsFinite(sum)))
        {
            throw new BadDataException("The weights of the rows sum to 0 or to no finite number; give at least one row a weight.");
        }
    }

    private static double Total(IEnumerable<double> weights) => weights.Sum();
}
