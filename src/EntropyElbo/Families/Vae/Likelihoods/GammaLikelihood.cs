using System.Buffers;
using System.Globalization;
using System.Numerics;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// Gamma columns with mean <c>exp(rho t)</c>, t the decoder's output, and shape <c>a = 1 / phi</c>, the dispersion phi learned: one
/// for all columns or one for each. With <c>u = log x - rho t</c>, <c>log p = -a (e^u - 1 - u) + a log a - a - log Gamma(a) - log
/// x</c>. As an exponential family with <c>T = (log x, x)</c> and natural parameters <c>(a - 1, -a e^-t)</c> it has a constant base
/// measure (LW eq. 121). Its moments, for each dispersion: sums of <c>e^u - 1 - u</c>, of <c>e^u - 1</c> and of <c>rho t</c>;
/// behind them the number of log-means at a bound.
/// </summary>
internal sealed class GammaLikelihood<T>(
    ObservableLikelihood likelihood, ScaleParameters logDispersions, int dimension) : DecoderLikelihood<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly int _count = logDispersions.Tensor.Columns;

    /// <inheritdoc/>
    public override int MomentCount => (3 * _count) + 1;

    private int Share => dimension / _count;

    /// <inheritdoc/>
    public override void Evaluate(
        AlignedBuffer<T> parameters,
        DecoderBlock<T> outputs,
        MatrixView<T> rows,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        logLikelihoods[..rows.Rows].Fill(LogNormaliser(parameters));
        Tiles(parameters, outputs.Means, rows, default, weight, logLikelihoods, moments);
    }

    /// <inheritdoc/>
    public override void AddColumnTerms(
        AlignedBuffer<T> parameters, DecoderBlock<T> outputs, MatrixView<T> rows, double weight, Span<double> columns)
    {
        for (int d = 0; d < dimension; d++)
        {
            double shape = Shape(parameters, d % _count);
            double normaliser = GammaShape.LogNormaliser(shape);
            for (int row = 0; row < rows.Rows; row++)
            {
                double log = Math.Log(double.CreateTruncating(rows[row][d]));
                double u = log - LogMean(double.CreateTruncating(outputs.Means[row][d]));
                columns[(row * dimension) + d] += weight * (normaliser - log - (shape * (Math.Exp(u) - 1 - u)));
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
        double[] rented = ArrayPool<double>.Shared.Rent(MomentCount);
        Span<double> own = rented.AsSpan(0, MomentCount);
        own.Clear();
        Tiles(parameters, outputs.Means, rows, outputGradient.Means, 1, default, own);
        double total = rows.Rows * LogNormaliser(parameters);
        for (int i = 0; i < _count; i++)
        {
            double shape = Shape(parameters, i), count = (double)Share * rows.Rows;
            total -= (shape * own[i]) + (own[_count + i] - own[i]) + own[(2 * _count) + i]; // log x is u and the log-mean.
            gradient[logDispersions.Tensor.Offset + i] = T.CreateTruncating(shape * ((count * GammaShape.LogLessDigamma(shape)) - own[i]));
        }

        for (int i = 0; i < own.Length; i++)
        {
            moments[i] += own[i];
        }

        ArrayPool<double>.Shared.Return(rented);
        return total;
    }

    /// <inheritdoc/>
    public override (double Entropy, double NoiseResidual, double BaseMeasure) Summarise(
        AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double entropy = 0, residual = 0;
        for (int i = 0; i < _count; i++)
        {
            entropy += (Share * GammaShape.UnitEntropy(Shape(parameters, i))) + Means(moments, i, rows).LogMeans;
            residual += Residual(parameters, moments, i, rows);
        }

        return (entropy, residual, 0);
    }

    /// <inheritdoc/>
    public override double[] Residuals(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows)
    {
        double[] residuals = new double[_count];
        for (int i = 0; i < _count; i++)
        {
            residuals[i] = Residual(parameters, moments, i, rows);
        }

        return residuals;
    }

    /// <summary>A dispersion is best where log less digamma of the shape is the mean deviance.</summary>
    /// <inheritdoc/>
    public override void SolveScales(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, long rows, double share)
    {
        for (int i = 0; i < _count; i++)
        {
            double shape = GammaShape.Solve(moments[i] / rows / Share, Math.Exp(-ScaleParameters.Least));
            logDispersions.Move(parameters, i, 1 / shape, share);
        }
    }

    /// <inheritdoc/>
    public override void Sample(AlignedBuffer<T> parameters, DecoderBlock<T> outputs, RandomStream random, Span<double> rows)
    {
        for (int i = 0; i < rows.Length; i++)
        {
            double shape = Shape(parameters, i % dimension % _count);
            double logMean = LogMean(double.CreateTruncating(outputs.Means[i / dimension][i % dimension]));

            // Draws that no row may have are brought to the nearest that it may.
            double log = RandomVariates.LogGamma(random, shape) - Math.Log(shape) + logMean;
            rows[i] = Math.Exp(Math.Clamp(log, -GammaLikelihood.GreatestLogDraw, GammaLikelihood.GreatestLogDraw));
        }
    }

    /// <inheritdoc/>
    public override double GradientScale(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, double rows)
    {
        double sum = 0;
        for (int i = 0; i < _count; i++)
        {
            sum += LogDispersion(parameters, i);
        }

        return Math.Exp(sum / _count);
    }

    /// <inheritdoc/>
    public override void ToMeans(Span<double> outputs)
    {
        foreach (ref double output in outputs)
        {
            output = Math.Exp(LogMean(output));
        }
    }

    /// <inheritdoc/>
    public override string? Remark(ReadOnlySpan<double> moments, long rows)
    {
        double share = moments[3 * _count] / rows / dimension;
        return share == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"A share of {share:G3} of the log-means lies at a bound, {GammaLikelihood.GreatestLogMean} or its negative.");
    }

    /// <summary>All rows, a tile of columns at a time.</summary>
    private void Tiles(
        AlignedBuffer<T> parameters,
        MatrixView<T> outputs,
        MatrixView<T> rows,
        MatrixView<T> gradient,
        double weight,
        Span<double> logLikelihoods,
        Span<double> moments)
    {
        Span<T> shapes = stackalloc T[GammaKernels.Tile], sums = stackalloc T[3 * GammaKernels.Tile];
        for (int start = 0; start < dimension; start += GammaKernels.Tile)
        {
            sums.Clear();
            for (int i = 0; i < shapes.Length; i++)
            {
                shapes[i] = start + i < dimension ? T.CreateTruncating(Shape(parameters, (start + i) % _count)) : T.Zero;
            }

            for (int row = 0; row < rows.Rows; row++)
            {
                (double deviance, double logarithms, int bounded) = GammaKernels.Row(
                    outputs.Slice(row, 1), rows.Slice(row, 1), gradient.Rows > 0 ? gradient.Slice(row, 1) : default, start, shapes, sums,
                    likelihood.ActivationFactor, GammaLikelihood.GreatestLogMean);
                moments[3 * _count] += weight * bounded;
                if (!logLikelihoods.IsEmpty)
                {
                    logLikelihoods[row] -= deviance + logarithms;
                }
            }

            AddSums(sums, start, weight, moments);
        }
    }

    private void AddSums(ReadOnlySpan<T> sums, int start, double weight, Span<double> moments)
    {
        for (int kind = 0; kind < 3; kind++)
        {
            for (int i = 0; i < Math.Min(GammaKernels.Tile, dimension - start); i++)
            {
                moments[(kind * _count) + ((start + i) % _count)] += weight * double.CreateTruncating(sums[(kind * GammaKernels.Tile) + i]);
            }
        }
    }

    /// <summary>The mean sums of a dispersion's columns: of <c>e^u - 1 - u</c>, of <c>e^u - 1</c>, of log-means.</summary>
    private (double Deviance, double Error, double LogMeans) Means(ReadOnlySpan<double> moments, int index, long rows) =>
        (moments[index] / rows, moments[_count + index] / rows, moments[(2 * _count) + index] / rows);

    private double Residual(AlignedBuffer<T> parameters, ReadOnlySpan<double> moments, int index, long rows)
    {
        (double deviance, double error, _) = Means(moments, index, rows);
        double shape = Shape(parameters, index);
        return ((shape - 1) * (deviance - (Share * GammaShape.LogLessDigamma(shape)))) + error;
    }

    private double LogNormaliser(AlignedBuffer<T> parameters)
    {
        double sum = 0;
        for (int i = 0; i < _count; i++)
        {
            sum += Share * GammaShape.LogNormaliser(Shape(parameters, i));
        }

        return sum;
    }

    /// <summary>Not a number where the network's arithmetic overflowed: it stays so, and the model refuses the row.</summary>
    private double LogMean(double output) =>
        Math.Clamp(likelihood.ActivationFactor * output, -GammaLikelihood.GreatestLogMean, GammaLikelihood.GreatestLogMean);

    private double Shape(AlignedBuffer<T> parameters, int index) => Math.Exp(-LogDispersion(parameters, index));

    private double LogDispersion(AlignedBuffer<T> parameters, int index) =>
        double.CreateTruncating(parameters[logDispersions.Tensor.Offset + index]);
}

/// <summary>Bounds of gamma columns.</summary>
internal static class GammaLikelihood
{
    /// <summary>Greatest size of a column's log-mean, and of the logarithms of its values: from 4e-18 to 2e17.</summary>
    public const double GreatestLogMean = 40;

    /// <summary>Greatest size of a draw's logarithm: inside the bound by more than rounding.</summary>
    public const double GreatestLogDraw = GreatestLogMean - 1e-6;
}
