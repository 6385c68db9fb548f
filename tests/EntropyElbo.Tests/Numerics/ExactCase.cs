using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>One shape with whole-number factors from -3 to 3, its product by integer arithmetic, and the checks of each form.</summary>
internal sealed unsafe class ExactCase<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly T s_quarter = T.CreateChecked(0.25), s_half = T.CreateChecked(0.5);

    private readonly int _m, _n, _k;
    private readonly int[] _left, _right, _bias, _gate, _product;
    private readonly ProductScratch<T> _scratch = new();

    public ExactCase(int m, int n, int k)
    {
        (_m, _n, _k) = (m, n, k);
        RandomStream random = new(3, RandomPurpose.Generation, (ulong)((m * 5000) + n), (ulong)k);
        int[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextInt(7) - 3)];
        _left = Draw(m * k);
        _right = Draw(k * n);
        _bias = Draw(n);
        _gate = Draw(m * n);
        _product = new int[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int s = 0; s < k; s++)
            {
                for (int j = 0; j < n; j++)
                {
                    _product[(i * n) + j] += _left[(i * k) + s] * _right[(s * n) + j];
                }
            }
        }
    }

    public void CheckMultiply(SimdWidth width)
    {
        // A with any stride, the gaps not numbers; B and bias padded with zeros; C with a line to spare.
        GuardedMatrix<T> a = Matrix(_m, _k, (i, j) => _left[(i * _k) + j], T.NaN, _k + (_n % 3));
        GuardedMatrix<T> b = Matrix(_k, _n, (i, j) => _right[(i * _n) + j], T.Zero);
        GuardedMatrix<T> bias = Matrix(1, _n, (_, j) => _bias[j], T.Zero);
        GuardedMatrix<T> c = new(_m, _n, T.NaN, MatrixView<T>.PaddedStride(_n) + MatrixView<T>.Line);
        MatrixProduct.Multiply(a.View, b.View, c.View, bias.View.Data, s_quarter, width);
        Compare(c, (i, j) => Leaky(_product[(i * _n) + j] + _bias[j]), "bias and activation", width);

        MatrixProduct.Multiply(a.View, b.View, c.View, null, T.One, width);
        Compare(c, (i, j) => T.CreateChecked(_product[(i * _n) + j]), "plain", width);
        KeepAlive(a, b, bias);
    }

    public void CheckTransposedRight(SimdWidth width)
    {
        GuardedMatrix<T> a = Matrix(_m, _k, (i, j) => _left[(i * _k) + j], T.NaN, _k + (_n % 2));
        GuardedMatrix<T> b = Matrix(_n, _k, (i, j) => _right[(j * _n) + i], T.Zero);
        GuardedMatrix<T> gate = Matrix(_m, _n, (i, j) => _gate[(i * _n) + j], T.Zero);
        GuardedMatrix<T> c = new(_m, _n, T.NaN);
        MatrixProduct.MultiplyTransposedRight(a.View, b.View, c.View, gate.View, s_half, _scratch, width);
        Compare(
            c,
            (i, j) => T.CreateChecked(_product[(i * _n) + j]) * (_gate[(i * _n) + j] <= 0 ? s_half : T.One),
            "transposed right, gated",
            width);

        MatrixProduct.MultiplyTransposedRight(a.View, b.View, c.View, default, s_half, _scratch, width);
        Compare(c, (i, j) => T.CreateChecked(_product[(i * _n) + j]), "transposed right", width);
        KeepAlive(a, b, gate);
    }

    public void CheckTransposedLeft(SimdWidth width)
    {
        GuardedMatrix<T> padded = Matrix(_k, _m, (i, j) => _left[(j * _k) + i], T.Zero);
        GuardedMatrix<T> loose = Matrix(_k, _m, (i, j) => _left[(j * _k) + i], T.NaN, _m + 1);
        GuardedMatrix<T> b = Matrix(_k, _n, (i, j) => _right[(i * _n) + j], T.Zero);
        GuardedMatrix<T> c = new(_m, _n, T.NaN);
        MatrixProduct.MultiplyTransposedLeft(padded.View, b.View, c.View, width);
        Compare(c, (i, j) => T.CreateChecked(_product[(i * _n) + j]), "transposed left", width);

        GuardedMatrix<T> second = new(_m, _n, T.NaN, MatrixView<T>.PaddedStride(_n) + MatrixView<T>.Line);
        MatrixProduct.MultiplyTransposedLeft(loose.View, b.View, second.View, width);
        Compare(second, (i, j) => T.CreateChecked(_product[(i * _n) + j]), "transposed left, loose A", width);
        KeepAlive(padded, loose, b);
    }

    /// <summary>A view does not keep its memory alive; the owner must live until the products are done.</summary>
    private static void KeepAlive(params object[] owners) => GC.KeepAlive(owners);

    private static T Leaky(int x) => T.CreateChecked(x) * (x < 0 ? s_quarter : T.One);

    private static GuardedMatrix<T> Matrix(int rows, int columns, Func<int, int, int> entry, T padding, int? stride = null)
    {
        GuardedMatrix<T> result = new(rows, columns, padding, stride);
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                result.View[i][j] = T.CreateChecked(entry(i, j));
            }
        }

        return result;
    }

    private void Compare(GuardedMatrix<T> c, Func<int, int, T> expected, string form, SimdWidth width)
    {
        for (int i = 0; i < _m; i++)
        {
            for (int j = 0; j < _n; j++)
            {
                if (c.View[i][j] != expected(i, j))
                {
                    Assert.Fail($"{c.View[i][j]} instead of {expected(i, j)} at {i}, {j}: {Describe(form, width)}");
                }
            }
        }

        c.AssertGuardsIntact(Describe(form, width));
        c.AssertPaddingZero(Describe(form, width));
    }

    private string Describe(string form, SimdWidth width) => $"m {_m}, n {_n}, k {_k}, {typeof(T).Name}, {width}, {form}";
}
