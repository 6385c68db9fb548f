using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Mixture.Components;

/// <summary>A covariance matrix with all that Gaussian densities need of it. Immutable.</summary>
internal sealed class CovarianceMatrix
{
    private readonly double[] _precision;
    private readonly double[] _constants;

    /// <summary>Factors a matrix.</summary>
    /// <param name="covariance">[D, D], symmetric; kept.</param>
    /// <param name="dimension">D.</param>
    /// <exception cref="ArgumentException">The matrix is not positive definite to working precision.</exception>
    public CovarianceMatrix(ReadOnlySpan<double> covariance, int dimension)
    {
        Factor = covariance.ToArray();
        if (!Cholesky.TryFactor(Factor, dimension, out int pivot))
        {
            throw new ArgumentException($"The covariance matrix is not positive definite in column {pivot + 1} of its range.");
        }

        Dimension = dimension;
        LogDeterminant = Cholesky.LogDeterminant(Factor, dimension);
        Whitening = new Matrix<double>(dimension, dimension);
        InvertFactor();
        _precision = new double[dimension * dimension];
        FillPrecision();
        _constants = ShareConstants();
    }

    /// <summary>D.</summary>
    public int Dimension { get; }

    /// <summary>The lower Cholesky factor L, [D, D].</summary>
    public double[] Factor { get; }

    /// <summary>log det.</summary>
    public double LogDeterminant { get; }

    /// <summary>The transposed inverse of L, upper triangular: rows times it have unit covariance.</summary>
    public MatrixView<double> Whitening { get; }

    /// <summary>Entropy of a Gaussian, 1/2 log det(2 pi e covariance).</summary>
    public double Entropy => 0.5 * ((Dimension * (SpecialFunctions.LogTwoPi + 1)) + LogDeterminant);

    /// <summary>Trace of the inverse times a symmetric matrix.</summary>
    public double TraceOfInverseTimes(ReadOnlySpan<double> matrix) =>
        VectorFold.Dot(_precision, matrix);

    /// <summary>
    /// Adds the columns' shares of a Gaussian log density, times a weight. With y the row less the mean and the precision matrix P
    /// the share of a column is <c>1/2 log(P_dd / 2 pi) - 1/2 y_d (P y)_d</c> and an equal part of
    /// <c>1/2 log det P - 1/2 sum_d log P_dd</c>: in all the log density. It does not depend on the order of the columns, follows a
    /// change of a column's unit, is the column's own log density where P is diagonal, and puts what a single wrong value costs on
    /// its own column.
    /// </summary>
    /// <param name="y">D values.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="target">D values, added to.</param>
    public void AddShares(ReadOnlySpan<double> y, double weight, Span<double> target)
    {
        for (int d = 0; d < Dimension; d++)
        {
            double product = VectorFold.Dot(_precision.AsSpan(d * Dimension, Dimension), y);
            target[d] += weight * (_constants[d] - (0.5 * y[d] * product));
        }
    }

    /// <summary>Whitens: target = L^-1 x.</summary>
    public void Whiten(ReadOnlySpan<double> x, Span<double> target)
    {
        x.CopyTo(target);
        Cholesky.SolveLower(Factor, Dimension, target);
    }

    /// <summary>Rows of loaded, centred values times <see cref="Whitening"/>, panel by panel along its triangle.</summary>
    /// <param name="rows">[n, D].</param>
    /// <param name="target">[n, D], overwritten.</param>
    /// <param name="bias">Added to every row, padded; or empty.</param>
    public void WhitenRows(MatrixView<double> rows, MatrixView<double> target, ReadOnlySpan<double> bias)
    {
        const int panel = 32;
        for (int start = 0; start < Dimension; start += panel)
        {
            int width = Math.Min(panel, Dimension - start);
            int depth = start + width;
            MatrixProduct.Multiply(
                rows.Block(0, rows.Rows, 0, depth),
                Whitening.Block(0, depth, start, width),
                target.Block(0, target.Rows, start, width),
                bias.IsEmpty ? bias : bias[start..],
                1.0);
        }
    }

    private void InvertFactor()
    {
        int n = Dimension;
        for (int j = 0; j < n; j++)
        {
            // Row j of the transposed inverse is column j of the inverse.
            Span<double> column = Whitening[j];
            column[j] = 1 / Factor[(j * n) + j];
            for (int i = j + 1; i < n; i++)
            {
                double dot = VectorFold.Dot(
                    Factor.AsSpan((i * n) + j, i - j), column[j..i]);
                column[i] = -dot / Factor[(i * n) + i];
            }
        }
    }

    private double[] ShareConstants()
    {
        double[] constants = new double[Dimension];
        double rest = -0.5 * LogDeterminant;
        for (int d = 0; d < Dimension; d++)
        {
            double half = 0.5 * Math.Log(_precision[(d * Dimension) + d]);
            constants[d] = half - (0.5 * SpecialFunctions.LogTwoPi);
            rest -= half;
        }

        System.Numerics.Tensors.TensorPrimitives.Add(constants, rest / Dimension, constants);
        return constants;
    }

    private void FillPrecision()
    {
        MatrixView<double> product = new Matrix<double>(Dimension, Dimension);
        MatrixProduct.MultiplyTransposedRight(Whitening, Whitening, product, default, 1.0, new ProductScratch<double>());
        for (int i = 0; i < Dimension; i++)
        {
            product[i].CopyTo(_precision.AsSpan(i * Dimension, Dimension));
        }
    }
}
