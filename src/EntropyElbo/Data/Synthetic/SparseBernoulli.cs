using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// Binary rows with sparse loadings: <c>a_1 ~ N(0, 0.09)</c>, <c>a_2 ~ N(0, 0.25)</c> (variances), <c>xi = A B'</c>,
/// <c>x ~ Bernoulli(sigmoid(xi))</c>. Columns 1-20 load on a_1 with weight 1, columns 21-40 on a_2, the others on
/// nothing (S App. B.2).
/// </summary>
public static class SparseBernoulli
{
    /// <summary>Columns, d (S App. B.2).</summary>
    public const int DefaultColumns = 200;

    /// <summary>Columns that load on each of the two components (S App. B.2).</summary>
    public const int LoadingColumns = 20;

    /// <summary>Standard deviation of the first component, the root of 0.09 (S App. B.2).</summary>
    public const double FirstDeviation = 0.3;

    /// <summary>Standard deviation of the second component, the root of 0.25 (S App. B.2).</summary>
    public const double SecondDeviation = 0.5;

    /// <summary>Draws rows.</summary>
    /// <param name="rows">N, at least 1 (10,000 in the paper).</param>
    /// <param name="seed">The seed: gives an endless table of rows.</param>
    /// <param name="firstRow">Position in that table of the first row; start test rows behind the training rows.</param>
    /// <param name="columns">d, at least 40.</param>
    /// <returns>Rows of zeros and ones.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(int rows, ulong seed, long firstRow = 0, int columns = DefaultColumns)
    {
        SyntheticRandom.RequireAtLeast(nameof(firstRow), firstRow, 0);
        SyntheticRandom.RequireColumns(nameof(columns), columns, 2 * LoadingColumns);
        double[] values = SyntheticRandom.Allocate(rows, columns);
        for (int n = 0; n < rows; n++)
        {
            RandomStream random = SyntheticRandom.Row(seed, firstRow + n);
            double first = Sigmoid(FirstDeviation * random.NextGaussian());
            double second = Sigmoid(SecondDeviation * random.NextGaussian());
            for (int d = 0; d < columns; d++)
            {
                double probability = d < LoadingColumns ? first : d < 2 * LoadingColumns ? second : 0.5;
                values[(n * columns) + d] = random.NextUniform() < probability ? 1 : 0;
            }
        }

        return new InMemoryRows(values, columns);
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
