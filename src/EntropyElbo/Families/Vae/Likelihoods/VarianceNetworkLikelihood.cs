using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// <c>p(x|z) = N(mu(z), diag sigma_d^2(z))</c> with a network for the variances (VAE-3, D Definition 3, eq. 21, 22). Its moments:
/// the sum of log-variances, the number of outputs outside the linear regime, and for each column the sum of squared errors over
/// variances.
/// </summary>
/// <param name="output">How outputs become variances.</param>
/// <param name="bias">The last bias of the variance network.</param>
/// <param name="dimension">Columns, D.</param>
/// <param name="image">Where the bias is one of each channel, the image that rows are; else null.</param>
internal sealed class VarianceNetworkLikelihood<T>(
    VarianceOutput output, ParameterTensor bias, int dimension, ImageShape? image = null) : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Logs = 0;
    private const int Outside = 1;
    private const int Squares = 2;

    /// <inheritdoc/>
    public override int MomentCount => Squares + dimension;

    /// <inheritdoc/>
    public override void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        moments[Outside] += weight * VarianceKernels.ToLogVariances(output, outputs.Spreads);
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<T> means = outputs.Means[row], logs = outputs.Spreads[row], observed = rows[row];
            double sumOfLogs = 0, sum = 0;
            for (int d = 0; d < dimension; d++)
            {
                double log = double.CreateTruncating(logs[d]);
                double error = double.CreateTruncating(means[d]) - double.CreateTruncating(observed[d]);
                double square = error * error * Math.Exp(-log);
                sumOfLogs += log;
                sum += square;
                moments[Squares + d] += weight * square;
            }

            moments[Logs] += weight * sumOfLogs;
            logLikelihoods[row] = -0.5 * ((dimension * SpecialFunctions.LogTwoPi) + sumOfLogs + sum);
        }
    }

    /// <inheritdoc/>
    public override void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns)
    {
        VarianceKernels.ToLogVariances(output, outputs.Spreads);
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<T> means = outputs.Means[row], logs = outputs.Spreads[row], observed = rows[row];
            Span<double> target = columns.Slice(row * dimension, dimension);
            for (int d = 0; d < dimension; d++)
            {
                double log = double.CreateTruncating(logs[d]);
                double error = double.CreateTruncating(means[d]) - double.CreateTruncating(observed[d]);
                target[d] -= 0.5 * weight * (SpecialFunctions.LogTwoPi + log + (error * error * Math.Exp(-log)));
            }
        }
    }

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
        Span<T> lanes = stackalloc T[2 * line];
        moments[Outside] += VarianceKernels.ToLogVariances(output, outputs.Spreads);
        double sumOfLogs = 0, total = 0;
        for (int column = 0; column < dimension; column += line)
        {
            (Vector512<T> logs, Vector512<T> squares) = LikelihoodKernels.Columns(outputs, rows, outputGradient, column);
            logs.CopyTo(lanes);
            squares.CopyTo(lanes[line..]);
            for (int i = 0; i < Math.Min(line, dimension - column); i++)
            {
                double square = double.CreateTruncating(lanes[line + i]);
                moments[Squares + column + i] += square;
                total += square;
                sumOfLogs += double.CreateTruncating(lanes[i]);
            }
        }

        moments[Logs] += sumOfLogs;
        VarianceKernels.Backward(output, outputs.Spreads, outputGradient.Spreads);
        return -0.5 * ((rows.Rows * dimension * SpecialFunctions.LogTwoPi) + sumOfLogs + total);
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double squares = 0;
        foreach (double square in moments[Squares..])
        {
            squares += square;
        }

        double entropy = 0.5 * ((dimension * (SpecialFunctions.LogTwoPi + 1)) + (moments[Logs] / rows));
        return (entropy, -0.5 * (dimension - (squares / rows)), 0);
    }

    /// <summary>
    /// An exponential output has a factor per column, or per channel of an image, to set by way of its bias: the mean of squared
    /// errors over variances, which is then 1. The other outputs have none.
    /// </summary>
    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share)
    {
        for (int i = 0; i < bias.Columns && output == VarianceOutput.Exponential; i++)
        {
            parameters[bias.Offset + i] += T.CreateTruncating(ScaleParameters.Log(1 - share + (share * MeanSquare(moments, i) / rows)));
        }
    }

    /// <summary>
    /// Every column's share where its own bias makes it vanish, every channel's where the bias is an image's; the whole where the
    /// output is not exponential, since no parameter then moves a column's variances alone by a factor.
    /// </summary>
    /// <inheritdoc/>
    public override double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        if (output != VarianceOutput.Exponential)
        {
            return [Summarise(parameters, moments, rows).NoiseResidual];
        }

        double[] residuals = new double[bias.Columns];
        for (int i = 0; i < residuals.Length; i++)
        {
            residuals[i] = -0.5 * (image?.Pixels ?? 1) * (1 - (MeanSquare(moments, i) / rows));
        }

        return residuals;
    }

    /// <summary>Sum over rows of a column's squared errors over variances; of an image's channel, the mean over its pixels.</summary>
    private double MeanSquare(ReadOnlySpan<double> moments, int column)
    {
        if (image is null)
        {
            return moments[Squares + column];
        }

        double squares = 0;
        for (int pixel = 0; pixel < image.Pixels; pixel++)
        {
            squares += moments[Squares + image.Column(pixel, column)] / image.Pixels;
        }

        return squares;
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows)
    {
        VarianceKernels.ToLogVariances(output, outputs.Spreads);
        for (int i = 0; i < rows.Length; i++)
        {
            double deviation = Math.Exp(0.5 * double.CreateTruncating(outputs.Spreads[i / dimension][i % dimension]));
            rows[i] = double.CreateTruncating(outputs.Means[i / dimension][i % dimension]) + (deviation * random.NextGaussian());
        }
    }

    /// <inheritdoc/>
    public override double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows) =>
        Math.Exp(moments[Logs] / rows / dimension);

    /// <inheritdoc/>
    public override string? Remark(ReadOnlySpan<double> moments, long rows)
    {
        double share = moments[Outside] / rows / dimension;
        return share == 0 ? null
            : output == VarianceOutput.Exponential
            ? FormattableString.Invariant(
                $"A share of {share:G3} of the decoder's log-variances lies at a bound, {ScaleParameters.Least} or {ScaleParameters.Greatest}.")
            : FormattableString.Invariant(
                $"A share of {share:G3} of the variance network's outputs lies outside the linear regime, where the ELBO need not equal the entropy sum at convergence (D App. D.1).");
    }
}
