using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Data;

/// <summary>
/// Number, mean and scatter matrix of rows: <c>sum (x - mean)(x - mean)'</c>. Each block of rows is centred on its own
/// mean and merged by the pairwise update of Chan, Golub and LeVeque (1983), so no digits are lost at large offsets.
/// Merging adds, so two halves merged are the whole, to rounding. Results do not depend on the number of threads.
/// Memory: 16 D^2 bytes and one block of rows.
/// </summary>
internal sealed unsafe class RowMoments
{
    /// <summary>Rows that are centred together.</summary>
    public const int BlockRows = 512;

    /// <summary>Most columns whose D x D scatter is kept: half a gigabyte.</summary>
    public const int MaxColumns = 8192;

    private const int PanelColumns = 128;
    private readonly AlignedBuffer<double> _scatterOwner;
    private readonly MatrixView<double> _scatter;
    private readonly AlignedBuffer<double> _productOwner;
    private readonly MatrixView<double> _product;
    private readonly AlignedBuffer<double> _blockOwner;
    private readonly MatrixView<double> _block;
    private readonly double[] _mean;
    private readonly double[] _difference;
    private readonly int _threads;

    /// <summary>No rows yet.</summary>
    /// <param name="columns">Columns, D.</param>
    /// <param name="threads">Threads for the products.</param>
    /// <exception cref="BadDataException">More than <see cref="MaxColumns"/> columns.</exception>
    public RowMoments(int columns, int threads = 1)
    {
        if (columns > MaxColumns)
        {
            throw new BadDataException(
                $"The rows have {columns} columns; a covariance matrix is kept for at most {MaxColumns}. Choose fewer columns, or a family without one.");
        }

        _threads = threads;
        _mean = new double[columns];
        _difference = new double[columns];
        (_scatterOwner, _scatter) = AlignedBuffer<double>.Matrix(columns, columns);
        (_productOwner, _product) = AlignedBuffer<double>.Matrix(columns, columns);
        (_blockOwner, _block) = AlignedBuffer<double>.Matrix(BlockRows, columns);
    }

    /// <summary>Columns, D.</summary>
    public int Columns => _mean.Length;

    /// <summary>Rows seen.</summary>
    public long Rows { get; private set; }

    /// <summary>Mean of the rows, D values.</summary>
    public ReadOnlySpan<double> Mean => _mean;

    /// <summary>Reads all rows of a source, scaled.</summary>
    /// <exception cref="BadDataException">A row cannot be read, or there are too many columns.</exception>
    public static RowMoments Read(IRowSource rows, Scaling scaling, int threads, CancellationToken cancellationToken)
    {
        RowMoments moments = new(rows.Columns, threads);
        double[] block = new double[BlockRows * rows.Columns];
        using IRowCursor cursor = rows.Open();
        for (int read = cursor.Read(block); read > 0; read = cursor.Read(block))
        {
            cancellationToken.ThrowIfCancellationRequested();
            Span<double> filled = block.AsSpan(0, read * rows.Columns);
            scaling.Apply(filled);
            moments.Add(filled);
        }

        return moments;
    }

    /// <summary>Adds rows.</summary>
    /// <param name="rows">Whole rows of D finite values.</param>
    public void Add(ReadOnlySpan<double> rows)
    {
        for (int start = 0; start < rows.Length; start += BlockRows * Columns)
        {
            AddBlock(rows.Slice(start, Math.Min(BlockRows * Columns, rows.Length - start)));
        }
    }

    /// <summary>Adds the rows that another instance has seen.</summary>
    /// <param name="other">Moments of as many columns.</param>
    public void Merge(RowMoments other)
    {
        if (other.Rows > 0)
        {
            Merge(other.Rows, other._mean, other._scatter);
        }
    }

    /// <summary>Covariance of two columns, divided by N.</summary>
    public double Covariance(int row, int column) =>
        (row <= column ? _scatter[row][column] : _scatter[column][row]) / Rows;

    /// <summary>The covariance matrix, divided by N: D x D, symmetric.</summary>
    public double[] Covariance()
    {
        double[] covariance = new double[Columns * Columns];
        for (int i = 0; i < Columns; i++)
        {
            for (int j = i; j < Columns; j++)
            {
                covariance[(i * Columns) + j] = covariance[(j * Columns) + i] = _scatter[i][j] / Rows;
            }
        }

        return covariance;
    }

    private void AddBlock(ReadOnlySpan<double> rows)
    {
        int count = rows.Length / Columns;
        ReadOnlySpan<double> first = rows[..Columns];
        Span<double> mean = new double[Columns];
        for (int i = 0; i < count; i++)
        {
            // From the first row on: exact for constant columns.
            Span<double> centred = _block[i];
            TensorPrimitives.Subtract(rows.Slice(i * Columns, Columns), first, centred);
            TensorPrimitives.Add(mean, centred, mean);
        }

        TensorPrimitives.Divide(mean, count, mean);
        for (int i = 0; i < count; i++)
        {
            TensorPrimitives.Subtract(_block[i], mean, _block[i]);
        }

        TensorPrimitives.Add(mean, first, mean);
        MatrixView<double> block = _block.Slice(0, count);
        ForPanels(start => MatrixProduct.MultiplyTransposedLeft(
            ColumnsOf(block, start, Math.Min(PanelColumns, Columns - start)),
            ColumnsOf(block, start, Columns - start),
            Panel(_product, start)));
        Merge(count, mean, _product);
    }

    /// <summary>The upper triangle alone is computed and kept, a panel of rows at a time.</summary>
    private void Merge(long rows, ReadOnlySpan<double> mean, MatrixView<double> scatter)
    {
        long total = Rows + rows;
        TensorPrimitives.Subtract(mean, _mean, _difference);
        double weight = (double)Rows / total * rows;
        double share = (double)rows / total;
        ForPanels(start =>
        {
            for (int i = start; i < Math.Min(start + PanelColumns, Columns); i++)
            {
                Span<double> target = _scatter[i][start..];
                TensorPrimitives.Add(target, scatter[i][start..], target);
                if (Rows > 0)
                {
                    TensorPrimitives.MultiplyAdd(
                        _difference.AsSpan(start), weight * _difference[i], target, target);
                }
            }
        });
        for (int d = 0; d < _mean.Length; d++)
        {
            _mean[d] += share * _difference[d];
        }

        Rows = total;
    }

    private void ForPanels(Action<int> work)
    {
        int panels = (Columns + PanelColumns - 1) / PanelColumns;
        if (_threads == 1 || panels == 1)
        {
            for (int panel = 0; panel < panels; panel++)
            {
                work(panel * PanelColumns);
            }

            return;
        }

        Parallel.For(0, panels, new ParallelOptions { MaxDegreeOfParallelism = _threads }, panel => work(panel * PanelColumns));
    }

    private static MatrixView<double> ColumnsOf(MatrixView<double> matrix, int start, int count) =>
        new(matrix.Data + start, matrix.Rows, count, matrix.Stride);

    private MatrixView<double> Panel(MatrixView<double> matrix, int start) => new(
        matrix.Data + ((long)start * matrix.Stride) + start,
        Math.Min(PanelColumns, Columns - start),
        Columns - start,
        matrix.Stride);
}
