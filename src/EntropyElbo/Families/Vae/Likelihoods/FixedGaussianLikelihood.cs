using System.Numerics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// <c>p(x|z) = N(mu(z), sigma^2 I)</c> with a known variance (VAE-0). Nothing scales its two natural parameters, so it is read as
/// an exponential family with one: <c>eta = mu / sigma^2</c>, <c>T = x</c>, <c>A = mu^2 / 2 sigma^2</c>,
/// <c>log h = -x^2 / 2 sigma^2 - 1/2 log 2 pi sigma^2</c>, summed over columns. The decoder's last layer then satisfies the
/// parameterization criterion, and the sum of pseudo entropies and log base measures is what the ELBO equals. Its moments are the
/// sums of <c>(mu - x) mu</c>, of <c>mu^2 - x^2</c> and of <c>x^2</c>.
/// </summary>
internal sealed class FixedGaussianLikelihood<T>(ScaleParameters logVariance, int dimension) : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Products = 0;
    private const int Differences = 1;
    private const int Squares = 2;

    /// <inheritdoc/>
    public override int MomentCount => 3;

    /// <inheritdoc/>
    public override void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        double normaliser = LogNormaliser(parameters);
        double half = HalfPrecision(parameters);
        for (int row = 0; row < rows.Rows; row++)
        {
            logLikelihoods[row] = normaliser
                - (half * Row(outputs.Means.Slice(row, 1), rows.Slice(row, 1), default, T.Zero, weight, moments));
        }
    }

    /// <inheritdoc/>
    public override void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns) =>
        GaussianLikelihood<T>.AddColumnTerms(outputs, LogVariance(parameters), rows, weight, columns);

    /// <inheritdoc/>
    public override double Gradient(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        DecoderBlock<T> outputGradient,
        Span<double> moments)
    {
        double half = HalfPrecision(parameters);
        T precision = T.CreateTruncating(2 * half);
        double squares = 0;
        for (int row = 0; row < rows.Rows; row++)
        {
            squares += Row(outputs.Means.Slice(row, 1), rows.Slice(row, 1), outputGradient.Means.Slice(row, 1), precision, 1, moments);
        }

        gradient[logVariance.Tensor.Offset] = T.Zero;
        return (rows.Rows * LogNormaliser(parameters)) - (half * squares);
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double half = HalfPrecision(parameters) / rows;
        return (
            -half * (moments[Differences] + moments[Squares]),
            2 * half * moments[Products],
            LogNormaliser(parameters) - (half * moments[Squares]));
    }

    /// <inheritdoc/>
    public override double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows) => [];

    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share)
    {
        // The variance is fixed.
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows) =>
        GaussianLikelihood<T>.Sample(outputs, Math.Exp(0.5 * LogVariance(parameters)), random, rows, dimension);

    /// <inheritdoc/>
    public override double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows) =>
        Math.Exp(LogVariance(parameters));

    /// <summary>The squared error of a row; its sums go to the moments, and where there is room for it, the gradient is written.</summary>
    private static double Row(
        MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, T precision, double weight, Span<double> moments)
    {
        (double error, double product, double difference, double square) = LikelihoodKernels.Errors(output, row, gradient, precision);
        moments[Products] += weight * product;
        moments[Differences] += weight * difference;
        moments[Squares] += weight * square;
        return error;
    }

    private double LogVariance(AlignedBuffer<T> parameters) => double.CreateTruncating(parameters[logVariance.Tensor.Offset]);

    private double HalfPrecision(AlignedBuffer<T> parameters) => 0.5 * Math.Exp(-LogVariance(parameters));

    private double LogNormaliser(AlignedBuffer<T> parameters) => -0.5 * dimension * (SpecialFunctions.LogTwoPi + LogVariance(parameters));
}
