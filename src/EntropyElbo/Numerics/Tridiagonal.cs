using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EntropyElbo.Numerics;

/// <summary>
/// A symmetric matrix reduced to tridiagonal form by Householder reflections (Golub and Van Loan, Matrix Computations,
/// algorithm 8.3.1). Each step passes over what is left of the matrix once: the rank-two update of the step before, and
/// with it the product that the next reflection needs. One thread: steps of microseconds are too short to share.
/// </summary>
internal sealed class Tridiagonal
{
    private readonly double[] _matrix;
    private readonly double[] _scales;
    private readonly int _n;
    private double[] _left;
    private double[] _right;
    private double[] _reflector;
    private double[] _product;

    /// <summary>Reduces a matrix.</summary>
    /// <param name="matrix">[n, n], symmetric; entries small enough to be squared.</param>
    /// <param name="n">Rows and columns.</param>
    public Tridiagonal(ReadOnlySpan<double> matrix, int n)
    {
        _matrix = matrix.ToArray();
        _n = n;
        _scales = new double[n];
        Diagonal = new double[n];
        OffDiagonal = new double[n];
        (_left, _right, _reflector, _product) = (new double[n], new double[n], new double[n], new double[n]);
        for (int k = 0; k < n; k++)
        {
            Reduce(k);
        }
    }

    /// <summary>Rows and columns.</summary>
    public int Size => _n;

    /// <summary>The diagonal.</summary>
    public double[] Diagonal { get; }

    /// <summary>Entry k stands between k and k + 1; the last is 0.</summary>
    public double[] OffDiagonal { get; }

    /// <summary>Takes a vector of the tridiagonal matrix's coordinates back to those of the matrix.</summary>
    public void BackTransform(Span<double> vector)
    {
        for (int k = _n - 3; k >= 0; k--)
        {
            ReadOnlySpan<double> reflector = _matrix.AsSpan((k * _n) + k + 1, _n - k - 1);
            Span<double> part = vector[(k + 1)..];
            double factor = -_scales[k] * VectorFold.Dot(reflector, part);
            TensorPrimitives.MultiplyAdd(reflector, factor, part, part);
        }
    }

    /// <summary>Column k: the update of the step before, then the reflection that clears the column.</summary>
    private void Reduce(int k)
    {
        Span<double> row = _matrix.AsSpan(k * _n, _n);
        Update(row[k..], _left.AsSpan(k), _right.AsSpan(k), _left[k], _right[k]);
        Diagonal[k] = row[k];
        if (k == _n - 1)
        {
            return;
        }

        Reflect(k, row[(k + 1)..]);
        int first = k + 1;
        Pass(first);
        Span<double> reflector = _reflector.AsSpan(first);
        Span<double> product = _product.AsSpan(first);
        double scale = _scales[k];
        TensorPrimitives.Multiply(product, scale, product);
        double shift = -0.5 * scale * VectorFold.Dot(product, reflector);
        TensorPrimitives.MultiplyAdd(reflector, shift, product, product);
        (_left, _reflector) = (_reflector, _left);
        (_right, _product) = (_product, _right);
    }

    /// <summary>The reflection that takes a row to a multiple of its first unit vector, kept in the row's place.</summary>
    private void Reflect(int k, Span<double> row)
    {
        Span<double> reflector = _reflector.AsSpan(k + 1);
        double tail = VectorFold.SumOfSquares(row[1..]);
        if (tail == 0)
        {
            OffDiagonal[k] = row[0];
            _scales[k] = 0;
            reflector.Clear();
            row.Clear();
            return;
        }

        double length = Math.Sqrt((row[0] * row[0]) + tail);
        OffDiagonal[k] = row[0] > 0 ? -length : length;
        row[0] -= OffDiagonal[k];
        _scales[k] = 2 / ((row[0] * row[0]) + tail);
        row.CopyTo(reflector);
    }

    private void Pass(int first)
    {
        ReadOnlySpan<double> left = _left.AsSpan(first);
        ReadOnlySpan<double> right = _right.AsSpan(first);
        ReadOnlySpan<double> reflector = _reflector.AsSpan(first);
        for (int i = first; i < _n; i++)
        {
            _product[i] = UpdateAndMultiply(
                _matrix.AsSpan((i * _n) + first, _n - first), left, right, reflector, _left[i], _right[i]);
        }
    }

    private static void Update(Span<double> row, ReadOnlySpan<double> left, ReadOnlySpan<double> right, double l, double r)
    {
        for (int j = 0; j < row.Length; j++)
        {
            row[j] = Math.FusedMultiplyAdd(-r, left[j], Math.FusedMultiplyAdd(-l, right[j], row[j]));
        }
    }

    /// <summary>row -= l right + r left; returns its product with the reflector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double UpdateAndMultiply(
        Span<double> row, ReadOnlySpan<double> left, ReadOnlySpan<double> right, ReadOnlySpan<double> reflector, double l, double r)
    {
        const int width = 8;
        int whole = row.Length / width;
        Vector512<double> minusL = Vector512.Create(-l);
        Vector512<double> minusR = Vector512.Create(-r);
        Vector512<double> even = Vector512<double>.Zero;
        Vector512<double> odd = Vector512<double>.Zero;
        Span<Vector512<double>> rows = MemoryMarshal.Cast<double, Vector512<double>>(row);
        ReadOnlySpan<Vector512<double>> lefts = MemoryMarshal.Cast<double, Vector512<double>>(left)[..whole];
        ReadOnlySpan<Vector512<double>> rights = MemoryMarshal.Cast<double, Vector512<double>>(right)[..whole];
        ReadOnlySpan<Vector512<double>> reflectors = MemoryMarshal.Cast<double, Vector512<double>>(reflector)[..whole];
        int v = 0;
        for (; v + 1 < rows.Length; v += 2)
        {
            Vector512<double> a = Vector512.FusedMultiplyAdd(minusR, lefts[v], Vector512.FusedMultiplyAdd(minusL, rights[v], rows[v]));
            Vector512<double> b = Vector512.FusedMultiplyAdd(
                minusR, lefts[v + 1], Vector512.FusedMultiplyAdd(minusL, rights[v + 1], rows[v + 1]));
            rows[v] = a;
            rows[v + 1] = b;
            even = Vector512.FusedMultiplyAdd(a, reflectors[v], even);
            odd = Vector512.FusedMultiplyAdd(b, reflectors[v + 1], odd);
        }

        double sum = VectorFold.Sum(even + odd);
        for (int j = v * width; j < row.Length; j++)
        {
            row[j] = Math.FusedMultiplyAdd(-r, left[j], Math.FusedMultiplyAdd(-l, right[j], row[j]));
            sum = Math.FusedMultiplyAdd(row[j], reflector[j], sum);
        }

        return sum;
    }
}
