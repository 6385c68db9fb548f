using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// Sums over rows behind the Fisher matrix of a dense layer in Kronecker factors (Martens and Grosse 2015): A, the second moment of its inputs with a 1
/// for the bias, and B, that of the rows' gradients with respect to its outputs. A side that is wider than <see cref="MostWidth"/> keeps its diagonal alone.
/// </summary>
internal sealed class KroneckerFactors
{
    /// <summary>Widest side whose factor is kept whole: beyond it, solving with the factor takes longer than passes over the rows.</summary>
    public const int MostWidth = 1024;

    /// <summary>What is added to the diagonals, as a share of their mean.</summary>
    public const double Damping = 1e-3;

    public KroneckerFactors(ParameterTensor weights, ParameterTensor bias)
    {
        Weights = weights;
        Bias = bias;
        Inputs = new SecondMoment(weights.Rows + 1);
        Outputs = new SecondMoment(weights.Columns);
    }

    public ParameterTensor Weights { get; }

    public ParameterTensor Bias { get; }

    /// <summary>A times the number of rows; the last place is the bias's.</summary>
    public SecondMoment Inputs { get; }

    /// <summary>B times the number of rows.</summary>
    public SecondMoment Outputs { get; }

    /// <summary>Whether a side keeps its diagonal alone.</summary>
    public bool IsCut => Inputs.IsDiagonal || Outputs.IsDiagonal;

    /// <summary>Adds a block of rows.</summary>
    public void Add<T>(LayerFlow<T> flow, CurvatureScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Inputs.Add(flow.Input, scratch, hasOne: true);
        Outputs.Add(flow.OutputGradient, scratch, hasOne: false);
    }

    public void Merge(KroneckerFactors other)
    {
        Inputs.Merge(other.Inputs);
        Outputs.Merge(other.Outputs);
    }

    public void Clear()
    {
        Inputs.Clear();
        Outputs.Clear();
    }

    /// <summary>
    /// <c>1/2 tr(B^-1 G1 A^-1 G2')</c>, both factors damped: half the squared Newton decrement, for two estimates of the gradient with noise of their own.
    /// </summary>
    /// <param name="first">The mean gradient per row, in the places of the layout.</param>
    /// <param name="second">Another estimate of it.</param>
    /// <param name="rows">Rows in the sums.</param>
    /// <returns>Not a number where the sums are beyond the arithmetic.</returns>
    public double HalfDecrement(ReadOnlySpan<double> first, ReadOnlySpan<double> second, double rows)
    {
        double[]? inputs = Inputs.Damped(rows), outputs = Outputs.Damped(rows);
        if (inputs is null || outputs is null)
        {
            // No gradient comes back at all: there is nothing to gain.
            return Outputs.IsZero ? 0 : double.NaN;
        }

        int height = Inputs.Width, width = Outputs.Width;
        double[] a = Whitened(first, inputs, outputs, height, width), b = Whitened(second, inputs, outputs, height, width);
        return 0.5 * VectorFold.Dot(a, b);
    }

    /// <summary>The gradient as L_A^-1 G L_B'^-1, [out, in + 1].</summary>
    private double[] Whitened(ReadOnlySpan<double> gradient, double[] inputs, double[] outputs, int height, int width)
    {
        double[] turned = new double[width * height];
        for (int j = 0; j < width; j++)
        {
            Span<double> line = turned.AsSpan(j * height, height);
            for (int i = 0; i < height - 1; i++)
            {
                line[i] = gradient[Weights.Offset + (i * Weights.Stride) + j];
            }

            line[^1] = gradient[Bias.Offset + j];
            Inputs.SolveLower(inputs, line);
        }

        double[] column = new double[width];
        for (int i = 0; i < height; i++)
        {
            for (int j = 0; j < width; j++)
            {
                column[j] = turned[(j * height) + i];
            }

            Outputs.SolveLower(outputs, column);
            for (int j = 0; j < width; j++)
            {
                turned[(j * height) + i] = column[j];
            }
        }

        return turned;
    }
}

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
        if (!IsDiagonal)
        {
            Cholesky.SolveLower(factor, width, x);
            return;
        }

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
        _sums[^1] += lines.Rows;
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
}
