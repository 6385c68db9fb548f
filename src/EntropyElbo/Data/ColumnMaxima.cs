namespace EntropyElbo.Data;

/// <summary>Largest values of columns.</summary>
internal static class ColumnMaxima
{
    /// <summary>The largest finite value of each column, in rows that count; minus infinity where there is none.</summary>
    public static double[] Of(IRowSource rows, CancellationToken cancellationToken)
    {
        double[] maxima = new double[rows.Columns];
        Array.Fill(maxima, double.NegativeInfinity);
        double[] block = RowBlock.Allocate(rows.Columns), weights = RowBlock.AllocateWeights(rows);
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int i = 0; i < read * rows.Columns; i++)
            {
                ref double maximum = ref maxima[i % rows.Columns];
                bool counts = weights.Length == 0 || weights[i / rows.Columns] > 0;
                maximum = counts && double.IsFinite(block[i]) ? Math.Max(maximum, block[i]) : maximum;
            }
        }

        return maxima;
    }
}
