using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// A stream whose intrinsic dimension changes: successive chunks of zero-mean Gaussian rows, each with as many large
/// covariance eigenvalues as its intrinsic dimension says (D App. A: D = 10, dimensions 2, 4, 6).
/// </summary>
/// <remarks>
/// The eigenvectors are one random rotation, drawn once; a chunk of dimension h varies along the first h of them with
/// standard deviation 1. The paper sets the other eigenvalues to zero; there the likelihood of a model with h or more latents
/// has no maximum, so here they are the square of a small noise, which may be set to 0.
/// </remarks>
public static class StreamingChunks
{
    /// <summary>Columns, D (D App. A).</summary>
    public const int DefaultColumns = 10;

    /// <summary>Standard deviation along the other directions (chosen here).</summary>
    public const double DefaultNoise = 0.1;

    /// <summary>Intrinsic dimensions of the chunks (D App. A).</summary>
    public static IReadOnlyList<int> DefaultDimensions { get; } = [2, 4, 6];

    /// <summary>The first row of a chunk: chunks are equally long but for rounding.</summary>
    /// <param name="rows">Rows of the whole stream.</param>
    /// <param name="chunk">Zero-based chunk; <paramref name="chunks"/> gives the end of the stream.</param>
    /// <param name="chunks">Number of chunks.</param>
    public static int ChunkStart(int rows, int chunk, int chunks = 3) => (int)((long)rows * chunk / chunks);

    /// <summary>The eigenvectors that a seed gives.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="columns">D, at least 1.</param>
    /// <returns>D x D row-major, one orthonormal eigenvector per row.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static double[] Directions(ulong seed, int columns = DefaultColumns)
    {
        SyntheticRandom.RequireColumns(nameof(columns), columns);
        RandomStream random = SyntheticRandom.Parameters(seed);
        double[] vectors = new double[columns * columns];
        random.FillGaussian(vectors);
        for (int i = 0; i < columns; i++)
        {
            Span<double> vector = vectors.AsSpan(i * columns, columns);
            Orthogonalise(vector, vectors.AsSpan(0, i * columns));
            Orthogonalise(vector, vectors.AsSpan(0, i * columns));
        }

        return vectors;
    }

    /// <summary>Draws the whole stream.</summary>
    /// <param name="rows">Rows of all chunks together, at least one per chunk.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="columns">D, at least the largest intrinsic dimension.</param>
    /// <param name="dimensions">Intrinsic dimension of each chunk; 2, 4, 6 when null.</param>
    /// <param name="noise">Standard deviation along the other directions, not negative.</param>
    /// <returns>The rows in the order of the stream.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(
        int rows,
        ulong seed,
        int columns = DefaultColumns,
        IReadOnlyList<int>? dimensions = null,
        double noise = DefaultNoise)
    {
        IReadOnlyList<int> chosen = dimensions ?? DefaultDimensions;
        SyntheticRandom.RequireAtLeast(nameof(dimensions), chosen.Count, 1);
        SyntheticRandom.RequireAtLeast(nameof(dimensions), chosen.Min(), 0);
        SyntheticRandom.RequireAtLeast(nameof(rows), rows, chosen.Count);
        SyntheticRandom.RequireColumns(nameof(columns), columns, Math.Max(1, chosen.Max()));
        SyntheticRandom.RequireDeviation(nameof(noise), noise);
        double[] vectors = Directions(seed, columns);
        double[] values = SyntheticRandom.Allocate(rows, columns);
        for (int chunk = 0; chunk < chosen.Count; chunk++)
        {
            int end = ChunkStart(rows, chunk + 1, chosen.Count);
            for (int n = ChunkStart(rows, chunk, chosen.Count); n < end; n++)
            {
                FillRow(SyntheticRandom.Row(seed, n), values.AsSpan(n * columns, columns), vectors, chosen[chunk], noise);
            }
        }

        return new InMemoryRows(values, columns);
    }

    private static void FillRow(RandomStream random, Span<double> row, double[] vectors, int dimension, double noise)
    {
        for (int i = 0; i < row.Length; i++)
        {
            double z = random.NextGaussian() * (i < dimension ? 1 : noise);
            TensorPrimitives.MultiplyAdd(vectors.AsSpan(i * row.Length, row.Length), z, row, row);
        }
    }

    private static void Orthogonalise(Span<double> vector, ReadOnlySpan<double> basis)
    {
        for (int start = 0; start < basis.Length; start += vector.Length)
        {
            ReadOnlySpan<double> other = basis.Slice(start, vector.Length);
            double along = VectorFold.Dot(vector, other);
            TensorPrimitives.MultiplyAdd(other, -along, vector, vector);
        }

        TensorPrimitives.Divide(
            vector, VectorFold.Norm(vector), vector);
    }
}
