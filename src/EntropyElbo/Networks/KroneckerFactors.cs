using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// Sums over rows behind the Fisher matrix of a dense layer in Kronecker factors (Martens and Grosse 2015): A, the second moment of
/// its inputs with a 1 for the bias, and B, that of the rows' gradients with respect to its outputs, by the data and by rows that the
/// model drew. A side that is wider than <see cref="MostWidth"/> keeps its diagonal alone. A convolution is a product over windows,
/// several a row: then A is the mean over rows and windows, and B sums over a row's windows (KFC, Grosse and Martens 2016).
/// </summary>
internal sealed class KroneckerFactors
{
    /// <summary>
    /// Widest side whose factor is kept whole: beyond it, solving with the factor takes longer than passes over the rows.
    /// </summary>
    public const int MostWidth = 1024;

    /// <summary>What is added to the diagonals, as a share of their mean.</summary>
    public const double Damping = 1e-3;

    private readonly int _positions;
    private readonly double[]? _biasFactors;

    /// <param name="weights">Weights, [in, out]; null for a bias alone.</param>
    /// <param name="bias">The outputs' bias; null where there is none.</param>
    /// <param name="positions">Windows of a row.</param>
    /// <param name="biasFactors">
    /// What the entries of the bias are multiplied by from the outputs to where they are added, as by a normalisation; null for 1.
    /// </param>
    public KroneckerFactors(ParameterTensor? weights, ParameterTensor? bias, int positions = 1, double[]? biasFactors = null)
    {
        Weights = weights;
        Bias = bias;
        _positions = positions;
        _biasFactors = biasFactors;
        Inputs = new SecondMoment((weights?.Rows ?? 0) + (bias is null ? 0 : 1));
        Outputs = new SecondMoment((weights ?? bias!).Columns);
        DrawnOutputs = new SecondMoment(Outputs.Width);
    }

    public ParameterTensor? Weights { get; }

    public ParameterTensor? Bias { get; }

    /// <summary>A times the number of rows and windows; the last place is the bias's.</summary>
    public SecondMoment Inputs { get; }

    /// <summary>B times the number of rows, by the data.</summary>
    public SecondMoment Outputs { get; }

    /// <summary>B times the number of rows, by rows that the model drew.</summary>
    public SecondMoment DrawnOutputs { get; }

    /// <summary>Whether a side keeps its diagonal alone.</summary>
    public bool IsCut => Inputs.IsDiagonal || Outputs.IsDiagonal;

    /// <summary>Adds a block of rows.</summary>
    /// <param name="input">[rows and windows, in]: what the weights multiplied; not looked at for a bias alone.</param>
    /// <param name="outputGradient">[rows and windows, out]: the gradient with respect to what came out.</param>
    /// <param name="areDrawn">Whether the rows behind the gradient were drawn by the model; their inputs are those of the data.</param>
    /// <param name="scratch">Scratch of the thread.</param>
    public void Add<T>(MatrixView<T> input, MatrixView<T> outputGradient, bool areDrawn, CurvatureScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (areDrawn)
        {
            DrawnOutputs.Add(outputGradient, scratch, hasOne: false);
            return;
        }

        if (Weights is null)
        {
            Inputs.AddOnes(outputGradient.Rows);
        }
        else
        {
            Inputs.Add(input, scratch, hasOne: Bias is not null);
        }

        Outputs.Add(outputGradient, scratch, hasOne: false);
    }

    public void Merge(KroneckerFactors other)
    {
        Inputs.Merge(other.Inputs);
        Outputs.Merge(other.Outputs);
        DrawnOutputs.Merge(other.DrawnOutputs);
    }

    public void Clear()
    {
        Inputs.Clear();
        Outputs.Clear();
        DrawnOutputs.Clear();
    }

