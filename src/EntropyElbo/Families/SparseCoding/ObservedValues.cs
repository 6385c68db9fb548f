using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What rows with missing values show.</summary>
/// <param name="Count">Values that are there, of all rows, each as many as its row's weight says.</param>
/// <param name="Baseline">ELBO of the rows without latents: one noise variance for all values, about their columns' means.</param>
internal readonly record struct ObservedValues(double Count, double Baseline)
{
    /// <summary>Counts the values of a table.</summary>
    public static ObservedValues Of(SparseCodingTable table, SparseCodingColumns columns)
    {
        ReadOnlySpan<double> values = table.Values;
        double count = 0, squares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double error = values[i] - columns.Means[i % columns.Count];
            if (!double.IsNaN(error))
            {
                double weight = table.WeightOf(i / columns.Count);
                count += weight;
                squares += weight * error * error;
            }
        }

        double entropy = 0.5 * (SpecialFunctions.LogTwoPi + 1 + Math.Log(squares / count));
        return new ObservedValues(count, -entropy * count / table.Weight);
    }
}
