using System.Numerics.Tensors;

namespace EntropyElbo.Numerics;

/// <summary>
/// Largest eigenvalues of a symmetric tridiagonal matrix by bisection, and their eigenvectors by inverse iteration with
/// orthogonalisation against all vectors before (Golub and Van Loan, sec. 8.4; Wilkinson 1965): eigenvalues are counted,
/// so none of a cluster is missed.
/// </summary>
internal static class TridiagonalEigen
{
    private const double Epsilon = 2.220446049250313e-16;

    /// <summary>Solves of inverse iteration at most; two do nearly always.</summary>
    private const int MaxSolves = 8;

    /// <summary>The largest eigenvalues, falling.</summary>
    public static double[] Values(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> offDiagonal, int count)
    {
        int n = diagonal.Length;
        double[] squares = new double[n];
        double low = double.PositiveInfinity;
        double high = double.NegativeInfinity;
        for (int i = 0; i < n; i++)
        {
            squares[i] = offDiagonal[i] * offDiagonal[i];
            double radius = Math.Abs(offDiagonal[i]) + (i > 0 ? Math.Abs(offDiagonal[i - 1]) : 0);
            low = Math.Min(low, diagonal[i] - radius);
            high = Math.Max(high, diagonal[i] + radius);
        }

        double tolerance = Epsilon * Math.Max(Math.Abs(low), Math.Abs(high));
        low -= 4 * n * tolerance;
        high += 4 * n * tolerance;
        double[] values = new double[count];
        double[] floors = new double[count];
        Array.Fill(floors, low);
        for (int j = 0; j < count; j++)
        {
            double bottom = floors[j];
            double top = j > 0 ? Math.Max(bottom, Math.Min(high, values[j - 1] + tolerance)) : high;
            while (top - bottom > tolerance)
            {
                double middle = bottom + (0.5 * (top - bottom));
                if (middle <= bottom || middle >= top)
                {
                    break;
                }

                int above = n - CountBelow(diagonal, squares, middle, tolerance);
                for (int i = j + 1; i < Math.Min(above, count); i++)
                {
                    floors[i] = Math.Max(floors[i], middle);
                }

                (bottom, top) = above > j ? (middle, top) : (bottom, middle);
            }

            values[j] = Math.Min(bottom + (0.5 * (top - bottom)), j > 0 ? values[j - 1] : double.PositiveInfinity);
        }

        return values;
    }

    /// <summary>Eigenvectors of given eigenvalues, [count, n], orthonormal.</summary>
    public static double[] Vectors(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> offDiagonal, ReadOnlySpan<double> values)
    {
        int n = diagonal.Length;
        double[] vectors = new double[values.Length * n];
        double norm = TensorPrimitives.MaxMagnitude(diagonal) + (2 * TensorPrimitives.MaxMagnitude(offDiagonal));
        TridiagonalFactors factors = new(n);
        RandomStream random = new(1, RandomPurpose.Initialisation, 0x7472);
        double shifted = double.PositiveInfinity;
        for (int j = 0; j < values.Length; j++)
        {
            // Shifts a rounding apart, or equal eigenvalues would give one vector again and again.
            shifted = Math.Min(values[j], shifted - (4 * Epsilon * norm));
            factors.Factor(diagonal, offDiagonal, shifted, Epsilon * norm);
            Span<double> vector = vectors.AsSpan(j * n, n);
            random.FillGaussian(vector);
            for (int solve = 0; solve < MaxSolves; solve++)
            {
                factors.Solve(vector);
                TensorPrimitives.Divide(vector, TensorPrimitives.MaxMagnitude<double>(vector), vector);
                if (!Orthonormalise(vector, vectors.AsSpan(0, j * n)))
                {
                    random.FillGaussian(vector);
                }
                else if (solve > 0 && Residual(diagonal, offDiagonal, values[j], vector) <= 16 * Epsilon * norm)
                {
                    break;
                }
            }
        }

        return vectors;
    }

