using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// The bound of one row with <c>T = V V' + diag s^2</c> and its derivatives. With <c>D = diag s^2</c> and <c>K = I + V'D^-1 V</c>,
/// <c>log|T| = sum log d + log|K|</c>, <c>T^-1 V = D^-1 V K^-1</c> and <c>diag T^-1 = 1 / d - rowsum(D^-1 V K^-1 o D^-1 V)</c>: the
/// work is that of r + 1 products with A, and no matrix of H x H is made. A rank of 0 is a diagonal T.
/// </summary>
internal sealed class LowRankTerms(int latents, int rank)
{
    private readonly double[] _core = new double[ArraySize.Of(rank, rank)];
    private readonly double[] _inverse = new double[ArraySize.Of(rank, rank)];
    private readonly MatrixView<double> _images = new Matrix<double>(1 + rank, latents); // A times the vectors.
    private readonly MatrixView<double> _scaled = new Matrix<double>(Math.Max(1, rank), latents); // D^-1 V.
    private readonly MatrixView<double> _solved = new Matrix<double>(Math.Max(1, rank), latents); // D^-1 V K^-1.
    private readonly double[] _traces = new double[MatrixView<double>.PaddedStride(latents)];
    private readonly double[] _weights = new double[MatrixView<double>.PaddedStride(latents)];
    private PosteriorModel _model = null!;

    /// <summary>r.</summary>
    public int Rank { get; } = rank;

    /// <summary>nu, then the columns of V.</summary>
    public MatrixView<double> Vectors { get; } = new Matrix<double>(1 + rank, latents);

    /// <summary>s; 1 in the padding.</summary>
    public double[] Deviations { get; } = Filled(latents);

    /// <summary>Derivatives of the bound by nu, by s, and by the columns of V.</summary>
    public MatrixView<double> Gradients { get; } = new Matrix<double>(2 + rank, latents);

    /// <summary>The diagonal of T.</summary>
    public double[] Variances { get; } = new double[MatrixView<double>.PaddedStride(latents)];

    /// <summary>E |z|.</summary>
    public double[] Sizes { get; } = new double[MatrixView<double>.PaddedStride(latents)];

    /// <summary>As those of <see cref="RowPosterior"/>.</summary>
    public double HalfLogDeterminant { get; private set; }

    /// <summary>As those of <see cref="RowPosterior"/>.</summary>
    public double Misfit { get; private set; }

    /// <summary>The bound; not a number where the covariance is singular in double precision.</summary>
    public double Bound { get; private set; }

    /// <summary>Takes the parameters.</summary>
    public void Use(PosteriorModel model)
    {
        _model = model;
        for (int h = 0; h < latents; h++)
        {
            _traces[h] = Math.Max(model.Precision[h][h], model.CurvatureFloor);
            _weights[h] = model.Weights[h];
        }
    }

    /// <summary>Evaluates at <see cref="Vectors"/> and <see cref="Deviations"/>.</summary>
    /// <param name="pulls"><c>(delta / sigma^2) W'(x - mu)</c>, with padding.</param>
    public double Evaluate(ReadOnlySpan<double> pulls)
    {
        MatrixProduct.Multiply(Vectors, _model.Precision, _images);
        Spread();
        if (!SolveCore())
        {
            (HalfLogDeterminant, Misfit, Bound) = (double.NaN, double.NaN, double.NaN);
            return Bound;
        }

        Fold(pulls);
        return Bound;
    }

    /// <summary>Fills T^-1 at the latest evaluation, [H, H] row-major.</summary>
    public void Precision(Span<double> precision)
    {
        precision.Clear();
        for (int i = 0; i < latents; i++)
        {
            Span<double> row = precision.Slice(i * latents, latents);
            for (int k = 0; k < Rank; k++)
            {
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(_scaled[k], -_solved[k][i], row, row);
            }

            row[i] += 1 / (Deviations[i] * Deviations[i]);
        }
    }

    /// <summary>The diagonal of T, and <c>D^-1 V</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread()
    {
        Span<Vector512<double>> deviations = Vectors512(Deviations), variances = Vectors512(Variances);
        for (int i = 0; i < deviations.Length; i++)
        {
            variances[i] = deviations[i] * deviations[i];
        }

        for (int k = 0; k < Rank; k++)
        {
            Span<Vector512<double>> vector = Vectors512(Vectors.PaddedRow(1 + k)), scaled = Vectors512(_scaled.PaddedRow(k));
            for (int i = 0; i < vector.Length; i++)
            {
                scaled[i] = vector[i] / (deviations[i] * deviations[i]);
                variances[i] = Vector512.FusedMultiplyAdd(vector[i], vector[i], variances[i]);
            }
        }
    }