    /// <summary>
    /// <c>1/2 tr(B^-1 G1 A^-1 G2')</c>, both factors damped: half the squared Newton decrement, for two estimates of the gradient
    /// with noise of their own, as the geometric mean over both B. Were the model right, they were one (the information equality). The
    /// data's is too steep, because errors that are still to be learned count as noise; the model's too flat, where rows err more than it
    /// knows of. 0 where the two disagree in sign, which noise alone makes them do.
    /// </summary>
    /// <param name="first">The mean gradient per row, in the places of the layout.</param>
    /// <param name="second">Another estimate of it.</param>
    /// <param name="rows">Rows in the sums; a row with two draws counts twice.</param>
    /// <param name="drawn">Rows in the sums of those that the model drew.</param>
    /// <returns>Not a number where the sums are beyond the arithmetic.</returns>
    public double HalfDecrement(ReadOnlySpan<double> first, ReadOnlySpan<double> second, double rows, double drawn)
    {
        if (Outputs.IsZero)
        {
            // No gradient comes back at all: there is nothing to gain.
            return 0;
        }

        double[]? inputs = Inputs.Damped(rows * _positions), outputs = Outputs.Damped(rows), other = DrawnOutputs.Damped(drawn);
        if (inputs is null || outputs is null || other is null)
        {
            return double.NaN;
        }

        double[] one = WhitenedInputs(first, inputs), two = WhitenedInputs(second, inputs);
        double byData = HalfProduct(one, two, outputs), byModel = HalfProduct(one, two, other), product = byData * byModel;
        return product <= 0 ? 0 : Math.CopySign(Math.Sqrt(product), byData);
    }

    /// <summary>
    /// Writes the natural step by the data's B, <c>A^-1 G B^-1</c>, into the layer's places; leaves it where there is none.
    /// </summary>
    public void Step(ReadOnlySpan<double> gradient, Span<double> target, double rows)
    {
        if (Inputs.Damped(rows * _positions) is not { } inputs || Outputs.Damped(rows) is not { } outputs)
        {
            return;
        }

        int height = Inputs.Width, width = Outputs.Width;
        double[] step = WhitenedInputs(gradient, inputs);
        WhitenOutputs(step, outputs);
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
            for (int i = 0; i < WeightRows; i++)
            {
                target[Weights!.Offset + (i * Weights.Stride) + j] = line[i];
            }

            if (Bias is not null)
            {
                target[Bias.Offset + j] = line[^1] * BiasFactor(j);
            }
        }
    }

    private int WeightRows => Weights?.Rows ?? 0;

    private double BiasFactor(int output) => _biasFactors?[output] ?? 1;

    /// <summary>Half the product of two gradients that are whitened on the side of the inputs, whitened on the other too.</summary>
    private double HalfProduct(double[] first, double[] second, double[] outputs)
    {
        double[] a = [.. first], b = [.. second];
        WhitenOutputs(a, outputs);
        WhitenOutputs(b, outputs);
        return 0.5 * VectorFold.Dot(a, b);
    }

    /// <summary>The gradient as L_A^-1 G, [out, in + 1].</summary>
    private double[] WhitenedInputs(ReadOnlySpan<double> gradient, double[] inputs)
    {
        int height = Inputs.Width, width = Outputs.Width;
        double[] turned = new double[width * height];
        for (int j = 0; j < width; j++)
        {
            Span<double> line = turned.AsSpan(j * height, height);
            for (int i = 0; i < WeightRows; i++)
            {
                line[i] = gradient[Weights!.Offset + (i * Weights.Stride) + j];
            }

            if (Bias is not null)
            {
                line[^1] = gradient[Bias.Offset + j] * BiasFactor(j);
            }

            Inputs.SolveLower(inputs, line);
        }

        return turned;
    }

    /// <summary>What <see cref="WhitenedInputs"/> gave, times L_B'^-1 on the side of the outputs, in place.</summary>
    private void WhitenOutputs(double[] turned, double[] outputs)
    {
        int height = Inputs.Width, width = Outputs.Width;
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
    }
}
