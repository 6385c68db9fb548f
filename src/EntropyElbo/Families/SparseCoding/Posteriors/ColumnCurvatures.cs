using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SparseCoding.Posteriors;

/// <summary>
/// Minus the second derivatives of every column's terms by <c>(w_d, b_d)</c>, q held still, summed over rows: with the weights e of the
/// rows <c>sum e [(u, 1)(u, 1)' + T]</c>, where <c>u = nu</c>, or <c>nu + T w_d</c> where a weight follows its mean as a rate does. Of
/// Gaussian columns a step of Newton's is the exact M-step, over the rows that show the column.
/// </summary>
internal sealed class ColumnCurvatures(int columns, int latents, bool isDiagonal)
{
    private readonly double[] _all = new double[ArraySize.Of(columns, (latents + 1) * (latents + 1))];
    private readonly double[] _covariance = new double[ArraySize.Of(latents, latents)];
    private readonly double[] _vector = new double[latents + 1];

    /// <summary>Numbers that are held.</summary>
    public static double Size(int columns, int latents) => (double)columns * (latents + 1) * (latents + 1);

    /// <summary>Back to no rows.</summary>
    public void Clear() => Array.Clear(_all);

    /// <summary>Adds other rows' sums.</summary>
    public void Merge(ColumnCurvatures other) => TensorPrimitives.Add<double>(_all, other._all, _all);

    /// <summary>Adds a row as often as it counts.</summary>
    public void Add(RowState state, ColumnTerms terms, double rowWeight)
    {
        if (!isDiagonal)
        {
            Cholesky.Inverse(state.Factor, latents, _covariance);
        }

        _vector[latents] = 1;
        for (int d = 0; d < columns; d++)
        {
            double weight = rowWeight * state.WeightTarget[d];
            if (weight == 0)
            {
                continue;
            }

            state.Mean.AsSpan(0, latents).CopyTo(_vector);
            if (terms.WeightsFollowMeans)
            {
                TensorPrimitives.Add(_vector.AsSpan(0, latents), state.Images[d], _vector.AsSpan(0, latents));
            }

            Add(Column(d), state, weight);
        }
    }

    /// <summary>The step of Newton's method for a column's slopes; false where its curvature is singular.</summary>
    /// <param name="column">The column.</param>
    /// <param name="slopes">H derivatives by its weights, and the one by its offset where that is learned; becomes the step.</param>
    public bool TrySolve(int column, Span<double> slopes)
    {
        int size = slopes.Length;
        double[] factor = new double[size * size];
        for (int i = 0; i < size; i++)
        {
            Column(column).Slice(i * (latents + 1), size).CopyTo(factor.AsSpan(i * size));
        }

        if (!Cholesky.TryFactor(factor, size, out _))
        {
            return false;
        }

        Cholesky.SolveLower(factor, size, slopes);
        Cholesky.SolveTransposed(factor, size, slopes);
        return true;
    }

    /// <summary>Whether no row shows a column.</summary>
    public bool IsUnseen(int column) => Column(column)[^1] == 0;

    private Span<double> Column(int column) => _all.AsSpan(column * (latents + 1) * (latents + 1), (latents + 1) * (latents + 1));

    private void Add(Span<double> target, RowState state, double weight)
    {
        for (int i = 0; i <= latents; i++)
        {
            Span<double> line = target.Slice(i * (latents + 1), latents + 1);
            TensorPrimitives.MultiplyAdd(_vector, weight * _vector[i], line, line);
            if (i == latents)
            {
                continue;
            }

            if (isDiagonal)
            {
                line[i] += weight * state.Variance[i];
            }
            else
            {
                TensorPrimitives.MultiplyAdd(_covariance.AsSpan(i * latents, latents), weight, line[..latents], line[..latents]);
            }
        }
    }
}
