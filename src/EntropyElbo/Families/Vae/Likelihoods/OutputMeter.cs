using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.Vae.Likelihoods;

/// <summary>
/// The sums behind <see cref="PseudoEntropyReport"/>: per column those of <c>eta (A' - x)</c>, and for Gaussian columns, whose
/// pseudo entropies no other sums have, those of <c>mu^2 - x^2</c> and of <c>x^2</c>. Reports make them, training does not. None
/// where a network gives the variances: what it gives cannot stand in a base measure; nor for gamma columns, whose natural
/// parameters are not linear in the decoder's output.
/// </summary>
internal sealed class OutputMeter<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ObservableLikelihood _likelihood;
    private readonly ScaleParameters? _logVariance;
    private readonly ImageShape? _image;
    private readonly int _columns;
    private readonly int _sums;

    /// <summary>A meter of columns.</summary>
    /// <param name="likelihood">Their distribution.</param>
    /// <param name="logVariance">The variances of Gaussian columns, where no network gives them.</param>
    /// <param name="columns">Columns, D.</param>
    /// <param name="image">The image that rows are, or null.</param>
    public OutputMeter(ObservableLikelihood likelihood, ScaleParameters? logVariance, int columns, ImageShape? image)
    {
        _likelihood = likelihood;
        _logVariance = logVariance;
        _image = image;
        _columns = columns;
        _sums = likelihood.Kind switch
        {
            LikelihoodKind.Gaussian => logVariance is null ? 0 : 3,
            LikelihoodKind.Gamma => 0,
            _ => 1,
        };
    }

    /// <summary>Number of sums: none, one or three a column.</summary>
    public int MomentCount => _sums * _columns;

    /// <summary>Adds the sums of some rows, times a weight.</summary>
    public void Add(MatrixView<T> outputs, MatrixView<T> rows, double weight, Span<double> sums)
    {
        int line = Vector512<T>.Count;
        Span<T> lanes = stackalloc T[3 * line];
        for (int column = 0; column < _columns && _sums > 0; column += line)
        {
            if (!_likelihood.IsGaussian)
            {
                Counts(outputs, rows, column, lanes);
            }
            else
            {
                Gaussian(outputs, rows, column, lanes);
            }

            for (int i = 0; i < Math.Min(line, _columns - column); i++)
            {
                for (int sum = 0; sum < _sums; sum++)
                {
                    sums[(sum * _columns) + column + i] += weight * double.CreateTruncating(lanes[(sum * line) + i]);
                }
            }
        }
    }

    /// <summary>The report, or null where there is none.</summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="sums">The sums.</param>
    /// <param name="report">The report beside which it stands; counts have their pseudo entropies there.</param>
    public PseudoEntropyReport? Summarise(AlignedBuffer<T> parameters, ReadOnlySpan<double> sums, ElboReport report)
    {
        if (_sums == 0)
        {
            return null;
        }

        double[] means = new double[sums.Length];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = sums[i] / report.Rows;
        }

        if (!_likelihood.IsGaussian)
        {
            return new PseudoEntropyReport
            {
                EntropySum = report.EntropySum,
                DecoderEntropy = report.DecoderEntropy,
                BaseMeasure = report.BaseMeasure,
                Residuals = ByOutput(means),
            };
        }

        double[] logVariances = new double[_columns];
        for (int d = 0; d < _columns; d++)
        {
            logVariances[d] = double.CreateTruncating(parameters[_logVariance!.Tensor.Offset + (d % _logVariance.Tensor.Columns)]);
        }

        ReadOnlySpan<double> all = means;
        PseudoEntropyReport pseudo = PseudoEntropyReport.Gaussian(
            report.EncoderEntropy
                - report.PriorEntropy, logVariances, all[.._columns], all.Slice(_columns, _columns), all[(2 * _columns)..]);
        return pseudo with { Residuals = ByOutput([.. pseudo.Residuals]) };
    }

    private static Vector512<T> Line(MatrixView<T> matrix, int row, int column) => Vector512.Create<T>(matrix.PaddedRow(row)[column..]);

    /// <summary>Pixels of a channel share the last layer's weights, so only their sum vanishes.</summary>
    private double[] ByOutput(double[] residuals)
    {
        if (_image is null)
        {
            return residuals;
        }

        double[] channels = new double[_image.Channels];
        for (int pixel = 0; pixel < _image.Pixels; pixel++)
        {
            for (int channel = 0; channel < channels.Length; channel++)
            {
                channels[channel] += residuals[_image.Column(pixel, channel)];
            }
        }

        return channels;
    }

    private static void Gaussian(MatrixView<T> outputs, MatrixView<T> rows, int column, Span<T> lanes)
    {
        Vector512<T> products = Vector512<T>.Zero, differences = products, squares = products;
        for (int row = 0; row < rows.Rows; row++)
        {
            Vector512<T> mean = Line(outputs, row, column), x = Line(rows, row, column), error = mean - x;
            products = Lanes.MultiplyAdd(error, mean, products);
            differences = Lanes.MultiplyAdd(error, mean + x, differences);
            squares = Lanes.MultiplyAdd(x, x, squares);
        }

        products.CopyTo(lanes);
        differences.CopyTo(lanes[Vector512<T>.Count..]);
        squares.CopyTo(lanes[(2 * Vector512<T>.Count)..]);
    }

    private void Counts(MatrixView<T> outputs, MatrixView<T> rows, int column, Span<T> lanes)
    {
        Vector512<T> factor = Vector512.Create(T.CreateTruncating(_likelihood.ActivationFactor));
        Vector512<T> trials = Vector512.Create(T.CreateTruncating(_likelihood.Trials));
        Vector512<T> bound = Vector512.Create(T.CreateTruncating(CanonicalLikelihood<T>.GreatestLogRate));
        Vector512<T> products = Vector512<T>.Zero;
        bool isPoisson = _likelihood.Kind == LikelihoodKind.Poisson;
        for (int row = 0; row < rows.Rows; row++)
        {
            Vector512<T> natural = Line(outputs, row, column) * factor, x = Line(rows, row, column);
            natural = isPoisson ? Vector512.Min(natural, bound) : natural;
            Vector512<T> mean = _likelihood.Kind switch
            {
                LikelihoodKind.Poisson => Lanes.Exp(natural),
                LikelihoodKind.ContinuousBernoulli => ContinuousBernoulliKernels.PartitionAndMean(natural).Mean,
                _ => Lanes.LogisticAndSoftplus(natural).Logistic * trials,
            };
            products = Lanes.MultiplyAdd(natural, mean - x, products);
        }

        products.CopyTo(lanes);
    }
}
