using System.Globalization;
using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// Bernoulli, binomial, Poisson and continuous Bernoulli columns with natural parameter <c>eta = rho t</c>, t the decoder's output
/// (S eq. 8 to 10). Its moments: pseudo entropy <c>A - eta A'</c>, residual <c>eta (A' - x)</c>, log base measure, bounded outputs.
/// </summary>
internal sealed class CanonicalLikelihood<T> : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Greatest log-rate of a Poisson column: a mean of 1e13.</summary>
    public const double GreatestLogRate = 30;

    private const int Entropy = 0;
    private const int Residual = 1;
    private const int Base = 2;
    private const int Bounded = 3;
    private readonly ObservableLikelihood _likelihood;
    private readonly int _dimension;
    private readonly BaseMeasureTable _baseMeasure;

    public CanonicalLikelihood(ObservableLikelihood likelihood, int dimension)
    {
        _likelihood = likelihood;
        _dimension = dimension;
        _baseMeasure = new BaseMeasureTable(likelihood);
    }

    /// <inheritdoc/>
    public override int MomentCount => 4;

    private bool IsPoisson => _likelihood.Kind == LikelihoodKind.Poisson;

    /// <inheritdoc/>
    public override void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        Span<double> sums = stackalloc double[4];
        for (int row = 0; row < rows.Rows; row++)
        {
            logLikelihoods[row] = Row(outputs.Means.Slice(row, 1), rows.Slice(row, 1), default, sums);
            for (int i = 0; i < sums.Length; i++)
            {
                moments[i] += weight * sums[i];
            }
        }
    }

    /// <inheritdoc/>
    public override void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns)
    {
        Span<double> natural = stackalloc double[1];
        for (int row = 0; row < rows.Rows; row++)
        {
            Span<T> means = outputs.Means[row], observed = rows[row];
            Span<double> target = columns.Slice(row * _dimension, _dimension);
            for (int d = 0; d < _dimension; d++)
            {
                natural[0] = Natural(double.CreateTruncating(means[d]));
                double x = double.CreateTruncating(observed[d]);
                target[d] += weight * ((natural[0] * x) - _likelihood.Family!.LogPartition(natural) + _baseMeasure.Of(observed[d]));
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
        Span<double> sums = stackalloc double[4];
        double total = 0;
        for (int row = 0; row < rows.Rows; row++)
        {
            total += Row(outputs.Means.Slice(row, 1), rows.Slice(row, 1), outputGradient.Means.Slice(row, 1), sums);
            for (int i = 0; i < sums.Length; i++)
            {
                moments[i] += sums[i];
            }
        }

        return total;
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows) =>
        (moments[Entropy] / rows, moments[Residual] / rows, moments[Base] / rows);

    /// <inheritdoc/>
    public override double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows) => [];

    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share)
    {
        // There is no scale: the dispersion is 1.
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows)
    {
        Span<double> natural = stackalloc double[1];
        for (int i = 0; i < rows.Length; i++)
        {
            natural[0] = Natural(double.CreateTruncating(outputs.Means[i / _dimension][i % _dimension]));
            if (double.IsNaN(natural[0]))
            {
                rows[i] = double.NaN;
                continue;
            }

            _likelihood.Family!.Sample(natural, random, rows.Slice(i, 1));
        }
    }

    /// <inheritdoc/>
    public override double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows) => 1;

    /// <inheritdoc/>
    public override void ToMeans(Span<double> outputs)
    {
        Span<double> natural = stackalloc double[1];
        for (int i = 0; i < outputs.Length; i++)
        {
            natural[0] = Natural(outputs[i]);
            if (!double.IsNaN(natural[0]))
            {
                _likelihood.Family!.MeanParameters(natural, outputs.Slice(i, 1));
            }
        }
    }

    /// <inheritdoc/>
    public override string? Remark(ReadOnlySpan<double> moments, long rows)
    {
        if (_likelihood.AllowFractions)
        {
            return "This is a quasi-likelihood: fractions under a Bernoulli decoder have no density, so its ELBOs compare with each other only.";
        }

        double share = moments[Bounded] / rows / _dimension;
        return share == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"A share of {share:G3} of the log-rates lies at their bound, {GreatestLogRate}: the model expects counts above "
                + $"{Math.Exp(GreatestLogRate):G2} there.");
    }

    /// <summary>Not a number where the network's arithmetic overflowed: it stays so, and the model refuses the row.</summary>
    private double Natural(double output)
    {
        double natural = _likelihood.ActivationFactor * output;
        return IsPoisson ? Math.Min(natural, GreatestLogRate) : natural;
    }

    /// <summary>
    /// log p(x|z) of a row, its sums, and the gradient of minus log p(x|z) where there is room for one. At the bound of a
    /// log-rate the gradient stays, as it points back inside.
    /// </summary>
    private double Row(MatrixView<T> output, MatrixView<T> row, MatrixView<T> gradient, Span<double> sums)
    {
        double factor = _likelihood.ActivationFactor;
        (double partition, double product, double observed, int bounded) = _likelihood.Kind switch
        {
            LikelihoodKind.Poisson => LikelihoodKernels.Poisson(output, row, gradient, factor, GreatestLogRate),
            LikelihoodKind.ContinuousBernoulli => ContinuousBernoulliKernels.Row(output, row, gradient, factor),
            _ => LikelihoodKernels.Binomial(output, row, gradient, factor, _likelihood.Trials),
        };
        return Sums(partition, product, observed, _baseMeasure.Sum<T>(row[0]), bounded, sums);
    }

    private static double Sums(double partition, double product, double observed, double logBase, int bounded, Span<double> sums)
    {
        sums[Entropy] = partition - product;
        sums[Residual] = product - observed;
        sums[Base] = logBase;
        sums[Bounded] = bounded;
        return observed - partition + logBase;
    }
}
