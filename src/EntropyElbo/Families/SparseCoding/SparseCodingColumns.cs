using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>What a fit knows of the columns before it begins.</summary>
/// <param name="Scaling">How they are scaled.</param>
/// <param name="Means">Their means, scaled.</param>
/// <param name="Variances">Their variances, scaled.</param>
/// <param name="Rows">Rows seen.</param>
/// <param name="Skipped">Rows left out because of missing values.</param>
internal sealed record SparseCodingColumns(Scaling Scaling, double[] Means, double[] Variances, long Rows, long Skipped)
{
    /// <summary>Mean variances outside cannot be squared and inverted in double precision.</summary>
    private const double LeastUnit = 1e-100;

    private const double MostUnit = 1e100;

    /// <summary>D.</summary>
    public int Count => Means.Length;

    /// <summary>Mean variance of the columns that vary: the unit of variances.</summary>
    public double Unit => VarianceFloors.Unit(Variances);

    /// <summary>ELBO of the rows without latents: one noise variance for all columns.</summary>
    public double Baseline => -0.5 * Count * (SpecialFunctions.LogTwoPi + 1 + Math.Log(Variances.Average()));

    /// <summary>The size of an ELBO in units of the columns' spread, at least a nat: what is stationary must not depend on units.</summary>
    public double Size(double elbo) => Math.Max(1, Math.Abs(elbo + (0.5 * Count * Math.Log(Unit))));

    /// <summary>Reads the rows once.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="kind">How they are scaled, where no model says it.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <param name="from">The model whose scaling is kept, or null.</param>
    /// <exception cref="BadDataException">No rows or one, or columns too large or small to be computed with.</exception>
    public static SparseCodingColumns Read(
        CheckedRows rows, ScalingKind kind, CancellationToken cancellation, LatentModel? from = null)
    {
        ColumnMoments moments = ColumnMoments.Read(rows, cancellation);
        FitReports.RequireRows(moments.Rows, 2);
        Scaling scaling = ModelStart.Scaling(from, kind, k => moments.ToScaling(k));
        double[] means = new double[rows.Columns], variances = new double[rows.Columns];
        for (int d = 0; d < means.Length; d++)
        {
            double factor = scaling.Factor[d];
            means[d] = (moments.Mean(d) - scaling.Offset[d]) * factor;
            variances[d] = moments.Variance(d) * factor * factor;
        }

        return new SparseCodingColumns(scaling, means, variances, moments.Rows, rows.SkippedRows ?? 0).Checked();
    }

    /// <summary>These columns.</summary>
    /// <exception cref="BadDataException">They are too large or small to be computed with.</exception>
    public SparseCodingColumns Checked()
    {
        return Unit is >= LeastUnit and <= MostUnit ? this : throw new BadDataException(FormattableString.Invariant(
            $"The columns vary so {(Unit < 1 ? "little" : "much")} that their mean variance, {Unit:G3}, cannot be computed with in double precision; change their unit, or scale the columns (standard)."));
    }
}
