using System.Numerics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// <c>p(x|z) = N(mu(z), sigma^2 I)</c> with one learned variance. Its one moment is the sum of squared errors.
/// </summary>
internal sealed class GaussianLikelihood<T>(ScaleParameters logVariance, int dimension) : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Where the sum of squared errors lies among the moments.</summary>
    private const int Squares = 0;

    /// <inheritdoc/>
    public override int MomentCount => Squares + 1;

    /// <inheritdoc/>
    public override void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        double logVarianceValue = LogVariance(parameters);
        double normaliser = -0.5 * dimension * (SpecialFunctions.LogTwoPi + logVarianceValue);
        double precision = Math.Exp(-logVarianceValue);
        MatrixView<T> means = outputs.Means;
        for (int row = 0; row < means.Rows; row++)
        {
            double squares = LikelihoodKernels.SquaredError(means.Slice(row, 1), rows.Slice(row, 1));
            logLikelihoods[row] = normaliser - (0.5 * precision * squares);
            moments[Squares] += weight * squares;
        }
    }

    /// <inheritdoc/>
    public override void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns) =>
        AddColumnTerms(outputs, LogVariance(parameters), rows, weight, columns);

    /// <summary>Adds each column's term for one variance of all columns.</summary>
    public static void AddColumnTerms(DecoderBlock<T> outputs, double logVariance, MatrixView<T> rows, double weight, Span<double> columns)
    {
        double normaliser = -0.5 * (SpecialFunctions.LogTwoPi + logVariance);
        double precision = Math.Exp(-logVariance);
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<T> means = outputs.Means[row], observed = rows[row];
            Span<double> target = columns.Slice(row * observed.Length, observed.Length);
            for (int d = 0; d < target.Length; d++)
            {
                double error = double.CreateTruncating(means[d]) - double.CreateTruncating(observed[d]);
                target[d] += weight * (normaliser - (0.5 * precision * error * error));
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
        double logVarianceValue = LogVariance(parameters);
        double precision = Math.Exp(-logVarianceValue);
        T scale = T.CreateTruncating(precision);
        double squares = 0;
        MatrixView<T> means = outputs.Means;
        for (int row = 0; row < means.Rows; row++)
        {
            squares += LikelihoodKernels.ScaledError(means.Slice(row, 1), rows.Slice(row, 1), outputGradient.Means.Slice(row, 1), scale);
        }

        moments[Squares] += squares;
        gradient[logVariance.Tensor.Offset] = T.CreateTruncating(0.5 * ((dimension * (double)means.Rows) - (precision * squares)));
        return (-0.5 * dimension * means.Rows * (SpecialFunctions.LogTwoPi + logVarianceValue)) - (0.5 * precision * squares);
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double logVarianceValue = LogVariance(parameters);
        double meanSquare = moments[Squares] / rows / dimension;
        double entropy = 0.5 * dimension * (SpecialFunctions.LogTwoPi + 1 + logVarianceValue);
        double residual = -0.5 * dimension * (1 - (meanSquare * Math.Exp(-logVarianceValue)));
        return (entropy, residual, 0);
    }

    /// <inheritdoc/>
    public override double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows) =>
        [Summarise(parameters, moments, rows).NoiseResidual];

    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share) =>
        logVariance.Move(parameters, 0, moments[Squares] / rows / dimension, share);

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows) =>
        Sample(outputs, Math.Exp(0.5 * LogVariance(parameters)), random, rows, dimension);

    /// <summary>Draws rows of one deviation.</summary>
    public static void Sample(DecoderBlock<T> outputs, double deviation, RandomStream random, Span<double> rows, int dimension)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = double.CreateTruncating(outputs.Means[i / dimension][i % dimension]) + (deviation * random.NextGaussian());
        }
    }

    /// <inheritdoc/>
    public override double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows) =>
        Math.Exp(LogVariance(parameters));

    private double LogVariance(AlignedBuffer<T> parameters) => double.CreateTruncating(parameters[logVariance.Tensor.Offset]);
}
