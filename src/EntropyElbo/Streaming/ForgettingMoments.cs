using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Streaming;

/// <summary>
/// Exponentially weighted mean and scatter of a stream: a row that lies i rows back weighs <c>(1 - rho)^i</c>. Blocks are centred on
/// their own mean and merged as <see cref="Data.RowMoments"/> merges (Chan, Golub and LeVeque 1983), so no digits are lost at large
/// offsets. Memory: 16 D^2 bytes and two blocks of rows. Not safe to share between threads.
/// </summary>
internal sealed class ForgettingMoments
{
    /// <summary>Rows that are merged together.</summary>
    public const int BlockRows = 256;

    private readonly double[] _powers;
    private readonly double[] _blockMean;
    private readonly double[] _difference;
    private readonly MatrixView<double> _centred;
    private readonly MatrixView<double> _blockScatter;
    private readonly MatrixView<double> _scatter;

    /// <summary>No rows yet.</summary>
    /// <param name="columns">Columns, D.</param>
    /// <param name="memory">Rows that the weights of an endless stream amount to, <c>(2 - rho) / rho</c>.</param>
    public ForgettingMoments(int columns, double memory)
    {
        _powers = Powers(memory);
        Mean = new double[columns];
        _blockMean = new double[columns];
        _difference = new double[columns];
        _centred = new Matrix<double>(BlockRows, columns);
        _blockScatter = new Matrix<double>(columns, columns);
        _scatter = new Matrix<double>(columns, columns);
    }

    /// <summary>Columns, D.</summary>
    public int Columns => Mean.Length;

    /// <summary>The weighted mean, D values.</summary>
    public double[] Mean { get; }

    /// <summary>Sum of the weights.</summary>
    public double Weight { get; private set; }

    /// <summary>Sum of the squared weights.</summary>
    public double SquaredWeight { get; private set; }

    /// <summary>Rows of equal weight that would tell as much: <c>(sum w)^2 / sum w^2</c>.</summary>
    public double EffectiveRows => SquaredWeight > 0 ? Weight * Weight / SquaredWeight : 0;

    /// <summary>Weights of rows that lie 0, 1, ... up to a block of rows back.</summary>
    public static double[] Powers(double memory)
    {
        // By products: a power of the C library need not have the same bits everywhere.
        double kept = (memory - 1) / (memory + 1);
        double[] powers = new double[BlockRows + 1];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * kept;
        }

        return powers;
    }

    /// <summary>Forgets all rows.</summary>
    public void Forget()
    {
        Mean.AsSpan().Clear();
        for (int i = 0; i < Columns; i++)
        {
            _scatter[i].Clear();
        }

        (Weight, SquaredWeight) = (0, 0);
    }

    /// <summary>Adds one block of rows.</summary>
    /// <param name="rows">[n, D], finite, n from 1 to <see cref="BlockRows"/>.</param>
    public void Add(ReadOnlySpan<double> rows)
    {
        int count = rows.Length / Columns;
        double weight = BlockMean(rows, count);
        for (int i = 0; i < count; i++)
        {
            Span<double> centred = _centred[i];
            TensorPrimitives.Subtract(rows.Slice(i * Columns, Columns), _blockMean, centred);
            TensorPrimitives.Multiply(centred, Math.Sqrt(_powers[count - 1 - i]), centred);
        }

        MatrixView<double> block = _centred.Slice(0, count);
        MatrixProduct.MultiplyTransposedLeft(block, block, _blockScatter);
        Merge(count, weight);
    }

    /// <summary>The weighted covariance: [D, D], symmetric.</summary>
    public double[] Covariance()
    {
        double[] covariance = new double[Columns * Columns];
        for (int i = 0; i < Columns; i++)
        {
            for (int j = i; j < Columns; j++)
            {
                covariance[(i * Columns) + j] = covariance[(j * Columns) + i] = _scatter[i][j] / Weight;
            }
        }

        return covariance;
    }

    /// <summary>The scatter's upper triangle, row by row: what a state file holds.</summary>
    public double[] Triangle()
    {
        double[] values = new double[TriangleLength(Columns)];
        int at = 0;
        for (int i = 0; i < Columns; i++)
        {
            _scatter[i][i..].CopyTo(values.AsSpan(at));
            at += Columns - i;
        }

        return values;
    }

    /// <summary>Entries of the upper triangle.</summary>
    public static int TriangleLength(int columns) => columns * (columns + 1) / 2;

    /// <summary>Takes the place where another instance stopped.</summary>
    public void Restore(ReadOnlySpan<double> mean, ReadOnlySpan<double> triangle, double weight, double squaredWeight)
    {
        mean.CopyTo(Mean);
        for (int i = 0, at = 0; i < Columns; at += Columns - i, i++)
        {
            triangle.Slice(at, Columns - i).CopyTo(_scatter[i][i..]);
        }

        Weight = weight;
        SquaredWeight = squaredWeight;
    }

    // The weighted mean of a block, from its first row on: exact for constant columns. Returns the sum of the weights.
    private double BlockMean(ReadOnlySpan<double> rows, int count)
    {
        ReadOnlySpan<double> first = rows[..Columns];
        double weight = 0;
        _blockMean.AsSpan().Clear();
        for (int i = 0; i < count; i++)
        {
            double w = _powers[count - 1 - i];
            weight += w;
            TensorPrimitives.Subtract(rows.Slice(i * Columns, Columns), first, _difference);
            TensorPrimitives.MultiplyAdd(_difference, w, _blockMean, _blockMean);
        }

        TensorPrimitives.Divide(_blockMean, weight, _blockMean);
        TensorPrimitives.Add(_blockMean, first, _blockMean);
        return weight;
    }

    private void Merge(int count, double weight)
    {
        double kept = _powers[count];
        double old = Weight * kept;
        double total = old + weight;
        double between = old / total * weight;
        TensorPrimitives.Subtract(_blockMean, Mean, _difference);
        for (int i = 0; i < Columns; i++)
        {
            Span<double> target = _scatter[i][i..];
            TensorPrimitives.MultiplyAdd(target, kept, _blockScatter[i][i..], target);
            if (old > 0)
            {
                TensorPrimitives.MultiplyAdd(_difference.AsSpan(i), between * _difference[i], target, target);
            }
        }

        TensorPrimitives.MultiplyAdd(_difference, weight / total, Mean, Mean);
        double squares = 0;
        for (int i = 0; i < count; i++)
        {
            squares += _powers[i] * _powers[i];
        }

        SquaredWeight = (SquaredWeight * kept * kept) + squares;
        Weight = total;
    }
}
