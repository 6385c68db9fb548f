using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// For more latents than columns, by the identity of Woodbury: with <c>C = diag c</c> and
/// <c>K = (sigma^2 / delta) I + W C^-1 W'</c>, D x D, <c>T = C^-1 - C^-1 W' K^-1 W C^-1</c> and <c>log|T| = D log(sigma^2 / delta)
/// - log|K| - sum_h log c_h</c>.
/// </summary>
internal sealed class WideInverse(int columns, int latents) : LaneInverse(latents)
{
    private readonly AlignedBuffer<double> _kernel = Buffer(LaneCholesky.Length(columns));
    private readonly AlignedBuffer<double> _spread = Buffer(latents); // 1 / c.
    private readonly AlignedBuffer<double> _scaled = Buffer(columns * latents); // Y = L^-1 W C^-1, [H, D].
    private readonly AlignedBuffer<double> _work = Buffer(columns);
    private MatrixView<double> _fields;
    private double _noise;

    public override void Use(PosteriorModel model)
    {
        _noise = 1 / model.NoisePrecision;
        _fields = new Matrix<double>(Latents, columns);
        for (int d = 0; d < columns; d++)
        {
            for (int h = 0; h < Latents; h++)
            {
                _fields[h][d] = model.Fields[d][h];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Compute(ReadOnlySpan<Vector512<double>> curvatures)
    {
        Span<Vector512<double>> kernel = Vectors(_kernel), spread = Vectors(_spread);
        kernel.Clear();
        Vector512<double> logs = Vector512<double>.Zero;
        for (int h = 0; h < Latents; h++)
        {
            spread[h] = Vector512<double>.One / curvatures[h];
            logs += VectorFunctions.Log(spread[h]);
            AddOuter(_fields[h], spread[h], kernel);
        }

        for (int d = 0; d < columns; d++)
        {
            kernel[LaneCholesky.Length(d) + d] += Vector512.Create(_noise);
        }

        LaneCholesky.Factor(kernel, columns);
        for (int d = 0; d < columns; d++)
        {
            logs += 2 * VectorFunctions.Log(kernel[LaneCholesky.Length(d) + d]);
        }

        HalfLogDeterminant = 0.5 * (logs + Vector512.Create(columns * Math.Log(_noise)));
        for (int h = 0; h < Latents; h++)
        {
            Vector512<double> norm = Solve(_fields[h], spread[h], Scaled(h));
            Variances[h] = spread[h] - norm;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Multiply(ReadOnlySpan<Vector512<double>> v, Span<Vector512<double>> result)
    {
        Span<Vector512<double>> work = Vectors(_work), spread = Vectors(_spread);
        work.Clear();
        for (int h = 0; h < Latents; h++)
        {
            ReadOnlySpan<Vector512<double>> row = Scaled(h);
            for (int d = 0; d < row.Length; d++)
            {
                work[d] = Vector512.FusedMultiplyAdd(row[d], v[h], work[d]);
            }
        }

        for (int h = 0; h < Latents; h++)
        {
            result[h] = (spread[h] * v[h]) - Dot(Scaled(h), work);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddTo(Vector512<double> mask, Span<Vector512<double>> sums)
    {
        for (int h = 0; h < Latents; h++)
        {
            Span<Vector512<double>> target = sums.Slice(LaneCholesky.Length(h), h + 1);
            for (int k = 0; k <= h; k++)
            {
                target[k] -= Dot(Scaled(h), Scaled(k)) & mask;
            }

            target[h] += Vectors(_spread)[h] & mask;
        }
    }

    private Span<Vector512<double>> Scaled(int latent) => Vectors(_scaled).Slice(latent * columns, columns);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddOuter(ReadOnlySpan<double> field, Vector512<double> factor, Span<Vector512<double>> kernel)
    {
        int place = 0;
        for (int i = 0; i < field.Length; i++)
        {
            Vector512<double> left = factor * field[i];
            Span<Vector512<double>> row = kernel.Slice(place, i + 1);
            for (int j = 0; j < row.Length; j++)
            {
                row[j] = Vector512.FusedMultiplyAdd(left, Vector512.Create(field[j]), row[j]);
            }

            place += i + 1;
        }
    }

    /// <summary>target = L^-1 w / c; returns its squared length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Vector512<double> Solve(ReadOnlySpan<double> field, Vector512<double> factor, Span<Vector512<double>> target)
    {
        ReadOnlySpan<Vector512<double>> kernel = Vectors(_kernel);
        Vector512<double> norm = Vector512<double>.Zero;
        for (int i = 0; i < field.Length; i++)
        {
            ReadOnlySpan<Vector512<double>> row = kernel.Slice(LaneCholesky.Length(i), i + 1);
            Vector512<double> entry = ((factor * field[i]) - Dot(row[..i], target)) * row[i];
            target[i] = entry;
            norm = Vector512.FusedMultiplyAdd(entry, entry, norm);
        }

        return norm;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Dot(ReadOnlySpan<Vector512<double>> x, ReadOnlySpan<Vector512<double>> y)
    {
        Vector512<double> even = Vector512<double>.Zero, odd = even;
        y = y[..x.Length];
        int i = 0;
        for (; i + 2 <= x.Length; i += 2)
        {
            even = Vector512.FusedMultiplyAdd(x[i], y[i], even);
            odd = Vector512.FusedMultiplyAdd(x[i + 1], y[i + 1], odd);
        }

        return i < x.Length ? Vector512.FusedMultiplyAdd(x[i], y[i], even + odd) : even + odd;
    }
}
