using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// <c>p(x|z) = N(mu(z), diag sigma_d^2)</c> with one learned variance per column (VAE-d, LW Prop. 4). Its moments are the
/// squared errors of each column.
/// </summary>
internal sealed class DiagonalGaussianLikelihood<T>(ScaleParameters logVariances, int dimension) : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <inheritdoc/>
    public override int MomentCount => dimension;

    /// <inheritdoc/>
    public override void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        logLikelihoods.Fill(-0.5 * ((dimension * SpecialFunctions.LogTwoPi) + SumOfLogs(parameters)));
        for (int d = 0; d < dimension; d++)
        {
            double precision = Math.Exp(-LogVariance(parameters, d));
            double sum = 0;
            for (int row = 0; row < rows.Rows; row++)
            {
                double error = double.CreateTruncating(outputs.Means[row][d]) - double.CreateTruncating(rows[row][d]);
                double square = error * error;
                logLikelihoods[row] -= 0.5 * precision * square;
                sum += square;
            }

            moments[d] += weight * sum;
        }
    }

    /// <inheritdoc/>
    public override void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns)
    {
        for (int d = 0; d < dimension; d++)
        {
            double logVariance = LogVariance(parameters, d);
            double normaliser = -0.5 * (SpecialFunctions.LogTwoPi + logVariance);
            double precision = Math.Exp(-logVariance);
            for (int row = 0; row < rows.Rows; row++)
            {
                double error = double.CreateTruncating(outputs.Means[row][d]) - double.CreateTruncating(rows[row][d]);
                columns[(row * dimension) + d] += weight * (normaliser - (0.5 * precision * error * error));
            }
        }
    }

    /// <inheritdoc/>
    public override bool HasConstantEntropy => true;

    /// <inheritdoc/>
    public override double Gradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        DecoderBlock<T> outputGradient,
        Span<double> moments)
    {
        int line = Vector512<T>.Count;
        int count = rows.Rows;
        Span<T> lanes = stackalloc T[line];
        double total = -0.5 * count * ((dimension * SpecialFunctions.LogTwoPi) + SumOfLogs(parameters));
        for (int column = 0; column < dimension; column += line)
        {
            int width = Math.Min(line, dimension - column);
            for (int i = 0; i < line; i++)
            {
                lanes[i] = i < width ? T.CreateTruncating(Math.Exp(-LogVariance(parameters, column + i))) : T.Zero;
            }

            LikelihoodKernels.Squares(outputs.Means, rows, outputGradient.Means, column, Vector512.Create<T>(lanes)).CopyTo(lanes);
            for (int i = 0; i < width; i++)
            {
                double squares = double.CreateTruncating(lanes[i]);
                double scaled = squares * Math.Exp(-LogVariance(parameters, column + i));
                moments[column + i] += squares;
                total -= 0.5 * scaled;
                gradient[logVariances.Tensor.Offset + column + i] = T.CreateTruncating(0.5 * (count - scaled));
            }
        }

        return total;
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double residual = 0;
        foreach (double part in Residuals(parameters, moments, rows))
        {
            residual += part;
        }

        return (0.5 * ((dimension * (SpecialFunctions.LogTwoPi + 1)) + SumOfLogs(parameters)), residual, 0);
    }

    /// <inheritdoc/>
    public override double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double[] residuals = new double[dimension];
        for (int d = 0; d < dimension; d++)
        {
            residuals[d] = -0.5 * (1 - (moments[d] / rows * Math.Exp(-LogVariance(parameters, d))));
        }

        return residuals;
    }

    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share)
    {
        for (int d = 0; d < dimension; d++)
        {
            logVariances.Move(parameters, d, moments[d] / rows, share);
        }
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            double deviation = Math.Exp(0.5 * LogVariance(parameters, i % dimension));
            rows[i] = double.CreateTruncating(outputs.Means[i / dimension][i % dimension]) + (deviation * random.NextGaussian());
        }
    }

    /// <inheritdoc/>
    public override double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows) =>
        Math.Exp(SumOfLogs(parameters) / dimension);

    private double LogVariance(AlignedBuffer<T> parameters, int column) =>
        double.CreateTruncating(parameters[logVariances.Tensor.Offset + column]);

    private double SumOfLogs(AlignedBuffer<T> parameters)
    {
        double sum = 0;
        for (int d = 0; d < dimension; d++)
        {
            sum += LogVariance(parameters, d);
        }

        return sum;
    }
}
