using EntropyElbo.Families.SparseCoding;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.PoissonSparseCoding;

/// <summary>Where a fit begins: random fields, and scales and offsets by the columns' means and variances.</summary>
internal static class CountStart
{
    /// <summary>Least and greatest variance of a log-rate that a start goes by (chosen here).</summary>
    private const double LeastVariance = 0.05;

    private const double MostVariance = 1;

    /// <summary>The rate of a column without counts begins at as many counts in all rows.</summary>
    private const double LeastCounts = 0.5;

    /// <summary>The least scale, in units of log-rates: a latent of a thousandth says nothing of counts.</summary>
    public const double LeastScale = 1e-3;

    /// <summary>Logarithms of the columns' mean counts: what offsets are counted from.</summary>
    public static double[] LogMeans(SparseCodingColumns columns) =>
        Array.ConvertAll(columns.Means, m => Math.Log(Math.Max(m, LeastCounts / columns.Rows)));

    /// <summary>
    /// The first parameters. A log-rate of variance v makes a count's variance <c>m + m^2 (e^v - 1)</c>, m its mean: what the columns
    /// have above their means is shared among the latents.
    /// </summary>
    public static SparseCodingParameters Random(int latents, ulong seed, SparseCodingColumns columns, double[] logMeans)
    {
        RandomStream random = new(seed, RandomPurpose.Initialisation);
        double[][] fields = new double[latents][];
        for (int h = 0; h < latents; h++)
        {
            fields[h] = new double[columns.Count];
            random.FillGaussian(fields[h]);
        }

        double excess = 0, squares = 0;
        for (int d = 0; d < columns.Count; d++)
        {
            excess += columns.Variances[d] - columns.Means[d];
            squares += columns.Means[d] * columns.Means[d];
        }

        double dispersion = squares > 0 ? Math.Max(0, excess / squares) : 0;
        double variance = Math.Clamp(SpecialFunctions.Log1P(dispersion), LeastVariance, MostVariance);
        double[] scales = new double[latents];
        Array.Fill(scales, Math.Sqrt(variance * columns.Count / (2 * latents)));
        return SparseCodingParameters.Of(fields, scales, 1, Array.ConvertAll(logMeans, m => m - (0.5 * variance)));
    }
}
