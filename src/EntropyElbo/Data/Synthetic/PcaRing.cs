using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// Probabilistic-PCA rows pushed onto a ring: <c>x = W z + noise</c>, then <c>x' = mu + x/10 + x/|x|</c> (D App. D.5,
/// eq. 80-82). W and mu are those of <see cref="PcaData.Parameters"/> with the same seed.
/// </summary>
public static class PcaRing
{
    /// <summary>Draws rows.</summary>
    /// <param name="rows">N, at least 1.</param>
    /// <param name="seed">The seed: gives the parameters and an endless table of rows.</param>
    /// <param name="firstRow">Position in that table of the first row; start test rows behind the training rows.</param>
    /// <param name="columns">D, at least 1.</param>
    /// <param name="latents">H, at least 1.</param>
    /// <param name="noise">sigma before the push, not negative.</param>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(
        int rows,
        ulong seed,
        long firstRow = 0,
        int columns = PcaData.DefaultColumns,
        int latents = PcaData.DefaultLatents,
        double noise = PcaData.DefaultNoise)
    {
        (double[] weights, double[] mean) = PcaData.Parameters(seed, columns, latents);
        double[] values = PcaData.Draw(rows, seed, firstRow, weights, columns, noise);
        for (int start = 0; start < values.Length; start += columns)
        {
            Span<double> x = values.AsSpan(start, columns);
            double norm = VectorFold.Norm(x);
            double stretch = 0.1 + (norm > 0 ? 1 / norm : 0);
            for (int d = 0; d < columns; d++)
            {
                x[d] = mean[d] + (x[d] * stretch);
            }
        }

        return new InMemoryRows(values, columns);
    }
}
