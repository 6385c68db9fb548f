using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// All that the closed-form ELBO of a linear VAE asks of some rows: their mean, their total variance and products with
/// their covariance (1/N). Not safe to share between threads.
/// </summary>
internal abstract class LinearVaeStatistics
{
    /// <summary>Mean of the rows, D values.</summary>
    public abstract ReadOnlySpan<double> Mean { get; }

    /// <summary>Trace of the covariance.</summary>
    public abstract double TotalVariance { get; }

    /// <summary>result = S x, both [D, H], padded.</summary>
    public abstract void Multiply(MatrixView<double> x, MatrixView<double> result);

    /// <summary>What the covariance is made of: itself, [D, D], or centred rows X with <c>S = X' X / n</c>, [n, D].</summary>
    public abstract (MatrixView<double> Values, bool AreRows) Source { get; }
}

/// <summary>The statistics of any number of rows as a D x D covariance.</summary>
internal sealed class CovarianceStatistics : LinearVaeStatistics
{
    private readonly double[] _mean;
    private readonly MatrixView<double> _covariance;

    public CovarianceStatistics(RowMoments moments)
    {
        int columns = moments.Columns;
        _mean = moments.Mean.ToArray();
        _covariance = new Matrix<double>(columns, columns);
        double[] values = moments.Covariance();
        for (int d = 0; d < columns; d++)
        {
            values.AsSpan(d * columns, columns).CopyTo(_covariance[d]);
            TotalVariance += _covariance[d][d];
        }
    }

    public override ReadOnlySpan<double> Mean => _mean;

    public override double TotalVariance { get; }

    public override (MatrixView<double> Values, bool AreRows) Source => (_covariance, false);

    public override void Multiply(MatrixView<double> x, MatrixView<double> result) =>
        MatrixProduct.Multiply(_covariance, x, result);
}

/// <summary>The statistics of rows about their mean, in their principal axes: the covariance is diagonal.</summary>
internal sealed class PrincipalStatistics(double[] deviations, double totalVariance) : LinearVaeStatistics
{
    private readonly double[] _mean = new double[deviations.Length];

    public override ReadOnlySpan<double> Mean => _mean;

    /// <summary>Of all columns, also that along other directions than these.</summary>
    public override double TotalVariance => totalVariance;

    public override (MatrixView<double> Values, bool AreRows) Source
    {
        get
        {
            MatrixView<double> covariance = new Matrix<double>(deviations.Length, deviations.Length);
            for (int i = 0; i < deviations.Length; i++)
            {
                covariance[i][i] = deviations[i] * deviations[i];
            }

            return (covariance, false);
        }
    }

    public override void Multiply(MatrixView<double> x, MatrixView<double> result)
    {
        for (int i = 0; i < deviations.Length; i++)
        {
            TensorPrimitives.Multiply(x[i], deviations[i] * deviations[i], result[i]);
        }
    }
}

/// <summary>The statistics of one batch, kept as centred rows: cheaper than a covariance for few rows.</summary>
internal sealed class BatchStatistics : LinearVaeStatistics
{
    private readonly double[] _mean;
    private readonly int _latents;
    private MatrixView<double> _rows;
    private MatrixView<double> _product;
    private int _count;
    private double _totalVariance;

    public BatchStatistics(int columns, int latents)
    {
        _mean = new double[columns];
        _latents = latents;
    }

    public override ReadOnlySpan<double> Mean => _mean;

    public override double TotalVariance => _totalVariance;

    public override (MatrixView<double> Values, bool AreRows) Source => (_rows.Slice(0, _count), true);

    /// <summary>Takes the rows of a batch in place of the last; buffers grow to the largest batch seen.</summary>
    public void Load(ReadOnlySpan<double> rows)
    {
        int columns = _mean.Length;
        _count = rows.Length / columns;
        if (_count > _rows.Rows)
        {
            _rows = new Matrix<double>(_count, columns);
            _product = new Matrix<double>(_count, _latents);
        }

        Array.Clear(_mean);
        for (int i = 0; i < _count; i++)
        {
            TensorPrimitives.Add(_mean, rows.Slice(i * columns, columns), _mean);
        }

        TensorPrimitives.Divide(_mean, _count, _mean);
        _totalVariance = 0;
        for (int i = 0; i < _count; i++)
        {
            TensorPrimitives.Subtract(rows.Slice(i * columns, columns), _mean, _rows[i]);
            _totalVariance += VectorFold.SumOfSquares(_rows[i]);
        }

        _totalVariance /= _count;
    }

    public override void Multiply(MatrixView<double> x, MatrixView<double> result)
    {
        MatrixView<double> rows = _rows.Slice(0, _count);
        MatrixView<double> product = _product.Slice(0, _count);
        MatrixProduct.Multiply(rows, x, product);
        MatrixProduct.MultiplyTransposedLeft(rows, product, result);
        for (int d = 0; d < result.Rows; d++)
        {
            TensorPrimitives.Divide(result[d], _count, result[d]);
        }
    }
}
