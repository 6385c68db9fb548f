using System.Numerics.Tensors;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using MathNet.Numerics.LinearAlgebra.Factorization;
using DenseMatrix = MathNet.Numerics.LinearAlgebra.Matrix<double>;

namespace EntropyElbo.Families.LinearGaussians;

/// <summary>
/// The mathematics of <c>z ~ N(0, I)</c>, <c>x|z ~ N(W z + mu, diag sigma_d^2)</c> with the encoder
/// <c>q(z|x) = N(V (x - mu), T)</c>, T one covariance for all rows: every expectation is in closed form at any parameter
/// value. Immutable.
/// </summary>
internal sealed class LinearGaussian
{
    private readonly double[] _precisions;
    private readonly double _normaliser;

    private LinearGaussian(
        double[] mean,
        double[] loadings,
        double[] noiseVariances,
        double[] encoder,
        double[] covariance,
        double[] conditionalVariances,
        double logDeterminant)
    {
        Mean = mean;
        ConditionalVariances = conditionalVariances;
        Loadings = loadings;
        NoiseVariances = noiseVariances;
        Encoder = encoder;
        Latents = loadings.Length / mean.Length;
        Covariance = covariance;
        LogDeterminant = logDeterminant;
        EncoderTransposed = Transposed(encoder, Latents, Columns);
        LoadingsTransposed = Transposed(loadings, Columns, Latents);
        _precisions = Array.ConvertAll(noiseVariances, v => 1 / v);
        ExpectedErrors = SpreadOfMeans();
        foreach (double variance in noiseVariances)
        {
            _normaliser -= 0.5 * (SpecialFunctions.LogTwoPi + Math.Log(variance));
            DecoderEntropy += 0.5 * (SpecialFunctions.LogTwoPi + 1 + Math.Log(variance));
        }

        for (int h = 0; h < Latents; h++)
        {
            Trace += LatentVariance(h);
        }
    }

    /// <summary>Observed columns, D.</summary>
    public int Columns => Mean.Length;

    /// <summary>Latents, H.</summary>
    public int Latents { get; }

    /// <summary>mu, D values.</summary>
    public double[] Mean { get; }

    /// <summary>W, D x H row-major.</summary>
    public double[] Loadings { get; }

    /// <summary>sigma_d^2, D values.</summary>
    public double[] NoiseVariances { get; }

    /// <summary>V, H x D row-major.</summary>
    public double[] Encoder { get; }

    /// <summary>T, H x H.</summary>
    public double[] Covariance { get; }

    /// <summary>
    /// Variance of each latent under the encoder given those after it; their product is det T, and where T is diagonal they are its
    /// entries.
    /// </summary>
    public double[] ConditionalVariances { get; }

    /// <summary>log det T.</summary>
    public double LogDeterminant { get; }

    /// <summary>tr T.</summary>
    public double Trace { get; }

    /// <summary>Diagonal of W T W': what the spread of z adds to each column's expected squared error.</summary>
    public double[] ExpectedErrors { get; }

    /// <summary>Whether everything derived from the parameters is finite: huge parameters overflow.</summary>
    public bool IsFinite => double.IsFinite(LogDeterminant) && TensorPrimitives.IsFiniteAll<double>(Covariance)
        && TensorPrimitives.IsFiniteAll<double>(Encoder) && TensorPrimitives.IsFiniteAll<double>(ExpectedErrors);

    /// <summary>Entropy of the observable distribution, nats.</summary>
    public double DecoderEntropy { get; }

    /// <summary>V', D x H, padded.</summary>
    public MatrixView<double> EncoderTransposed { get; }

    /// <summary>W', H x D, padded.</summary>
    public MatrixView<double> LoadingsTransposed { get; }

    /// <summary>With the exact posterior as encoder: <c>T = (I + W' S^-1 W)^-1</c>, <c>V = T W' S^-1</c>, S the noise.</summary>
    /// <exception cref="TrainingException">The matrix cannot be inverted: a parameter is not finite or far too large.</exception>
    public static LinearGaussian WithPosterior(double[] mean, double[] loadings, double[] noiseVariances)
    {
        int columns = mean.Length;
        int latents = loadings.Length / columns;
        DenseMatrix precision = Precision(loadings, noiseVariances, latents);
        Cholesky<double> factor = Factor(precision);
        DenseMatrix inverse = factor.Solve(DenseMatrix.Build.DenseIdentity(latents));
        double[] covariance = new double[latents * latents];
        for (int i = 0; i < covariance.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, latents);
            covariance[i] = 0.5 * (inverse[row, column] + inverse[column, row]);
        }

