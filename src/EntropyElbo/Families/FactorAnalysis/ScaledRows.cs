using System.Numerics.Tensors;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>
/// Centred rows over the noise, <c>Y = X S^-1/2</c>, for fewer rows than columns: <c>Y Y'</c> (N x N) has the eigenvalues of
/// <c>S^-1/2 C S^-1/2</c>, and nothing of size D x D is made. Memory: another 8 N D bytes. Not safe to share between threads.
/// </summary>
internal sealed class ScaledRows
{
    private readonly CentredRows _rows;
    private readonly MatrixView<double> _scaled;
    private readonly double[] _codes;
    private double[]? _roots;

    public ScaledRows(CentredRows rows)
    {
        _rows = rows;
        _scaled = new Matrix<double>(rows.Values.Rows, rows.Columns);
        _codes = new double[rows.Values.Rows];
    }

    /// <summary>The largest eigenvalues of <c>Y'Y</c>, with their vectors in the space of the columns.</summary>
    /// <param name="roots">Inverse deviations of the noise, S^-1/2.</param>
    /// <param name="count">Pairs wanted, at most N.</param>
    public EigenPairs Eigen(double[] roots, int count)
    {
        Scale(roots);
        double[] products = _rows.Products(_scaled);
        FactorAnalysisProfile.Require(products);
        EigenPairs pairs = _rows.Eigen(products, count);
        double[] vectors = new double[ArraySize.Of(pairs.Values.Length, _scaled.Columns)];
        for (int h = 0; h < pairs.Values.Length; h++)
        {
            Span<double> vector = vectors.AsSpan(h * _scaled.Columns, _scaled.Columns);
            for (int i = 0; i < _scaled.Rows && pairs.Values[h] > 0; i++)
            {
                double share = pairs.Vectors[(h * _scaled.Rows) + i] / Math.Sqrt(pairs.Values[h]);
                TensorPrimitives.MultiplyAdd(_scaled[i], share, vector, vector);
            }
        }

        return new EigenPairs(pairs.Values, vectors);
    }

    /// <summary>result = Y'Y x.</summary>
    public void Multiply(double[] roots, ReadOnlySpan<double> x, Span<double> result)
    {
        Scale(roots);
        for (int i = 0; i < _scaled.Rows; i++)
        {
            _codes[i] = VectorFold.Dot(_scaled[i], x);
        }

        result.Clear();
        for (int i = 0; i < _scaled.Rows; i++)
        {
            TensorPrimitives.MultiplyAdd(_scaled[i], _codes[i], result, result);
        }
    }

    private void Scale(double[] roots)
    {
        if (_roots is not null && _roots.AsSpan().SequenceEqual(roots))
        {
            return;
        }

        for (int i = 0; i < _scaled.Rows; i++)
        {
            TensorPrimitives.Multiply(_rows.Values[i], roots, _scaled[i]);
        }

        _roots = roots;
    }
}
