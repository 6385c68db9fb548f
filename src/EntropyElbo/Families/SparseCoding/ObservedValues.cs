using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What rows with missing values show.</summary>
/// <param name="Count">Values that are there, of all rows.</param>
/// <param name="Baseline">ELBO of the rows without latents: one noise variance for all values, about their columns' means.</param>
internal readonly record struct ObservedValues(long Count, double Baseline)
{
    /// <summary>Counts the values of a table.</summary>
    public static ObservedValues Of(ReadOnlySpan<double> values, SparseCodingColumns columns)
    {
        long count = 0;
        double squares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double error = values[i] - columns.Means[i % columns.Count];
            if (!double.IsNaN(error))
            {
                count++;
                squares += error * error;
            }
        }

        double entropy = 0.5 * (SpecialFunctions.LogTwoPi + 1 + Math.Log(squares / count));
        return new ObservedValues(count, -entropy * count / columns.Rows);
    }
}
