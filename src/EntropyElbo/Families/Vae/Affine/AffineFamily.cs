using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Affine;

/// <summary>
/// A likelihood's columns to second order (S section 3, for any point of expansion):
/// <c>log p = constant - (v - c (theta - b))^2 / (2 phi)</c> with <c>v = (x - mean) / r</c>. With canonical links r and c are both
/// the root of the curvature; of gamma columns, with a logarithmic link, r is in units of the mean; Gaussian ones have 1 and 1.
/// </summary>
internal sealed class AffineFamily
{
    private readonly ObservableLikelihood _likelihood;
    private readonly double[] _points;
    private readonly double[] _partitions;
    private readonly double[] _expected;

    /// <summary>The expansion for columns of those means, and of those curvatures of the secant where the likelihood has them.</summary>
    /// <exception cref="BadOptionException">The likelihood does not have it.</exception>
    public AffineFamily(
        ObservableLikelihood likelihood, AffineExpansion expansion, ReadOnlySpan<double> means, double[]? secants, long rows)
    {
        _likelihood = likelihood;
        RequireExpansion(likelihood, expansion);
        bool atZero = likelihood.IsGaussian || expansion == AffineExpansion.AtZero;
        int columns = means.Length;
        (_points, _partitions, _expected) = (new double[columns], new double[columns], new double[columns]);
        (Spreads, Slopes, Bias) = (new double[columns], new double[columns], new double[columns]);
        for (int d = 0; d < columns; d++)
        {
            double point = atZero ? 0 : MeanFunction.Output(likelihood, means[d], rows);
            _points[d] = point;
            _expected[d] = MeanFunction.Mean(likelihood, point);
            _partitions[d] = likelihood.HasDispersion ? 0 : MeanFunction.LogPartition(likelihood, point);
            (Spreads[d], Slopes[d]) = Units(point, expansion, secants?[d] ?? 0);
            Bias[d] = point + ((means[d] - _expected[d]) / Spreads[d] / Slopes[d]);
        }
    }

    /// <summary>b (S eq. 15), on the scale of the decoder's outputs.</summary>
    public double[] Bias { get; }

    /// <summary>r, what x less its mean is divided by.</summary>
    public double[] Spreads { get; }

    /// <summary>c, what outputs less b are multiplied by.</summary>
    public double[] Slopes { get; }

    /// <summary>Whether columns are Gaussian.</summary>
    public bool IsGaussian => _likelihood.IsGaussian;

    /// <summary>Whether the dispersion is learned.</summary>
    public bool HasDispersion => _likelihood.HasDispersion;

    /// <summary>What the closed form is to the best affine decoder.</summary>
    public static ReferenceKind Accuracy(ObservableLikelihood likelihood, AffineExpansion expansion) =>
        likelihood.IsGaussian ? ReferenceKind.Exact
        : expansion != AffineExpansion.AtMeans && MeanFunction.GreatestCurvature(likelihood) is not null ? ReferenceKind.LowerBound
        : ReferenceKind.Approximation;

    /// <summary>
    /// Minus twice the mean of <c>log p + (v - ..)^2 / (2 phi)</c> over rows (D(phi) of S eq. 33); for Poisson columns with log x!
    /// where S Table 2 prints log x.
    /// </summary>
    public double Constant(AffineMoments moments, double dispersion)
    {
        if (_likelihood.HasDispersion)
        {
            return (_points.Length * LogNormaliser(dispersion)) - (2 * moments.LogBaseMeasure);
        }

        double sum = -moments.Total;
        for (int d = 0; d < _points.Length; d++)
        {
            double off = (moments.Mean[d] - _expected[d]) / Spreads[d];
            sum += (2 * (_partitions[d] - (moments.Mean[d] * _points[d]))) - (off * off);
        }

        return sum - (2 * moments.LogBaseMeasure);
    }

