using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// Rows near a manifold of few dimensions: the first k columns are standard normal, each other column is
/// <c>cos(x_r^2 + x_s^2)</c> with r and s drawn once, with replacement, from the first k; then Gaussian noise is added
/// to every column and every column is scaled to [0, 1] (D App. D.4).
/// </summary>
/// <remarks>
/// The paper says "small" noise; its size before the scaling is an option here. The scaling is that of the rows made, so
/// make training and test rows in one go and split them (<see cref="RowSplit"/>).
/// </remarks>
public static class ManifoldData
{
    /// <summary>Columns, D (D App. D.4).</summary>
    public const int DefaultColumns = 100;

    /// <summary>Dimension of the manifold, k (D App. D.4).</summary>
    public const int DefaultIntrinsic = 9;

    /// <summary>Standard deviation of the noise before the scaling (chosen here).</summary>
    public const double DefaultNoise = 0.01;

    /// <summary>The pairs that a seed gives.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="columns">D, at least <paramref name="intrinsic"/>.</param>
    /// <param name="intrinsic">k, at least 1.</param>
    /// <returns>For each column from k on the zero-based columns r and s it is made of: 2 (D - k) values.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static int[] Pairs(ulong seed, int columns = DefaultColumns, int intrinsic = DefaultIntrinsic)
    {
        SyntheticRandom.RequireColumns(nameof(intrinsic), intrinsic);
        SyntheticRandom.RequireColumns(nameof(columns), columns, intrinsic);
        RandomStream random = SyntheticRandom.Parameters(seed);
        int[] pairs = new int[2 * (columns - intrinsic)];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = random.NextInt(intrinsic);
        }

        return pairs;
    }

    /// <summary>Draws rows.</summary>
    /// <param name="rows">N, at least 1.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="columns">D, at least <paramref name="intrinsic"/>.</param>
    /// <param name="intrinsic">k, at least 1.</param>
    /// <param name="noise">Standard deviation of the noise before the scaling, not negative.</param>
    /// <param name="scaled">Whether columns are scaled to [0, 1].</param>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(
        int rows,
        ulong seed,
        int columns = DefaultColumns,
        int intrinsic = DefaultIntrinsic,
        double noise = DefaultNoise,
        bool scaled = true)
    {
        SyntheticRandom.RequireDeviation(nameof(noise), noise);
        int[] pairs = Pairs(seed, columns, intrinsic);
        double[] values = SyntheticRandom.Allocate(rows, columns);
        for (int n = 0; n < rows; n++)
        {
            FillRow(SyntheticRandom.Row(seed, n), values.AsSpan(n * columns, columns), pairs, intrinsic, noise);
        }

        InMemoryRows made = new(values, columns);
        if (scaled)
        {
            Scaling.Fit(made, ScalingKind.MinMax).Apply(values);
        }

        return made;
    }

    private static void FillRow(RandomStream random, Span<double> row, int[] pairs, int intrinsic, double noise)
    {
        random.FillGaussian(row[..intrinsic]);
        for (int i = 0; i < pairs.Length; i += 2)
        {
            double r = row[pairs[i]];
            double s = row[pairs[i + 1]];
            row[intrinsic + (i / 2)] = Math.Cos((r * r) + (s * s));
        }

        foreach (ref double x in row)
        {
            x += noise * random.NextGaussian();
        }
    }
}
