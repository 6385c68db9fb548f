using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>Sums of products of vectors with themselves: a whole matrix, or its diagonal where it would be large.</summary>
internal sealed class SecondMoment(int width)
{
    private readonly double[] _sums = new double[width > KroneckerFactors.MostWidth ? width : width * width];

    public int Width => width;

    /// <summary>Whether all sums are 0.</summary>
    public bool IsZero => !_sums.AsSpan().ContainsAnyExcept(0);

    public bool IsDiagonal => width > KroneckerFactors.MostWidth;

    /// <summary>Adds the lines of a block.</summary>
    /// <param name="lines">[rows, width], or one place less where a 1 stands behind every line.</param>
    /// <param name="scratch">Scratch of the thread.</param>
    /// <param name="hasOne">Whether it does.</param>
    public void Add<T>(MatrixView<T> lines, CurvatureScratch<T> scratch, bool hasOne)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (IsDiagonal)
        {
            AddSquares(lines);
        }
        else
        {
            AddProducts(lines, scratch);
        }

        if (hasOne)
        {
            AddOnes(lines, scratch);
        }
    }

    /// <summary>Adds so many lines that are nothing but the 1.</summary>
    public void AddOnes(int lines) => _sums[^1] += lines;

    public void Merge(SecondMoment other) => System.Numerics.Tensors.TensorPrimitives.Add(_sums, other._sums, _sums);

    public void Clear() => Array.Clear(_sums);

    /// <summary>
    /// The Cholesky factor of the mean, damped; for a diagonal the roots of its entries. Null where there is none.
    /// </summary>
    public double[]? Damped(double rows)
    {
        double[] mean = Array.ConvertAll(_sums, s => s / rows);
        int step = IsDiagonal ? 1 : width + 1;
        double trace = 0;
        for (int i = 0; i < mean.Length; i += step)
        {
            trace += mean[i];
        }

        double damping = KroneckerFactors.Damping * trace / width;
        if (!(damping > 0) || !double.IsFinite(damping))
        {
            return null;
        }

        for (int i = 0; i < mean.Length; i += step)
        {
            mean[i] += damping;
        }

        return IsDiagonal ? Array.ConvertAll(mean, Math.Sqrt) : Cholesky.TryFactor(mean, width, out _) ? mean : null;
    }

    /// <summary>Overwrites <paramref name="x"/> with L^-1 x.</summary>
    public void SolveLower(double[] factor, Span<double> x)
    {
        if (IsDiagonal)
        {
            Divide(factor, x);
            return;
        }

        Cholesky.SolveLower(factor, width, x);
    }

    /// <summary>Overwrites <paramref name="x"/> with L'^-1 x.</summary>
    public void SolveTransposed(double[] factor, Span<double> x)
    {
        if (IsDiagonal)
        {
            Divide(factor, x);
            return;
        }

        Cholesky.SolveTransposed(factor, width, x);
    }

    private static void Divide(double[] factor, Span<double> x)
    {
        for (int i = 0; i < x.Length; i++)
        {
            x[i] /= factor[i];
        }
    }

    private void AddSquares<T>(MatrixView<T> lines)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int row = 0; row < lines.Rows; row++)
        {
            Span<T> line = lines[row];
            for (int i = 0; i < line.Length; i++)
            {
                double value = double.CreateTruncating(line[i]);
                _sums[i] += value * value;
            }
        }
    }

    private void AddProducts<T>(MatrixView<T> lines, CurvatureScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        MatrixView<T> products = scratch.Products.View(lines.Columns, lines.Columns, MatrixView<T>.PaddedStride(lines.Columns));
        MatrixProduct.MultiplyTransposedLeft(lines, lines, products);
        for (int i = 0; i < lines.Columns; i++)
        {
            Span<T> from = products[i];
            Span<double> to = _sums.AsSpan(i * width, width);
            for (int j = 0; j < from.Length; j++)
            {
                to[j] += double.CreateTruncating(from[j]);
            }
        }
    }

    /// <summary>The last row and column are the bias's; only the lower triangle of a factor is read.</summary>
    private void AddOnes<T>(MatrixView<T> lines, CurvatureScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        AddOnes(lines.Rows);
        if (IsDiagonal)
        {
            return;
        }

        MatrixView<T> sums = scratch.Sums.View(1, lines.Columns, lines.Stride);
        ElementLoops.ColumnSums(lines, sums.PaddedRow(0));
        Span<double> last = _sums.AsSpan((width - 1) * width, width);
        for (int j = 0; j < lines.Columns; j++)
        {
            last[j] += double.CreateTruncating(sums[0][j]);
        }
    }
}

/// <summary>Scratch of one thread for curvature.</summary>
internal sealed class CurvatureScratch<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public ProductScratch<T> Products { get; } = new();

    public ProductScratch<T> Sums { get; } = new();

    public ProductScratch<T> Images { get; } = new();
}
