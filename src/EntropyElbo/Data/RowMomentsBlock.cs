using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>One block of rows with its mean and scatter matrix: the share of one thread in <see cref="RowMoments"/>.</summary>
internal sealed unsafe class RowMomentsBlock
{
    /// <summary>Rows of the scatter matrix that are computed together; entries left of a panel's first column are left out.</summary>
    public const int PanelColumns = 96;

    /// <summary>Rows that are read, checked and scaled while they are near.</summary>
    private const int ReadRows = 32;

    private readonly double[] _rows;
    private readonly double[] _mean;
    private readonly double[] _weights;
    private readonly double[] _weighted;
    private readonly MatrixView<double> _centred;

    /// <summary>No rows yet.</summary>
    /// <param name="columns">Columns, D.</param>
    /// <param name="hasWeights">Whether rows have weights.</param>
    public RowMomentsBlock(int columns, bool hasWeights = false)
    {
        _weights = hasWeights ? new double[RowMoments.BlockRows] : [];
        _weighted = hasWeights ? new double[columns] : [];
        _rows = new double[RowMoments.BlockRows * columns];
        _mean = new double[columns];
        _centred = new Matrix<double>(RowMoments.BlockRows, columns);
        Scatter = new Matrix<double>(columns, columns);
    }

    /// <summary>Rows filled in.</summary>
    public int Rows { get; private set; }

    /// <summary>What their weights sum to.</summary>
    public double Weight { get; private set; }

    /// <summary>Mean of the rows.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>The upper triangle of the scatter matrix about the mean, by panels.</summary>
    public MatrixView<double> Scatter { get; }

    private int Columns => _mean.Length;

    /// <summary>Takes the next rows of a cursor, scaled.</summary>
    public void Fill(IRowCursor cursor, Scaling scaling)
    {
        int read;
        Rows = 0;
        do
        {
            Span<double> target = _rows.AsSpan(Rows * Columns, Math.Min(ReadRows, RowMoments.BlockRows - Rows) * Columns);
            read = target.IsEmpty ? 0 : cursor.Read(target, RowBlock.WeightsFrom(_weights, Rows));
            scaling.Apply(target[..(read * Columns)]);
            Rows += read;
        }
        while (read > 0);
    }

    /// <summary>Takes the first of some rows; returns how many values.</summary>
    public int Fill(ReadOnlySpan<double> rows)
    {
        int taken = Math.Min(rows.Length, _rows.Length);
        rows[..taken].CopyTo(_rows);
        Rows = taken / Columns;
        return taken;
    }

    /// <summary>Mean and scatter of the rows.</summary>
    public void Compute()
    {
        ReadOnlySpan<double> first = _rows.AsSpan(0, Columns);
        _mean.AsSpan().Clear();
        for (int i = 0; i < Rows; i++)
        {
            // From the first row on: exact for constant columns.
            Span<double> centred = _centred[i];
            TensorPrimitives.Subtract(_rows.AsSpan(i * Columns, Columns), first, centred);
            TensorPrimitives.Add(_mean, Weighted(centred, i), _mean);
        }

        Weight = _weights.Length == 0 ? Rows : VectorFold.Sum(_weights.AsSpan(0, Rows));
        TensorPrimitives.Divide(_mean, Weight, _mean);
        for (int i = 0; i < Rows; i++)
        {
            TensorPrimitives.Subtract(_centred[i], _mean, _centred[i]);
            if (_weights.Length > 0)
            {
                // So the product of the rows with themselves has the weight once.
                TensorPrimitives.Multiply(_centred[i], Math.Sqrt(_weights[i]), _centred[i]);
            }
        }

        TensorPrimitives.Add(_mean, first, _mean);
        MatrixView<double> rows = _centred.Slice(0, Rows);
        for (int start = 0; start < Columns; start += PanelColumns)
        {
            int panel = Math.Min(PanelColumns, Columns - start);
            MatrixProduct.MultiplyTransposedLeft(
                ColumnsOf(rows, start, panel),
                ColumnsOf(rows, start, Columns - start),
                Scatter.Block(start, panel, start, Columns - start));
        }
    }

    private ReadOnlySpan<double> Weighted(Span<double> row, int index)
    {
        if (_weights.Length == 0)
        {
            return row;
        }

        TensorPrimitives.Multiply(row, _weights[index], _weighted);
        return _weighted;
    }

    private static MatrixView<double> ColumnsOf(MatrixView<double> matrix, int start, int count) =>
        matrix.Block(0, matrix.Rows, start, count);
}
