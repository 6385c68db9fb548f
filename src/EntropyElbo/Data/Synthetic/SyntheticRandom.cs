using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>Streams and draws shared by the generators.</summary>
internal static class SyntheticRandom
{
    /// <summary>Most columns or latents of a generator; weights then fit one array.</summary>
    public const int MaxColumns = 10_000;

    /// <summary>The stream for what is drawn once per data set: weights, offsets, choices of columns.</summary>
    public static RandomStream Parameters(ulong seed) => new(seed, RandomPurpose.Generation);

    /// <summary>The stream of one row.</summary>
    public static RandomStream Row(ulong seed, long row) => new(seed, RandomPurpose.Generation, 1, (ulong)row);

    /// <summary>A number of the zero-mean Laplace distribution with the given scale: an exponential number with a random sign.</summary>
    public static double NextLaplace(this RandomStream random, double scale)
    {
        double magnitude = -scale * Math.Log(1 - random.NextUniform());
        return (random.NextBits() & 1) == 0 ? magnitude : -magnitude;
    }

    /// <summary>Room for the rows.</summary>
    /// <exception cref="BadOptionException">Fewer than 1 row, or more than one array holds.</exception>
    public static double[] Allocate(int rows, int columns)
    {
        RequireAtLeast(nameof(rows), rows, 1);
        return (long)rows * columns <= Array.MaxLength ? new double[rows * columns] : throw new BadOptionException(
            nameof(rows), $"rows is {rows}; with {columns} columns at most {Array.MaxLength / columns} fit in memory.");
    }

    public static void RequireAtLeast(string option, long value, long least)
    {
        BadOptionException.ThrowUnless(value >= least, option, $"{option} is {value}; it must be at least {least}.");
    }

    public static void RequireColumns(string option, int value, int least = 1) => RequireRange(option, value, least, MaxColumns);

    public static void RequireRange(string option, int value, int least, int most) =>
        BadOptionException.ThrowUnless(value >= least && value <= most, option, $"{option} is {value}; it must be from {least} to {most}.");

    public static void RequireDeviation(string option, double value)
    {
        BadOptionException.ThrowUnless(
            double.IsFinite(value) && value >= 0, option, $"{option} is {value}; a standard deviation is finite and not negative.");
    }
}
