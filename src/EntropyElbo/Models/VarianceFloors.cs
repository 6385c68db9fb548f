using EntropyElbo.Numerics;

namespace EntropyElbo.Models;

/// <summary>
/// The least variance of noise, in one unit for all families: a share of a column's own variance, and where one noise serves all
/// columns the mean of these. So a column that is constant or doubled costs or gains every family the same.
/// </summary>
internal static class VarianceFloors
{
    /// <summary>
    /// The share by default: the square root of double precision's (measured in docs/experiments.md). Below it, rounding of a row's squared
    /// distance over the variance grows to 1e-7 nats and more; above it, columns that differ by a thousandth of their deviation meet it.
    /// </summary>
    public const double DefaultShare = 1e-8;

    /// <summary>
    /// The mean variance of the columns that vary, or 1 where none does: the unit of a noise that serves all columns, and of a
    /// constant column's.
    /// </summary>
    public static double Unit(ReadOnlySpan<double> variances)
    {
        int varying = 0;
        foreach (double variance in variances)
        {
            varying += variance > 0 ? 1 : 0;
        }

        return varying > 0 ? VectorFold.Sum(variances) / varying : 1;
    }

    /// <summary>The least variance of each column.</summary>
    /// <param name="variances">The columns' variances; 0 for a constant one.</param>
    /// <param name="share">The floor's share.</param>
    public static double[] OfColumns(double[] variances, double share)
    {
        double unit = Unit(variances);
        return Array.ConvertAll(variances, v => share * (v > 0 ? v : unit));
    }
}
