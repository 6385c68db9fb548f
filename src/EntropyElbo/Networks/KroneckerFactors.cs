using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// Sums over rows behind the Fisher matrix of a dense layer in Kronecker factors (Martens and Grosse 2015): A, the second moment of
/// its inputs with a 1 for the bias, and B, that of the rows' gradients with respect to its outputs. A side that is wider than
/// <see cref="MostWidth"/> keeps its diagonal alone.
/// </summary>
internal sealed class KroneckerFactors
{
    /// <summary>
    /// Widest side whose factor is kept whole: beyond it, solving with the factor takes longer than passes over the rows.
    /// </summary>
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
    /// <c>1/2 tr(B^-1 G1 A^-1 G2')</c>, both factors damped: half the squared Newton decrement, for two estimates of the gradient
    /// with noise of their own.
    /// </summary>
    /// <param name="first">The mean gradient per row, in the places of the layout.</param>
    /// <param name="second">Another estimate of it.</param>
    /// <param name="rows">Rows in the sums; a row with two draws counts twice.</param>
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

    /// <summary>Writes the natural step, <c>A^-1 G B^-1</c>, into the layer's places; leaves it where there is none.</summary>
    public void Step(ReadOnlySpan<double> gradient, Span<double> target, double rows)
    {
        if (Inputs.Damped(rows) is not { } inputs || Outputs.Damped(rows) is not { } outputs)
        {
            return;
        }

        int height = Inputs.Width, width = Outputs.Width;
        double[] step = Whitened(gradient, inputs, outputs, height, width);
        double[] column = new double[width];
        for (int i = 0; i < height; i++)
        {
            for (int j = 0; j < width; j++)
            {
                column[j] = step[(j * height) + i];
            }

            Outputs.SolveTransposed(outputs, column);
            for (int j = 0; j < width; j++)
            {
                step[(j * height) + i] = column[j];
            }
        }

        for (int j = 0; j < width; j++)
        {
            Span<double> line = step.AsSpan(j * height, height);
            Inputs.SolveTransposed(inputs, line);
            for (int i = 0; i < height - 1; i++)
            {
                target[Weights.Offset + (i * Weights.Stride) + j] = line[i];
            }

            target[Bias.Offset + j] = line[^1];
        }
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
