using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>
/// Second derivatives of minus the ELBO by the log noise variances. With u, l the eigenpairs of the scaled covariance, m
/// over those without a latent and h over those with one (Clarke 1970, written out anew):
/// <c>1/2 [ A o B + sum_h (u_h u_h') o sum_m (1 - l_m)(l_h + l_m)/(l_h - l_m) u_m u_m' ]</c>, o the product entry by entry,
/// <c>A = sum_m u_m u_m'</c>, <c>B = sum_m l_m u_m u_m'</c>. The first term is positive semi-definite and all that is left
/// where the model fits well (every l_m near 1).
/// </summary>
internal static class FactorAnalysisNewton
{
    /// <summary>Longest change of a log variance in one step: longer ones end at poorer optima more often (measured).</summary>
    private const double MaxStep = 1;

    /// <summary>A step from the point, or null where the damped matrix is not positive definite.</summary>
    /// <param name="point">Where the step starts.</param>
    /// <param name="hessian">Second derivatives, [D, D].</param>
    /// <param name="isFree">Which variances may move.</param>
    /// <param name="damping">Added to the diagonal.</param>
    public static double[]? Step(FactorAnalysisPoint point, double[] hessian, bool[] isFree, double damping)
    {
        int columns = point.LogVariances.Length;
        int[] free = [.. Enumerable.Range(0, columns).Where(d => isFree[d])];
        double[] matrix = new double[free.Length * free.Length];
        double[] solution = new double[free.Length];
        for (int i = 0; i < free.Length; i++)
        {
            solution[i] = point.Gradient[free[i]];
            for (int j = 0; j <= i; j++)
            {
                matrix[(i * free.Length) + j] = hessian[(free[i] * columns) + free[j]];
            }

            matrix[(i * free.Length) + i] += damping;
        }

        if (!Cholesky.TryFactor(matrix, free.Length, out _))
        {
            return null;
        }

        Cholesky.SolveLower(matrix, free.Length, solution);
        Cholesky.SolveTransposed(matrix, free.Length, solution);
        double[] step = new double[columns];
        for (int i = 0; i < free.Length; i++)
        {
            step[free[i]] = solution[i];
        }

        return Clamp(step);
    }

    /// <summary>No change of a log variance longer than one step may make; in place.</summary>
    public static double[] Clamp(double[] step)
    {
        for (int d = 0; d < step.Length; d++)
        {
            step[d] = Math.Clamp(step[d], -MaxStep, MaxStep);
        }

        return step;
    }

    /// <summary>The positive semi-definite part, from the pairs that have a latent alone.</summary>
    public static double[] PositivePart(FactorAnalysisPoint point)
    {
        int columns = point.LogVariances.Length;
        double[] hessian = new double[columns * columns];
        Panels panels = new(point.Pairs, 0, point.Active);
        MatrixView<double> projection = panels.Product(_ => 1);
        MatrixView<double> signal = panels.Product(h => point.Pairs.Values[h]);
        for (int i = 0; i < columns; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                int entry = (i * columns) + j;
                hessian[entry] = 0.5 * ((i == j ? 1 : 0) - projection[i][j]) * (point.Scaled[entry] - signal[i][j]);
            }
        }

        return hessian;
    }

    /// <summary>All of it, from all eigenpairs.</summary>
    public static double[] Exact(FactorAnalysisPoint point)
    {
        int columns = point.LogVariances.Length;
        double[] values = point.Pairs.Values;
        double[] hessian = new double[columns * columns];
        Panels panels = new(point.Pairs, point.Active, columns);
        MatrixView<double> rest = panels.Product(_ => 1);
        MatrixView<double> weighted = panels.Product(m => values[m]);
        for (int i = 0; i < columns; i++)
        {
            TensorPrimitives.Multiply(rest[i], weighted[i], hessian.AsSpan(i * columns, columns));
        }

        for (int h = 0; h < point.Active; h++)
        {
            double top = values[h];
            MatrixView<double> cross = panels.Product(m => Cross(top, values[m]));
            ReadOnlySpan<double> vector = point.Pairs.Vectors.AsSpan(h * columns, columns);
            for (int i = 0; i < columns; i++)
            {
                TensorPrimitives.Multiply(cross[i], vector, cross[i]);
                Span<double> row = hessian.AsSpan(i * columns, columns);
                TensorPrimitives.MultiplyAdd(cross[i], vector[i], row, row);
            }
        }

        TensorPrimitives.Multiply(hessian, 0.5, hessian);
        return hessian;
    }

    /// <summary>Bounded where two eigenvalues meet, and the derivative does not exist.</summary>
    private static double Cross(double top, double rest) => (1 - rest) * (top + rest) / Math.Max(top - rest, 1e-8 * top);

    /// <summary>Some eigenvectors as the rows of a padded matrix, and sums of their outer products.</summary>
    private sealed class Panels
    {
        private readonly MatrixView<double> _vectors;
        private readonly MatrixView<double> _weighted;
        private readonly int _first;

        public Panels(EigenPairs pairs, int first, int end)
        {
            int columns = pairs.Vectors.Length / pairs.Values.Length;
            _first = first;
            _vectors = new Matrix<double>(Math.Max(1, end - first), columns);
            _weighted = new Matrix<double>(Math.Max(1, end - first), columns);
            for (int i = first; i < end; i++)
            {
                pairs.Vectors.AsSpan(i * columns, columns).CopyTo(_vectors[i - first]);
            }
        }

        /// <summary>sum_i weight(i) u_i u_i', [D, D].</summary>
        public MatrixView<double> Product(Func<int, double> weight)
        {
            for (int i = 0; i < _vectors.Rows; i++)
            {
                TensorPrimitives.Multiply(_vectors[i], weight(_first + i), _weighted[i]);
            }

            MatrixView<double> result = new Matrix<double>(_vectors.Columns, _vectors.Columns);
            MatrixProduct.MultiplyTransposedLeft(_weighted, _vectors, result);
            return result;
        }
    }
}
