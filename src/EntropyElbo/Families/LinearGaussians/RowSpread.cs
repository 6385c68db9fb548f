using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.LinearGaussians;

/// <summary>
/// How rows spread about their mean: all that linear Gaussian models learn from. Kept as the D x D covariance, or, where
/// there are fewer rows than columns, as the centred rows, whose N x N products have the same eigenvalues.
/// </summary>
internal abstract class RowSpread
{
    private protected RowSpread(double[] mean, double[] variances)
    {
        Mean = mean;
        Variances = variances;
        TotalVariance = VectorFold.Sum(variances);
        Unit = VarianceFloors.Unit(variances);
    }

    /// <summary>Number of rows, N.</summary>
    public abstract long Rows { get; }

    /// <summary>Columns, D.</summary>
    public int Columns => Mean.Length;

    /// <summary>Mean of the rows, D values.</summary>
    public double[] Mean { get; }

    /// <summary>Variances of the columns, divided by N.</summary>
    public double[] Variances { get; }

    /// <summary>Their sum.</summary>
    public double TotalVariance { get; }

    /// <summary>Mean variance of the columns that vary, or 1 where none does: the unit of floors.</summary>
    public double Unit { get; }

    /// <summary>
    /// ELBO of independent columns with one variance for all, as of the models with one noise variance without latents; nats per
    /// row.
    /// </summary>
    public double IndependentElbo => -0.5 * Columns * (SpecialFunctions.LogTwoPi + 1 + Math.Log(TotalVariance / Columns));

    /// <summary>The largest eigenvalues of the covariance; where N is below D, no more than N of them.</summary>
    /// <param name="count">Eigenvalues wanted.</param>
    public abstract PrincipalAxes Axes(int count);

    /// <summary>All directions in which the rows vary, to rounding.</summary>
    public abstract PrincipalAxes VaryingAxes();
}

/// <summary>Orthonormal directions in the space of the columns.</summary>
/// <param name="Values">Variances along them, falling.</param>
internal abstract record PrincipalAxes(double[] Values)
{
    /// <summary>Vectors given by their coordinates in these directions.</summary>
    /// <param name="coordinates">[directions, count], row-major.</param>
    /// <param name="count">Number of vectors.</param>
    /// <returns>[D, count], row-major.</returns>
    public abstract double[] Lift(ReadOnlySpan<double> coordinates, int count);

    /// <summary>Coordinates of vectors in these directions; what they have in others is left out.</summary>
    /// <param name="vectors">[D, count], row-major.</param>
    /// <param name="count">Number of vectors.</param>
    /// <returns>[directions, count], row-major.</returns>
    public double[] Coordinates(ReadOnlySpan<double> vectors, int count)
    {
        double[] coordinates = new double[Values.Length * count], vector = new double[vectors.Length / count];
        double[] along = new double[Values.Length];
        for (int j = 0; j < count; j++)
        {
            for (int d = 0; d < vector.Length; d++)
            {
                vector[d] = vectors[(d * count) + j];
            }

            Project(vector, along);
            for (int i = 0; i < along.Length; i++)
            {
                coordinates[(i * count) + j] = along[i];
            }
        }

        return coordinates;
    }

    /// <summary>The coordinates of one vector.</summary>
    private protected abstract void Project(ReadOnlySpan<double> vector, Span<double> coordinates);
}

/// <summary>The spread of any number of rows as their covariance. Memory: 16 D^2 bytes.</summary>
internal sealed class CovarianceSpread : RowSpread
{
    /// <summary>Directions with less than this share of the largest variance count as without: rounding of the covariance.</summary>
    private const double RankShare = 1e-13;

    public CovarianceSpread(RowMoments moments)
        : base(moments.Mean.ToArray(), [.. Enumerable.Range(0, moments.Columns).Select(d => moments.Covariance(d, d))])
    {
        Rows = moments.Rows;
        Covariance = moments.Covariance();
    }

    /// <summary>Takes a mean and a covariance as they are.</summary>
    public CovarianceSpread(double[] mean, double[] covariance, long rows)
        : base(mean, [.. Enumerable.Range(0, mean.Length).Select(d => covariance[d * (mean.Length + 1)])])
    {
        Rows = rows;
        Covariance = covariance;
    }

    public override long Rows { get; }

    /// <summary>[D, D].</summary>
    public double[] Covariance { get; }

    public override PrincipalAxes Axes(int count) => new CovarianceAxes(SymmetricEigen.Top(Covariance, Columns, count));

    public override PrincipalAxes VaryingAxes()
    {
        EigenPairs all = SymmetricEigen.Top(Covariance, Columns, Columns);
        int varying = Math.Max(1, all.Values.Count(v => v > RankShare * all.Values[0]));
        return new CovarianceAxes(new EigenPairs(all.Values[..varying], all.Vectors[..(varying * Columns)]));
    }

    /// <summary>Eigenvectors of a covariance.</summary>
    private sealed record CovarianceAxes(EigenPairs Pairs) : PrincipalAxes(Pairs.Values)
    {
        public override double[] Lift(ReadOnlySpan<double> coordinates, int count)
        {
            int columns = Pairs.Vectors.Length / Values.Length;
            double[] lifted = new double[columns * count];
            double[] sum = new double[columns];
            for (int j = 0; j < count; j++)
            {
                Array.Clear(sum);
                for (int i = 0; i < Values.Length; i++)
                {
                    if (coordinates[(i * count) + j] is not 0 and double length)
                    {
                        TensorPrimitives.MultiplyAdd(Pairs.Vectors.AsSpan(i * columns, columns), length, sum, sum);
                    }
                }

                for (int d = 0; d < columns; d++)
                {
                    lifted[(d * count) + j] = sum[d];
                }
            }

            return lifted;
        }

        private protected override void Project(ReadOnlySpan<double> vector, Span<double> coordinates)
        {
            for (int i = 0; i < coordinates.Length; i++)
            {
                coordinates[i] = VectorFold.Dot(Pairs.Vectors.AsSpan(i * vector.Length, vector.Length), vector);
            }
        }
    }
}
