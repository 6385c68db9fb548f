using EntropyElbo.Data;
using EntropyElbo.Data.Synthetic;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Selection;

/// <summary>Rows whose right number of latents or components is known.</summary>
internal static class SelectionTestData
{
    /// <summary>Rows of p-PCA, 12 columns.</summary>
    public static InMemoryRows Pca(int rows, int latents, ulong seed) => PcaData.Create(rows, seed, columns: 12, latents: latents);

    /// <summary>The same columns, each in an order of its own: nothing that latents could explain is left.</summary>
    public static InMemoryRows Shuffled(InMemoryRows rows, ulong seed)
    {
        double[] values = rows.ReadAll().Values;
        for (int column = 0; column < rows.Columns; column++)
        {
            RandomStream random = new(seed, RandomPurpose.Shuffling, (ulong)column);
            for (int i = rows.Rows - 1; i > 0; i--)
            {
                int other = (int)(random.NextUniform() * (i + 1));
                (int a, int b) = ((i * rows.Columns) + column, (other * rows.Columns) + column);
                (values[a], values[b]) = (values[b], values[a]);
            }
        }

        return new InMemoryRows(values, rows.Columns);
    }

    /// <summary>Round components of variance 1 at given places in the plane, in turn.</summary>
    public static InMemoryRows Blobs(int rows, ulong seed, params (double X, double Y)[] centres)
    {
        RandomStream random = new(seed, RandomPurpose.Generation, 9);
        double[] values = new double[2 * rows];
        random.FillGaussian(values);
        for (int i = 0; i < rows; i++)
        {
            (double x, double y) = centres[i % centres.Length];
            values[2 * i] += x;
            values[(2 * i) + 1] += y;
        }

        return new InMemoryRows(values, 2);
    }
}
