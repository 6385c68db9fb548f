using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>
/// What Gaussian families with covariances between columns share: rows are loaded as distances from the centre.
/// Parameters: the K means, then the covariance matrices. Reference: the centre, then the least variance, per column.
/// </summary>
internal abstract class GaussianCovarianceFamily(ColumnRange range, double[] reference) : ColumnFamily(range, reference)
{
    public override bool IsUnbounded => true;

    /// <summary>The centre.</summary>
    public ReadOnlySpan<double> Centre => Reference.AsSpan(0, Count);

    /// <summary>The least variances.</summary>
    public ReadOnlySpan<double> Least => Reference.AsSpan(Count, Count);

    /// <summary>Covariance matrices of so many components.</summary>
    protected abstract int Matrices(int components);

    public override int FreeParameters(int components) =>
        (components * Count) + (Matrices(components) * (Count * (Count + 1) / 2));

    public override int ParameterLength(int components) => (components * Count) + (Matrices(components) * Count * Count);

    public override long StatisticsLength(int components) => ((long)components * Count) + ((long)Matrices(components) * Count * Count);

    public override string? SupportViolation(int column, double value) => null;

    public override ColumnScratch CreateScratch(int maxRows, int components) => new()
    {
        Features = new Matrix<double>(maxRows, Count),
        Second = new Matrix<double>(maxRows, Count),
        Sums = new Matrix<double>(components, Count),
        Scatter = new Matrix<double>(Count, Count),
    };

    public override void Load(ReadOnlySpan<double> rows, int count, int width, ColumnScratch scratch)
    {
        for (int row = 0; row < count; row++)
        {
            TensorPrimitives.Subtract(rows.Slice((row * width) + Range.Start, Count), Centre, scratch.Features[row]);
        }
    }

    public override string? Violation(int components, ReadOnlySpan<double> parameters)
    {
        if (!TensorPrimitives.IsFiniteAll(parameters))
        {
            return "a value that is not finite";
        }

        try
        {
            Create(components, parameters.ToArray());
            return null;
        }
        catch (ArgumentException error)
        {
            return $"a matrix that is no covariance ({error.Message})";
        }
    }

    /// <summary>Adds the sums of the rows per component to the front of the statistics.</summary>
    protected void AddSums(ColumnScratch scratch, int count, MatrixView<double> responsibilities, Span<double> statistics)
    {
        MatrixProduct.MultiplyTransposedLeft(responsibilities.Slice(0, count), scratch.Features.Slice(0, count), scratch.Sums);
        for (int k = 0; k < responsibilities.Columns; k++)
        {
            Span<double> target = statistics[new GaussianPlaces(responsibilities.Columns, Count).Sums(k)];
            TensorPrimitives.Add(target, scratch.Sums[k], target);
        }
    }

    /// <summary>Adds the products of columns over rows, weighted, to a D x D matrix: its upper triangle, in panels.</summary>
    protected void AddScatter(ColumnScratch scratch, int count, Span<double> scatter)
    {
        const int panel = 32;
        for (int start = 0; start < Count; start += panel)
        {
            int height = Math.Min(panel, Count - start);
            MatrixView<double> left = scratch.Second.Block(0, count, start, height);
            MatrixView<double> right = scratch.Features.Block(0, count, start, Count - start);
            MatrixView<double> product = scratch.Scatter.Block(0, height, 0, Count - start);
            MatrixProduct.MultiplyTransposedLeft(left, right, product);
            for (int i = 0; i < height; i++)
            {
                Span<double> target = scatter.Slice(((start + i) * Count) + start, Count - start);
                TensorPrimitives.Add(target, product[i], target);
            }
        }
    }

    /// <summary>The covariance of all rows, whatever their components.</summary>
    protected double[] TotalCovariance(ReadOnlySpan<double> counts, ReadOnlySpan<double> statistics)
    {
        double rows = VectorFold.Sum(counts);
        double[] sums = new double[Count];
        double[] scatter = new double[Count * Count];
        GaussianPlaces places = new(counts.Length, Count);
        for (int k = 0; k < counts.Length; k++)
        {
            TensorPrimitives.Add(sums, statistics[places.Sums(k)], sums);
        }

        for (int k = 0; k < Matrices(counts.Length); k++)
        {
            TensorPrimitives.Add(scatter, statistics[places.Scatter(k)], scatter);
        }

        double[] mean = Array.ConvertAll(sums, s => s / rows);
        double[] covariance = new double[Count * Count];
        ScatterAbout(mean, rows, sums, scatter, covariance);
        return Array.ConvertAll(covariance, c => c / rows);
    }

    /// <summary>
    /// Fills the scatter about a point, <c>sum w (x - m)(x - m)'</c> with x and m taken from the centre, from the sums.
    /// </summary>
    public static void ScatterAbout(
        ReadOnlySpan<double> mean, double count, ReadOnlySpan<double> sums, ReadOnlySpan<double> scatter, Span<double> target)
    {
        int n = mean.Length;
        for (int i = 0; i < n; i++)
        {
            for (int j = i; j < n; j++)
            {
                double value = scatter[(i * n) + j] - (sums[i] * mean[j]) - (mean[i] * sums[j]) + (count * mean[i] * mean[j]);
                target[(i * n) + j] = value;
                target[(j * n) + i] = value;
            }
        }
    }

}
