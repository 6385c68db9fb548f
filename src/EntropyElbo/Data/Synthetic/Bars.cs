using EntropyElbo.Numerics;

namespace EntropyElbo.Data.Synthetic;

/// <summary>
/// The bars test: <c>z_h ~ Laplace(lambda)</c>, <c>x ~ N(W z, sigma^2 I)</c>; each column of W is one horizontal or
/// vertical bar of a square grid, 1 on the bar and 0 elsewhere (V eq. 1, App. D.2).
/// </summary>
public static class Bars
{
    /// <summary>Pixels along a side (V sec. 4: a 5 x 5 grid, so D = 25 and H = 10).</summary>
    public const int DefaultSide = 5;

    /// <summary>Standard deviation of the noise, sigma (V App. D.2).</summary>
    public const double DefaultNoise = 0.1;

    /// <summary>Scale of the Laplace prior, lambda (V App. D.2).</summary>
    public const double DefaultScale = 1;

    private const int MaxSide = 100;

    /// <summary>The true generative fields.</summary>
    /// <param name="side">Pixels along a side, at least 1.</param>
    /// <returns>W, side^2 x (2 side) row-major: first the horizontal bars from the top, then the vertical ones from the left.</returns>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static double[] Weights(int side = DefaultSide)
    {
        SyntheticRandom.RequireRange(nameof(side), side, 1, MaxSide);
        int bars = 2 * side;
        double[] weights = new double[side * side * bars];
        for (int pixel = 0; pixel < side * side; pixel++)
        {
            weights[(pixel * bars) + (pixel / side)] = 1;
            weights[(pixel * bars) + side + (pixel % side)] = 1;
        }

        return weights;
    }

    /// <summary>Draws rows.</summary>
    /// <param name="rows">N, at least 1 (1,000 in the paper).</param>
    /// <param name="seed">The seed: gives an endless table of rows.</param>
    /// <param name="firstRow">Position in that table of the first row; start test rows behind the training rows.</param>
    /// <param name="side">Pixels along a side, at least 1; the rows have side^2 columns, the picture's lines from the top.</param>
    /// <param name="noise">sigma, not negative.</param>
    /// <param name="scale">lambda, not negative.</param>
    /// <exception cref="BadOptionException">A number out of range.</exception>
    public static InMemoryRows Create(
        int rows,
        ulong seed,
        long firstRow = 0,
        int side = DefaultSide,
        double noise = DefaultNoise,
        double scale = DefaultScale)
    {
        SyntheticRandom.RequireAtLeast(nameof(firstRow), firstRow, 0);
        SyntheticRandom.RequireRange(nameof(side), side, 1, MaxSide);
        SyntheticRandom.RequireDeviation(nameof(noise), noise);
        SyntheticRandom.RequireDeviation(nameof(scale), scale);
        int columns = side * side;
        double[] values = SyntheticRandom.Allocate(rows, columns);
        double[] z = new double[2 * side];
        for (int n = 0; n < rows; n++)
        {
            RandomStream random = SyntheticRandom.Row(seed, firstRow + n);
            foreach (ref double activation in z.AsSpan())
            {
                activation = random.NextLaplace(scale);
            }

            for (int pixel = 0; pixel < columns; pixel++)
            {
                values[(n * columns) + pixel] = z[pixel / side] + z[side + (pixel % side)] + (noise * random.NextGaussian());
            }
        }

        return new InMemoryRows(values, columns);
    }
}
