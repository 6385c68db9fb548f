using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// Images of one blob each: <c>x = a_c exp(-|p - m|^2 / (2 r^2)) + noise</c> at pixel p in channel c, with uniform centre m, radius
/// r and brightness a of every channel: a manifold of 3 + C dimensions that no linear map unrolls.
/// </summary>
public static class Blobs
{
    /// <summary>Pixels along a side.</summary>
    public const int DefaultSide = 16;

    /// <summary>Standard deviation of the noise.</summary>
    public const double DefaultNoise = 0.05;

    private const int MaxSide = 512;
    private const int MaxChannels = 16;

    /// <summary>The images' shape.</summary>
    /// <param name="side">Pixels along a side.</param>
    /// <param name="channels">Channels.</param>
    public static ImageShape Shape(int side = DefaultSide, int channels = 1) => new(side, side, channels);

    /// <summary>Draws images.</summary>
    /// <param name="rows">N, at least 1.</param>
    /// <param name="seed">The seed: gives an endless table of rows.</param>
    /// <param name="firstRow">Position in that table of the first row; start test rows behind the training rows.</param>
    /// <param name="side">Pixels along a side, 4 to 512.</param>
    /// <param name="channels">Channels, 1 to 16; interleaved.</param>
    /// <param name="noise">Standard deviation of the noise, not negative.</param>
    /// <returns>Rows of side^2 channels columns.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(
        int rows, ulong seed, long firstRow = 0, int side = DefaultSide, int channels = 1, double noise = DefaultNoise)
    {
        SyntheticRandom.RequireAtLeast(nameof(firstRow), firstRow, 0);
        SyntheticRandom.RequireRange(nameof(side), side, 4, MaxSide);
        SyntheticRandom.RequireRange(nameof(channels), channels, 1, MaxChannels);
        SyntheticRandom.RequireDeviation(nameof(noise), noise);
        int columns = side * side * channels;
        double[] values = SyntheticRandom.Allocate(rows, columns);
        double[] brightness = new double[channels];
        for (int n = 0; n < rows; n++)
        {
            RandomStream random = SyntheticRandom.Row(seed, firstRow + n);
            double x = side * Uniform(random, 0.25, 0.75), y = side * Uniform(random, 0.25, 0.75), radius = side * Uniform(random, 0.1, 0.2);
            foreach (ref double channel in brightness.AsSpan())
            {
                channel = Uniform(random, 0.5, 1);
            }

            for (int i = 0; i < columns; i++)
            {
                int pixel = i / channels;
                double dx = (pixel % side) + 0.5 - x, dy = (pixel / side) + 0.5 - y;
                double blob = brightness[i % channels] * Math.Exp(-((dx * dx) + (dy * dy)) / (2 * radius * radius));
                values[(n * columns) + i] = blob + (noise * random.NextGaussian());
            }
        }

        return new InMemoryRows(values, columns);
    }

    private static double Uniform(RandomStream random, double least, double greatest) =>
        least + ((greatest - least) * random.NextUniform());
}
