using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>
/// Number, mean and scatter matrix of rows: <c>sum (x - mean)(x - mean)'</c>. Each block of rows is centred on its own
/// mean and merged by the pairwise update of Chan, Golub and LeVeque (1983), so no digits are lost at large offsets.
/// Merging adds, so two halves merged are the whole, to rounding. Blocks are computed side by side, one a thread, and
/// merged in their order, so results do not depend on the number of threads. Memory: 8 D^2 bytes, and per thread another
/// 8 D^2 and two blocks of rows.
/// </summary>
internal sealed unsafe class RowMoments
{
    /// <summary>Rows that are centred together.</summary>
    public const int BlockRows = 512;

    /// <summary>Most columns whose D x D scatter is kept: half a gigabyte.</summary>
    public const int MaxColumns = 8192;

    private readonly MatrixView<double> _scatter;
    private readonly double[] _mean;
    private readonly double[] _difference;
    private RowMomentsBlock? _block;

    /// <summary>No rows yet.</summary>
    /// <param name="columns">Columns, D.</param>
    /// <exception cref="BadDataException">More than <see cref="MaxColumns"/> columns.</exception>
    public RowMoments(int columns)
    {
        if (columns > MaxColumns)
        {
            throw new BadDataException(
                $"The rows have {columns} columns; a covariance matrix is kept for at most {MaxColumns}. Choose fewer columns, or a "
                    + $"family without one.");
        }

        _mean = new double[columns];
        _difference = new double[columns];
        _scatter = new Matrix<double>(columns, columns);
    }

    /// <summary>Columns, D.</summary>
    public int Columns => _mean.Length;

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>What their weights sum to; <see cref="Rows"/> where they have none.</summary>
    public double Weight { get; private set; }

    /// <summary>Mean of the rows, D values.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>Reads all rows of a source, scaled.</summary>
    /// <exception cref="BadDataException">A row cannot be read, or there are too many columns.</exception>
    public static RowMoments Read(IRowSource rows, Scaling scaling, int threads, CancellationToken cancellationToken)
    {
        RowMoments moments = new(rows.Columns);
        using IRowCursor cursor = rows.Open();
        RowMomentsPass pass = new(moments, cursor, scaling, rows.HasWeights);
        pass.Run(threads, cancellationToken);
        return moments;
    }

    /// <summary>Adds rows.</summary>
    /// <param name="rows">Whole rows of D finite values.</param>
    public void Add(ReadOnlySpan<double> rows)
    {
        _block ??= new RowMomentsBlock(Columns);
        while (!rows.IsEmpty)
        {
            rows = rows[_block.Fill(rows)..];
            _block.Compute();
            Merge(_block);
        }
    }

    /// <summary>Adds the rows of a block that has been computed.</summary>
    public void Merge(RowMomentsBlock block) => Merge(block.Rows, block.Weight, block.Mean, block.Scatter);

    /// <summary>Adds the rows that another instance has seen.</summary>
    /// <param name="other">Moments of as many columns.</param>
    public void Merge(RowMoments other)
    {
        if (other.Rows > 0)
        {
            Merge(other.Rows, other.Weight, other._mean, other._scatter);
        }
    }

    /// <summary>Adds a block whose mean and scatter matrix about it were computed elsewhere.</summary>
    /// <param name="rows">Rows of the block, at least 1.</param>
    /// <param name="mean">Their mean, D values.</param>
    /// <param name="scatter">[D, D], row-major; its upper triangle is read.</param>
    public unsafe void Merge(long rows, ReadOnlySpan<double> mean, ReadOnlySpan<double> scatter)
    {
        fixed (double* data = scatter)
        {
            Merge(rows, rows, mean, new MatrixView<double>(null, data, Columns, Columns, Columns));
        }
    }

    /// <summary>Covariance of two columns, divided by N.</summary>
    public double Covariance(int row, int column) =>
        (row <= column ? _scatter[row][column] : _scatter[column][row]) / Weight;

    /// <summary>The covariance matrix, divided by N: D x D, symmetric.</summary>
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

    /// <summary>The upper triangle alone is kept.</summary>
    private void Merge(long rows, double added, ReadOnlySpan<double> mean, MatrixView<double> scatter)
    {
        double total = Weight + added;
        TensorPrimitives.Subtract(mean, _mean, _difference);
        double weight = Weight / total * added;
        double share = added / total;
        for (int i = 0; i < Columns; i++)
        {
            Span<double> target = _scatter[i][i..];
            TensorPrimitives.Add(target, scatter[i][i..], target);
            if (Rows > 0)
            {
                TensorPrimitives.MultiplyAdd(_difference.AsSpan(i), weight * _difference[i], target, target);
            }
        }

        TensorPrimitives.MultiplyAdd(_difference, share, _mean, _mean);
        Rows += rows;
        Weight = total;
    }
}