        double[] encoder = new double[latents * columns];
        for (int d = 0; d < columns; d++)
        {
            ReadOnlySpan<double> loading = loadings.AsSpan(d * latents, latents);
            for (int h = 0; h < latents; h++)
            {
                encoder[(h * columns) + d] =
                    VectorFold.Dot(covariance.AsSpan(h * latents, latents), loading) / noiseVariances[d];
            }
        }

        // The precision is R R', so z_h given the latents after it has the variance 1 / R_hh^2.
        double[] conditional = [.. factor.Factor.Diagonal().Select(r => 1 / (r * r))];
        return new LinearGaussian(mean, loadings, noiseVariances, encoder, covariance, conditional, -factor.DeterminantLn);
    }

    private static Cholesky<double> Factor(DenseMatrix precision)
    {
        try
        {
            return precision.Cholesky();
        }
        catch (ArgumentException error)
        {
            throw new TrainingException(
                "The loadings are too large for the noise variances: the latents' precision matrix cannot be inverted. Scale the columns, "
                    + "use fewer latents, or start without the checkpoint.",
                error);
        }
    }

    /// <summary><c>I + W' S^-1 W</c>, by one product of matrices: the number of latents may be large.</summary>
    private static DenseMatrix Precision(double[] loadings, double[] noiseVariances, int latents)
    {
        int columns = noiseVariances.Length;
        MatrixView<double> left = new Matrix<double>(latents, columns);
        MatrixView<double> right = new Matrix<double>(columns, latents);
        MatrixView<double> product = new Matrix<double>(latents, latents);
        for (int d = 0; d < columns; d++)
        {
            ReadOnlySpan<double> loading = loadings.AsSpan(d * latents, latents);
            loading.CopyTo(right[d]);
            for (int h = 0; h < latents; h++)
            {
                left[h][d] = loading[h] / noiseVariances[d];
            }
        }

        MatrixProduct.Multiply(left, right, product);
        double[] precision = new double[latents * latents];
        for (int i = 0; i < latents; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                precision[(i * latents) + j] = product[i][j] + (i == j ? 1 : 0);
                precision[(j * latents) + i] = precision[(i * latents) + j];
            }
        }

        return DenseMatrix.Build.Dense(latents, latents, precision);
    }

    /// <summary>With a free encoder of independent latents.</summary>
    public static LinearGaussian WithEncoder(
        double[] mean, double[] loadings, double[] noiseVariances, double[] encoder, double[] latentVariances)
    {
        int latents = latentVariances.Length;
        double[] covariance = new double[latents * latents];
        double logDeterminant = 0;
        for (int h = 0; h < latents; h++)
        {
            covariance[(h * latents) + h] = latentVariances[h];
            logDeterminant += Math.Log(latentVariances[h]);
        }

        return new LinearGaussian(mean, loadings, noiseVariances, encoder, covariance, latentVariances, logDeterminant);
    }

    /// <summary>Marginal variance of a latent.</summary>
    public double LatentVariance(int latent) => Covariance[(latent * Latents) + latent];

    /// <summary>Loads rows, centred on mu, and their latent means.</summary>
    public void Encode(ReadOnlySpan<double> rows, int count, LinearGaussianWorkspace work)
    {
        for (int row = 0; row < count; row++)
        {
            TensorPrimitives.Subtract(rows.Slice(row * Columns, Columns), Mean, work.Rows[row]);
        }

        MatrixProduct.Multiply(work.Rows.Slice(0, count), EncoderTransposed, work.Means.Slice(0, count));
    }

    /// <summary>After <see cref="Encode"/>: the rows less their reconstructions, in place of the centred rows.</summary>
    public void Subtract(int count, LinearGaussianWorkspace work)
    {
        MatrixProduct.Multiply(work.Means.Slice(0, count), LoadingsTransposed, work.Outputs.Slice(0, count));
        for (int row = 0; row < count; row++)
        {
            TensorPrimitives.Subtract(work.Rows[row], work.Outputs[row], work.Rows[row]);
        }
    }

    /// <summary>ELBO of a row in closed form from its latent means and its reconstruction error.</summary>
    public double RowElbo(ReadOnlySpan<double> means, ReadOnlySpan<double> errors)
    {
        double squares = 0;
        for (int d = 0; d < errors.Length; d++)
        {
            squares += ((errors[d] * errors[d]) + ExpectedErrors[d]) * _precisions[d];
        }

        return _normaliser - (0.5 * squares) - Kl(VectorFold.SumOfSquares(means) + Trace);
    }

    /// <summary>
    /// Expected log-likelihood of each column of a row, from its reconstruction error; their sum is what <see cref="RowElbo"/> has
    /// for it.
    /// </summary>
    public void ColumnTerms(ReadOnlySpan<double> errors, Span<double> target)
    {
        for (int d = 0; d < errors.Length; d++)
        {
            double square = ((errors[d] * errors[d]) + ExpectedErrors[d]) * _precisions[d];
            target[d] = -0.5 * (SpecialFunctions.LogTwoPi + Math.Log(NoiseVariances[d]) + square);
        }
    }

    /// <summary>
    /// KL divergence of a row by latents, from its latent means, in the chain rule's order: that of a latent given those after it,
    /// none below 0.
    /// </summary>
    public void KlTerms(ReadOnlySpan<double> means, Span<double> target)
    {
        for (int h = 0; h < means.Length; h++)
        {
            target[h] = 0.5 * ((means[h] * means[h]) + LatentVariance(h) - 1 - Math.Log(ConditionalVariances[h]));
        }
    }

    /// <summary>Entropy of the encoder by latents, in the same order; the same for every row.</summary>
    public void EntropyTerms(Span<double> target)
    {
        for (int h = 0; h < target.Length; h++)
        {
            target[h] = SpecialFunctions.StandardNormalEntropy + (0.5 * Math.Log(ConditionalVariances[h]));
        }
    }

    /// <summary>Expected log-likelihood, nats per row, from the mean expected squared errors of the columns.</summary>
    public double Reconstruction(ReadOnlySpan<double> meanSquares) =>
        _normaliser - (0.5 * VectorFold.Dot(meanSquares, _precisions));

    /// <summary>KL divergence, nats per row, from the sum over latents of the mean of E z^2.</summary>
    public double Kl(double secondMoment) => 0.5 * (secondMoment - Latents - LogDeterminant);

    /// <summary>Noise residual: <c>-1/2 sum_d (1 - s_d / sigma_d^2)</c>, s_d the columns' mean expected squared errors.</summary>
    public double NoiseResidual(ReadOnlySpan<double> meanSquares)
    {
        double residual = 0;
        for (int d = 0; d < meanSquares.Length; d++)
        {
            residual += NoiseResidual(d, meanSquares[d]);
        }

        return residual;
    }

    /// <summary>
    /// The second meter in closed form. With a the mean row at a row's latent means, e = x - a and v the spread that T adds:
    /// <c>E (m - x) m = e^2 + v - e x</c> and <c>E m^2 - x^2 = e^2 + v - 2 e x</c>.
    /// </summary>
    /// <param name="meanSquares">The means of <c>e^2 + v</c>.</param>
    /// <param name="errorProducts">The means of <c>e x</c>.</param>
    /// <param name="squares">The means of <c>x^2</c>.</param>
    public PseudoEntropyReport PseudoEntropies(
        ReadOnlySpan<double> meanSquares, ReadOnlySpan<double> errorProducts, ReadOnlySpan<double> squares)
    {
        double[] products = new double[Columns], differences = new double[Columns];
        TensorPrimitives.Subtract(meanSquares, errorProducts, products);
        TensorPrimitives.Subtract(products, errorProducts, differences);
        return PseudoEntropyReport.Gaussian(
            0.5 * LogDeterminant, Array.ConvertAll(NoiseVariances, Math.Log), products, differences, squares);
    }

    /// <summary>One column's share of it.</summary>
    public double NoiseResidual(int column, double meanSquare) => -0.5 * (1 - (meanSquare * _precisions[column]));

    private double[] SpreadOfMeans()
    {
        double[] spread = new double[Columns];
        for (int d = 0; d < Columns; d++)
        {
            ReadOnlySpan<double> loading = Loadings.AsSpan(d * Latents, Latents);
            for (int h = 0; h < Latents; h++)
            {
                spread[d] += loading[h] * VectorFold.Dot(Covariance.AsSpan(h * Latents, Latents), loading);
            }
        }

        return spread;
    }

    private static MatrixView<double> Transposed(double[] values, int rows, int columns)
    {
        MatrixView<double> view = new Matrix<double>(columns, rows);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                view[j][i] = values[(i * columns) + j];
            }
        }

        return view;
    }
}

/// <summary>Buffers of one thread for blocks of rows.</summary>
internal sealed class LinearGaussianWorkspace
{
    public LinearGaussianWorkspace(int maxRows, int columns, int latents)
    {
        Rows = new Matrix<double>(maxRows, columns);
        Means = new Matrix<double>(maxRows, latents);
        Outputs = new Matrix<double>(maxRows, columns);
    }

    public MatrixView<double> Rows { get; }

    public MatrixView<double> Means { get; }

    public MatrixView<double> Outputs { get; }
}
