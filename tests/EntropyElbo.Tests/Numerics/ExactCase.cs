using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Tests.Numerics;

/// <summary>One shape with whole-number factors from -3 to 3, its product by integer arithmetic, and the checks of each form.</summary>
internal sealed unsafe class ExactCase<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private static readonly T s_quarter = T.CreateChecked(0.25), s_half = T.CreateChecked(0.5);

    private readonly int _m, _n, _k;
    private readonly GuardedMatrix<T> _a, _aTransposed, _aLoose, _b, _bTransposed, _biasRow, _gates, _c, _wide;
    private readonly T[] _exact, _activated, _gated;
    private readonly ProductScratch<T> _scratch = new();

    public ExactCase(int m, int n, int k)
    {
        (_m, _n, _k) = (m, n, k);
        RandomStream random = new(3, RandomPurpose.Generation, (ulong)((m * 5000) + n), (ulong)k);
        int[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextInt(7) - 3)];
        int[] left = Draw(m * k), right = Draw(k * n), bias = Draw(n), gate = Draw(m * n);

        // A with any stride, the gaps not numbers; B, bias and gate padded with zeros; C once with a line to spare.
        _a = Matrix(m, k, (i, j) => left[(i * k) + j], T.NaN, k + (n % 3));
        _aTransposed = Matrix(k, m, (i, j) => left[(j * k) + i], T.Zero);
        _aLoose = Matrix(k, m, (i, j) => left[(j * k) + i], T.NaN, m + 1);
        _b = Matrix(k, n, (i, j) => right[(i * n) + j], T.Zero);
        _bTransposed = Matrix(n, k, (i, j) => right[(j * n) + i], T.Zero);
        _biasRow = Matrix(1, n, (_, j) => bias[j], T.Zero);
        _gates = Matrix(m, n, (i, j) => gate[(i * n) + j], T.Zero);
        _c = new(m, n, T.NaN);
        _wide = new(m, n, T.NaN, MatrixView<T>.PaddedStride(n) + MatrixView<T>.Line);

        int[] product = Product(left, right);
        _exact = [.. product.Select(T.CreateChecked)];
        _activated = [.. product.Select((p, at) => Leaky(p + bias[at % n]))];
        _gated = [.. _exact.Zip(gate, (p, g) => g <= 0 ? p * s_half : p)];
    }

    private int[] Product(int[] left, int[] right)
    {
        int[] product = new int[_m * _n];
        for (int i = 0; i < _m; i++)
        {
            for (int s = 0; s < _k; s++)
            {
                for (int j = 0; j < _n; j++)
                {
                    product[(i * _n) + j] += left[(i * _k) + s] * right[(s * _n) + j];
                }
            }
        }

        return product;
    }

    public void Check(SimdWidth width)
    {
        CheckMultiply(width);
        CheckTransposedRight(width);
        CheckTransposedLeft(width);
        GC.KeepAlive(this);
    }

    private void CheckMultiply(SimdWidth width)
    {
        MatrixProduct.Multiply(_a.View, _b.View, _wide.Spoil().View, _biasRow.View.PaddedRow(0), s_quarter, width);
        Compare(_wide, _activated, "bias and activation", width);
        MatrixProduct.Multiply(_a.View, _b.View, _c.Spoil().View, default, T.One, width);
        Compare(_c, _exact, "plain", width);
    }

    private void CheckTransposedRight(SimdWidth width)
    {
        MatrixProduct.MultiplyTransposedRight(_a.View, _bTransposed.View, _c.Spoil().View, _gates.View, s_half, _scratch, width);
        Compare(_c, _gated, "transposed right, gated", width);
        MatrixProduct.MultiplyTransposedRight(_a.View, _bTransposed.View, _wide.Spoil().View, default, s_half, _scratch, width);
        Compare(_wide, _exact, "transposed right", width);
    }

    private void CheckTransposedLeft(SimdWidth width)
    {
        MatrixProduct.MultiplyTransposedLeft(_aTransposed.View, _b.View, _c.Spoil().View, width);
        Compare(_c, _exact, "transposed left", width);
        MatrixProduct.MultiplyTransposedLeft(_aLoose.View, _b.View, _wide.Spoil().View, width);
        Compare(_wide, _exact, "transposed left, loose A", width);
    }

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

    private void Compare(GuardedMatrix<T> c, T[] expected, string form, SimdWidth width)
    {
        for (int i = 0; i < _m; i++)
        {
            ReadOnlySpan<T> row = expected.AsSpan(i * _n, _n);
            if (!c.View[i].SequenceEqual(row))
            {
                int j = c.View[i].CommonPrefixLength(row);
                Assert.Fail($"{c.View[i][j]} instead of {row[j]} at {i}, {j}: {Describe(form, width)}");
            }
        }

        string? fault = c.Fault();
        Assert.IsNull(fault, $"{fault}: {Describe(form, width)}");
    }

    private string Describe(string form, SimdWidth width) => $"m {_m}, n {_n}, k {_k}, {typeof(T).Name}, {width}, {form}";
}
