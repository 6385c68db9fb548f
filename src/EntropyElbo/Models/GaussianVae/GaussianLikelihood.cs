using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.GaussianVae;

/// <summary>
/// <c>p(x|z) = N(mu(z), sigma^2 I)</c> with one variance, learned (VAE-1) or fixed (VAE-0). Its one moment is the sum of
/// squared errors.
/// </summary>
internal sealed unsafe class GaussianLikelihood<T>(ParameterTensor logVariance, int dimension, bool learned) : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double Log2Pi = 1.8378770664093454836;

    /// <inheritdoc/>
    public override int MomentCount => 1;

    /// <inheritdoc/>
    public override void Evaluate(
        T* parameters, MatrixView<T> outputs, MatrixView<T> rows, double weight, Span<double> logLikelihoods, Span<double> moments)
    {
        double logVarianceValue = LogVariance(parameters);
        double normaliser = -0.5 * dimension * (Log2Pi + logVarianceValue);
        double precision = Math.Exp(-logVarianceValue);
        for (int row = 0; row < outputs.Rows; row++)
        {
            double squares = SquaredError(outputs.Slice(row, 1).Data, rows.Slice(row, 1).Data, outputs.Stride);
            logLikelihoods[row] = normaliser - (0.5 * precision * squares);
            moments[0] += weight * squares;
        }
    }

    /// <inheritdoc/>
    public override double Gradient(
        T* parameters, T* gradient, MatrixView<T> outputs, MatrixView<T> rows, MatrixView<T> outputGradient, Span<double> moments)
    {
        double logVarianceValue = LogVariance(parameters);
        double precision = Math.Exp(-logVarianceValue);
        T scale = T.CreateTruncating(precision);
        double squares = 0;
        for (int row = 0; row < outputs.Rows; row++)
        {
            squares += ScaledError(
                outputs.Slice(row, 1).Data, rows.Slice(row, 1).Data, outputGradient.Slice(row, 1).Data, scale, outputs.Stride);
        }

        moments[0] += squares;
        gradient[logVariance.Offset] = learned
            ? T.CreateTruncating(0.5 * ((dimension * (double)outputs.Rows) - (precision * squares)))
            : T.Zero;
        return (-0.5 * dimension * outputs.Rows * (Log2Pi + logVarianceValue)) - (0.5 * precision * squares);
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        T* parameters, ReadOnlySpan<double> moments, long rows)
    {
        double logVarianceValue = LogVariance(parameters);
        double meanSquare = moments[0] / rows / dimension;
        double entropy = 0.5 * dimension * (Log2Pi + 1 + logVarianceValue);
        double residual = -0.5 * dimension * (1 - (meanSquare * Math.Exp(-logVarianceValue)));
        return (entropy, residual, 0);
    }

    private double LogVariance(T* parameters) => double.CreateTruncating(parameters[logVariance.Offset]);

    private static double SquaredError(T* output, T* row, int stride)
    {
        Vector512<T> sum = Vector512<T>.Zero;
        for (int i = 0; i < stride; i += Vector512<T>.Count)
        {
            Vector512<T> error = Vector512.LoadAligned(output + i) - Vector512.LoadAligned(row + i);
            sum = Lanes.MultiplyAdd(error, error, sum);
        }

        return double.CreateTruncating(Vector512.Sum(sum));
    }

    private static double ScaledError(T* output, T* row, T* gradient, T scale, int stride)
    {
        Vector512<T> sum = Vector512<T>.Zero;
        for (int i = 0; i < stride; i += Vector512<T>.Count)
        {
            Vector512<T> error = Vector512.LoadAligned(output + i) - Vector512.LoadAligned(row + i);
            sum = Lanes.MultiplyAdd(error, error, sum);
            (error * scale).StoreAligned(gradient + i);
        }

        return double.CreateTruncating(Vector512.Sum(sum));
    }
}