    /// <summary>Eigenvalues below a bound: negative pivots of the factors of T - bound (Sylvester's law of inertia).</summary>
    private static int CountBelow(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> squares, double bound, double tiny)
    {
        int count = 0;
        double pivot = 1;
        double square = 0;
        for (int i = 0; i < diagonal.Length; i++)
        {
            pivot = diagonal[i] - bound - (square / pivot);
            if (Math.Abs(pivot) < tiny * Epsilon)
            {
                pivot = -tiny * Epsilon - double.Epsilon;
            }

            count += pivot < 0 ? 1 : 0;
            square = squares[i];
        }

        return count;
    }

    /// <summary>Twice is enough (Kahan); false where nothing is left.</summary>
    private static bool Orthonormalise(Span<double> vector, ReadOnlySpan<double> before)
    {
        double length = Math.Sqrt(VectorFold.SumOfSquares(vector));
        TensorPrimitives.Divide(vector, length, vector);
        for (int pass = 0; pass < 2; pass++)
        {
            for (int i = 0; i < before.Length; i += vector.Length)
            {
                ReadOnlySpan<double> other = before.Slice(i, vector.Length);
                TensorPrimitives.MultiplyAdd(other, -VectorFold.Dot(other, vector), vector, vector);
            }

            length = Math.Sqrt(VectorFold.SumOfSquares(vector));
            if (!(length > 1e-8))
            {
                return false;
            }

            TensorPrimitives.Divide(vector, length, vector);
        }

        return true;
    }

    private static double Residual(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> offDiagonal, double value, ReadOnlySpan<double> x)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double r = ((diagonal[i] - value) * x[i])
                + (i > 0 ? offDiagonal[i - 1] * x[i - 1] : 0)
                + (i + 1 < x.Length ? offDiagonal[i] * x[i + 1] : 0);
            sum += r * r;
        }

        return Math.Sqrt(sum);
    }
}

/// <summary>LU factors of a shifted symmetric tridiagonal matrix, with row exchanges.</summary>
internal sealed class TridiagonalFactors(int n)
{
    private readonly double[] _pivots = new double[n];
    private readonly double[] _first = new double[n];
    private readonly double[] _second = new double[n];
    private readonly double[] _factors = new double[n];
    private readonly bool[] _exchanged = new bool[n];

    /// <summary>Factors T - shift; pivots smaller than <paramref name="tiny"/> are replaced by it.</summary>
    public void Factor(ReadOnlySpan<double> diagonal, ReadOnlySpan<double> offDiagonal, double shift, double tiny)
    {
        double current = diagonal[0] - shift;
        double next = offDiagonal[0];
        for (int i = 0; i + 1 < n; i++)
        {
            double below = offDiagonal[i];
            double diagonalBelow = diagonal[i + 1] - shift;
            double nextBelow = i + 2 < n ? offDiagonal[i + 1] : 0;
            _exchanged[i] = Math.Abs(below) > Math.Abs(current);
            if (_exchanged[i])
            {
                _factors[i] = current / below;
                (_pivots[i], _first[i], _second[i]) = (below, diagonalBelow, nextBelow);
                current = next - (_factors[i] * diagonalBelow);
                next = -_factors[i] * nextBelow;
            }
            else
            {
                _pivots[i] = AwayFromZero(current, tiny);
                _factors[i] = below / _pivots[i];
                (_first[i], _second[i]) = (next, 0);
                current = diagonalBelow - (_factors[i] * next);
                next = nextBelow;
            }
        }

        _pivots[n - 1] = AwayFromZero(current, tiny);
    }

    /// <summary>Overwrites a vector with the solution.</summary>
    public void Solve(Span<double> x)
    {
        for (int i = 0; i + 1 < n; i++)
        {
            if (_exchanged[i])
            {
                (x[i], x[i + 1]) = (x[i + 1], x[i]);
            }

            x[i + 1] -= _factors[i] * x[i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            double rest = x[i];
            if (i + 1 < n)
            {
                rest -= _first[i] * x[i + 1];
            }

            if (i + 2 < n)
            {
                rest -= _second[i] * x[i + 2];
            }

            x[i] = rest / _pivots[i];
        }
    }

    private static double AwayFromZero(double pivot, double tiny) =>
        Math.Abs(pivot) >= tiny ? pivot : pivot < 0 ? -tiny : tiny;
}
