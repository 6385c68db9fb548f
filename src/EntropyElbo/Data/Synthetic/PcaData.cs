using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// Rows of the probabilistic-PCA model, <c>z ~ N(0, I)</c>, <c>x ~ N(W z + mu, sigma^2 I)</c>, with W and mu drawn once
/// from the uniform distribution on (0, 1) (D App. D.5, eq. 78, 79).
/// </summary>
public static class PcaData
{
    /// <summary>Columns, D (D App. D.5).</summary>
    public const int DefaultColumns = 10;

    /// <summary>Latents, H (D App. D.5).</summary>
    public const int DefaultLatents = 2;

    /// <summary>Standard deviation of the noise, sigma (D App. D.5).</summary>
    public const double DefaultNoise = 0.1;

    /// <summary>The parameters that a seed gives.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="columns">D, at least 1.</param>
    /// <param name="latents">H, at least 1.</param>
    /// <returns>W, D x H row-major, and mu, D values.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static (double[] Weights, double[] Mean) Parameters(
        ulong seed, int columns = DefaultColumns, int latents = DefaultLatents)
    {
        SyntheticRandom.RequireColumns(nameof(columns), columns);
        SyntheticRandom.RequireColumns(nameof(latents), latents);
        RandomStream random = SyntheticRandom.Parameters(seed);
        double[] weights = new double[columns * latents];
        double[] mean = new double[columns];
        foreach (double[] values in new[] { weights, mean })
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = random.NextUniform();
            }
        }

        return (weights, mean);
    }

    /// <summary>Draws rows.</summary>
    /// <param name="rows">N, at least 1.</param>
    /// <param name="seed">The seed: gives the parameters and an endless table of rows.</param>
    /// <param name="firstRow">Position in that table of the first row; start test rows behind the training rows.</param>
    /// <param name="columns">D, at least 1.</param>
    /// <param name="latents">H, at least 1.</param>
    /// <param name="noise">sigma, not negative.</param>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(
        int rows,
        ulong seed,
        long firstRow = 0,
        int columns = DefaultColumns,
        int latents = DefaultLatents,
        double noise = DefaultNoise)
    {
        (double[] weights, double[] mean) = Parameters(seed, columns, latents);
        double[] values = Draw(rows, seed, firstRow, weights, columns, noise);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += mean[i % columns];
        }

        return new InMemoryRows(values, columns);
    }

    /// <summary>Rows W z + sigma * noise, without the mean.</summary>
    internal static double[] Draw(int rows, ulong seed, long firstRow, double[] weights, int columns, double noise)
    {
        SyntheticRandom.RequireAtLeast(nameof(firstRow), firstRow, 0);
        SyntheticRandom.RequireDeviation(nameof(noise), noise);
        double[] values = SyntheticRandom.Allocate(rows, columns);
        double[] z = new double[weights.Length / columns];
        for (int n = 0; n < rows; n++)
        {
            RandomStream random = SyntheticRandom.Row(seed, firstRow + n);
            random.FillGaussian(z);
            for (int d = 0; d < columns; d++)
            {
                double x = noise * random.NextGaussian();
                for (int h = 0; h < z.Length; h++)
                {
                    x += weights[(d * z.Length) + h] * z[h];
                }

                values[(n * columns) + d] = x;
            }
        }

        return values;
    }
}