    /// <summary>K, its logarithm and <c>D^-1 V K^-1</c>; whether K is positive definite to working precision.</summary>
    private bool SolveCore()
    {
        HalfLogDeterminant = 0;
        if (Rank == 0)
        {
            return true;
        }

        for (int k = 0; k < Rank; k++)
        {
            for (int l = 0; l <= k; l++)
            {
                _core[(k * Rank) + l] = VectorFold.Dot(Vectors[1 + k], _scaled[l]) + (k == l ? 1 : 0);
            }
        }

        if (!Cholesky.TryFactor(_core, Rank, out _))
        {
            return false;
        }

        HalfLogDeterminant = 0.5 * Cholesky.LogDeterminant(_core, Rank);
        Cholesky.Inverse(_core, Rank, _inverse);
        for (int k = 0; k < Rank; k++)
        {
            Span<double> solved = _solved[k];
            solved.Clear();
            for (int l = 0; l < Rank; l++)
            {
                System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(_scaled[l], _inverse[(k * Rank) + l], solved, solved);
            }
        }

        return true;
    }

    /// <summary>Bound and derivatives. Idle lanes have mean 0, deviation 1 and weights of 0; nobody reads their derivatives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Fold(ReadOnlySpan<double> pulls)
    {
        Span<Vector512<double>> deviations = Vectors512(Deviations), variances = Vectors512(Variances), sizes = Vectors512(Sizes);
        Span<Vector512<double>> traces = Vectors512(_traces), weights = Vectors512(_weights), slopes = Vectors512(Gradients.PaddedRow(1));
        Span<Vector512<double>> means = Vectors512(Vectors.PaddedRow(0)), forces = Vectors512(_images.PaddedRow(0));
        Span<Vector512<double>> gradients = Vectors512(Gradients.PaddedRow(0));
        ReadOnlySpan<Vector512<double>> pull = MemoryMarshal.Cast<double, Vector512<double>>(pulls);
        Vector512<double> logs = Vector512<double>.Zero, prior = logs, fit = logs;
        for (int i = 0; i < means.Length; i++)
        {
            Vector512<double> rest = pull[i] - forces[i], variance = deviations[i] * deviations[i];
            LaplaceTerms terms = LaplaceTerms.Of(means[i], Vector512.Sqrt(variances[i]), weights[i]);
            sizes[i] = terms.Size;
            gradients[i] = rest - terms.Slope;
            logs += VectorFunctions.Log(deviations[i]);
            prior = Vector512.FusedMultiplyAdd(weights[i], terms.Size, prior);
            fit = Vector512.FusedMultiplyAdd(traces[i], variance, fit) - (means[i] * (pull[i] + rest));
            Vector512<double> inner = (Vector512<double>.One / variance) - traces[i] - terms.Curvature;
            for (int k = 0; k < Rank; k++)
            {
                Vector512<double> vector = Vectors512(Vectors.PaddedRow(1 + k))[i], image = Vectors512(_images.PaddedRow(1 + k))[i];
                Vector512<double> solved = Vectors512(_solved.PaddedRow(k))[i];
                inner -= solved * Vectors512(_scaled.PaddedRow(k))[i];
                fit = Vector512.FusedMultiplyAdd(vector, image, fit);
                Vectors512(Gradients.PaddedRow(2 + k))[i] = solved - image - (terms.Curvature * vector);
            }

            slopes[i] = deviations[i] * inner;
        }

        HalfLogDeterminant += VectorFold.Sum(logs);
        Misfit = VectorFold.Sum(fit);
        Bound = HalfLogDeterminant - VectorFold.Sum(prior) - (0.5 * Misfit);
    }

    private static double[] Filled(int latents)
    {
        double[] ones = new double[MatrixView<double>.PaddedStride(latents)];
        Array.Fill(ones, 1);
        return ones;
    }

    private static Span<Vector512<double>> Vectors512(Span<double> values) => MemoryMarshal.Cast<double, Vector512<double>>(values);
}