    /// <summary>A row's share of <see cref="Constant"/>.</summary>
    /// <param name="row">The row.</param>
    /// <param name="logBaseMeasure">Its log base measure, as <see cref="LogBaseMeasure"/> gives it.</param>
    /// <param name="dispersion">phi.</param>
    public double RowConstant(ReadOnlySpan<double> row, double logBaseMeasure, double dispersion)
    {
        if (_likelihood.HasDispersion)
        {
            return (row.Length * LogNormaliser(dispersion)) - (2 * logBaseMeasure);
        }

        double sum = -2 * logBaseMeasure;
        for (int d = 0; d < row.Length; d++)
        {
            double off = (row[d] - _expected[d]) / Spreads[d];
            sum += (2 * (_partitions[d] - (row[d] * _points[d]))) - (off * off);
        }

        return sum;
    }

    /// <summary>Whether <see cref="LogBaseMeasure"/> is 0 for every row.</summary>
    public static bool HasNoBaseMeasure(ObservableLikelihood likelihood, BaseMeasureTable table) =>
        table.IsConstant && likelihood.Kind != LikelihoodKind.Gamma;

    /// <summary>What log p has of some rows alone: log base measures of counts, minus log x of gamma columns.</summary>
    public static double LogBaseMeasure(ObservableLikelihood likelihood, BaseMeasureTable table, ReadOnlySpan<double> rows)
    {
        if (likelihood.Kind != LikelihoodKind.Gamma)
        {
            return table.Sum(rows);
        }

        double sum = 0;
        foreach (double value in rows)
        {
            sum -= Math.Log(value);
        }

        return sum;
    }

    /// <summary>
    /// Bounds on the mean of <c>F(0) + F'(0) t + F''(0) t^2 / 2 - F(t)</c> for a normal t (S Corollary 1): for n trials 0 and
    /// <c>n / 192 E t^4</c>, for continuous Bernoulli columns 0 and <c>E t^4 / 2880</c>, for Poisson <c>-E t^3 e^t / 6</c> and
    /// <c>-E t^3 / 6</c>.
    /// </summary>
    public (double Lower, double Upper) Remainder(double mean, double variance)
    {
        if (_likelihood.Kind != LikelihoodKind.Poisson)
        {
            // The fourth derivative is least at 0: -n/8 and -1/120.
            double square = mean * mean, fourth = _likelihood.Kind == LikelihoodKind.Binomial ? _likelihood.Trials / 192.0 : 1 / 2880.0;
            return (0, fourth * ((square * square) + (6 * square * variance) + (3 * variance * variance)));
        }

        double tilted = mean + variance;
        double third = (tilted * tilted * tilted) + (3 * tilted * variance);
        return (-Math.Exp(mean + (0.5 * variance)) * third / 6, -((mean * mean * mean) + (3 * mean * variance)) / 6);
    }

    private static void RequireExpansion(ObservableLikelihood likelihood, AffineExpansion expansion)
    {
        if (!Enum.IsDefined(expansion))
        {
            throw new BadOptionException("expansion", $"'{expansion}' is no expansion of an affine decoder.");
        }

        if (expansion == AffineExpansion.AtZero && likelihood.Kind == LikelihoodKind.Gamma)
        {
            throw new BadOptionException("expansion", "Gamma columns have no expansion at 0; expand at the means.");
        }

        if (expansion == AffineExpansion.BoundAtMeans && MeanFunction.GreatestCurvature(likelihood) is null)
        {
            throw new BadOptionException(
                "expansion", $"The curvature of the likelihood {likelihood.Name} has no bound; expand at the means without one.");
        }
    }

    /// <summary>Minus twice the normaliser of a column with dispersion phi.</summary>
    private double LogNormaliser(double dispersion) =>
        _likelihood.IsGaussian ? Math.Log(2 * Math.PI * dispersion) : -2 * GammaShape.LogNormaliser(1 / dispersion);

    private (double Spread, double Slope) Units(double point, AffineExpansion expansion, double secant)
    {
        switch (_likelihood.Kind)
        {
            case LikelihoodKind.Gaussian:
                return (1, 1);
            case LikelihoodKind.Gamma:
                return (Math.Exp(point) * Math.Sqrt(secant), Math.Sqrt(secant));
            default:
                double curvature = MeanFunction.Curvature(_likelihood, point);
                double root = Math.Sqrt(expansion switch
                {
                    AffineExpansion.AtMeans => Math.Max(curvature, secant),
                    AffineExpansion.BoundAtMeans => MeanFunction.GreatestCurvature(_likelihood)!.Value,
                    _ => curvature,
                });
                return (root, root);
        }
    }
}
