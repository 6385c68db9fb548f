using System.Numerics.Tensors;
using EntropyElbo.Data;
using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Models;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>
/// The ELBO of factor analysis as a function of the log noise variances alone: posterior, mean and loadings are at their
/// optimum for them (Jöreskog 1967). With the eigenpairs <c>l_h, u_h</c> of <c>S^-1/2 C S^-1/2</c>, C the covariance (1/N)
/// and S the noise, <c>W = S^1/2 U (L - I)^1/2</c> over the eigenvalues above 1, and
/// <c>ELBO = -1/2 (D log 2 pi + sum_d log sigma_d^2 + sum_{h in H} (1 + log l_h) + sum_{others} l)</c>.
/// </summary>
internal sealed class FactorAnalysisProfile
{

    /// <summary>Columns up to which all eigenpairs are found, for exact second derivatives.</summary>
    private const int MaxExactColumns = 128;

    private readonly RowSpread _spread;

    /// <summary>For the moments of some rows.</summary>
    public FactorAnalysisProfile(RowMoments moments, FactorAnalysisOptions options)
        : this(new CovarianceSpread(moments), options)
    {
    }

    /// <summary>For the spread of some rows.</summary>
    /// <param name="spread">The spread of at least 2 rows.</param>
    /// <param name="options">Latents, floor and start.</param>
    public FactorAnalysisProfile(RowSpread spread, FactorAnalysisOptions options)
    {
        _spread = spread;
        Columns = spread.Columns;
        Latents = options.Latents;
        Wide = spread is CentredRows rows ? new ScaledRows(rows) : null;
        LogVariances = Array.ConvertAll(spread.Variances, Math.Log);
        LogUnits = 0.5 * LogVariances.Where(double.IsFinite).Sum();
        LogFloors = Array.ConvertAll(VarianceFloors.OfColumns(spread.Variances, options.VarianceFloor), Math.Log);
        IEnumerable<double> start = options.From?.Parameters.NoiseVariances ?? spread.Variances.Select(v => options.InitialNoiseShare * v);
        Start = [.. start.Zip(LogFloors, (v, floor) => Math.Max(Math.Log(v), floor))];
    }

    /// <summary>Columns, D.</summary>
    public int Columns { get; }

    /// <summary>Latents, H.</summary>
    public int Latents { get; }

    /// <summary>Sum of the logarithms of the deviations of columns that vary.</summary>
    public double LogUnits { get; }

    /// <summary>Logarithms of the columns' variances; minus infinity for a column that does not vary.</summary>
    public double[] LogVariances { get; }

    /// <summary>ELBO of independent columns, their variances not below the floors; nats per row.</summary>
    public double IndependentElbo
    {
        get
        {
            double sum = Columns * (SpecialFunctions.LogTwoPi + 1);
            for (int d = 0; d < Columns; d++)
            {
                sum += Math.Max(LogVariances[d], LogFloors[d]);
            }

            return -0.5 * sum;
        }
    }

    /// <summary>Least log noise variances.</summary>
    public double[] LogFloors { get; }

    /// <summary>Log noise variances to start from.</summary>
    public double[] Start { get; }

    /// <summary>Whether the eigenpairs are all there.</summary>
    public bool IsExact => Wide is null && Columns <= MaxExactColumns;

    /// <summary>The rows over the noise, where they are fewer than columns; else null.</summary>
    public ScaledRows? Wide { get; }

    /// <summary>Values at some log noise variances.</summary>
    /// <exception cref="TrainingException">The covariance in units of the noise is not finite.</exception>
    public FactorAnalysisPoint Evaluate(double[] logVariances)
    {
        double[] roots = Array.ConvertAll(logVariances, t => Math.Exp(-0.5 * t));
        double[] diagonal = [.. roots.Select((root, d) => _spread.Variances[d] * root * root)];
        if (Wide is not null)
        {
            return Values(logVariances, diagonal, [], Wide.Eigen(roots, Latents));
        }

        double[] covariance = ((CovarianceSpread)_spread).Covariance;
        double[] scaled = new double[Columns * Columns];
        for (int i = 0; i < Columns; i++)
        {
            Span<double> row = scaled.AsSpan(i * Columns, Columns);
            TensorPrimitives.Multiply(covariance.AsSpan(i * Columns, Columns), roots, row);
            TensorPrimitives.Multiply(row, roots[i], row);
        }

        Require(scaled);
        return Values(logVariances, diagonal, scaled, SymmetricEigen.Top(scaled, Columns, IsExact ? Columns : Latents));
    }

    /// <summary>
    /// The log noise variances after an EM step: each variance becomes the mean expected squared error of its column (LW Prop. 4), and
    /// none goes below its floor.
    /// </summary>
    public double[] Maximised(FactorAnalysisPoint point)
    {
        double[] next = new double[Columns];
        for (int d = 0; d < next.Length; d++)
        {
            next[d] = Math.Max(point.LogVariances[d] + Math.Log(point.Ratios[d]), LogFloors[d]);
        }

        return next;
    }

    /// <summary>Stops where a covariance over the noise is no number.</summary>
    internal static void Require(ReadOnlySpan<double> scaled)
    {
        if (!TensorPrimitives.IsFiniteAll(scaled))
        {
            throw new TrainingException("The covariance over the noise stopped being finite; scale the columns (minmax or standard).");
        }
    }

    /// <summary>The parameters at a point: the largest entry of each column of W positive.</summary>
    public LinearGaussian Parameters(FactorAnalysisPoint point)
    {
        double[] loadings = new double[Columns * Latents];
        for (int h = 0; h < point.Active; h++)
        {
            double length = Math.Sqrt(point.Pairs.Values[h] - 1);
            for (int d = 0; d < Columns; d++)
            {
                loadings[(d * Latents) + h] = length * Math.Exp(0.5 * point.LogVariances[d]) * point.Pairs.Vectors[(h * Columns) + d];
            }
        }

        LoadingSigns.Fix(loadings, Latents);
        return LinearGaussian.WithPosterior(_spread.Mean, loadings, Array.ConvertAll(point.LogVariances, Math.Exp));
    }

    private FactorAnalysisPoint Values(double[] logVariances, double[] diagonal, double[] scaled, EigenPairs pairs)
    {
        int active = pairs.Values.Take(Latents).Count(l => l > 1);
        double elbo = (Columns * SpecialFunctions.LogTwoPi) + VectorFold.Sum(logVariances);
        for (int d = 0; d < Columns; d++)
        {
            elbo += diagonal[d];
        }

        double[] explained = new double[Columns];
        for (int h = 0; h < active; h++)
        {
            double value = pairs.Values[h];
            elbo += 1 + Math.Log(value) - value;
            ReadOnlySpan<double> vector = pairs.Vectors.AsSpan(h * Columns, Columns);
            for (int d = 0; d < Columns; d++)
            {
                explained[d] += (value - 1) * vector[d] * vector[d];
            }
        }

        double[] ratios = new double[Columns];
        double[] gradient = new double[Columns];
        for (int d = 0; d < Columns; d++)
        {
            ratios[d] = Math.Max(0, diagonal[d] - explained[d]);
            gradient[d] = 0.5 * (ratios[d] - 1);
        }

        return new FactorAnalysisPoint(logVariances, scaled, pairs, active, -0.5 * elbo, ratios, gradient);
    }
}

/// <summary>Values at some log noise variances.</summary>
/// <param name="LogVariances">log sigma_d^2.</param>
/// <param name="Scaled">S^-1/2 C S^-1/2, [D, D]; empty where there are fewer rows than columns.</param>
/// <param name="Pairs">Its largest eigenvalues with their vectors, all D or H of them.</param>
/// <param name="Active">Latents with an eigenvalue above 1: the others have no loadings.</param>
/// <param name="Elbo">The ELBO, nats per row.</param>
/// <param name="Ratios">s_d / sigma_d^2, s_d the mean expected squared error of column d: what EM sets sigma_d^2 to.</param>
/// <param name="Gradient">Derivatives of the ELBO by the log variances, <c>1/2 (s_d / sigma_d^2 - 1)</c>.</param>
internal sealed record FactorAnalysisPoint(
    double[] LogVariances, double[] Scaled, EigenPairs Pairs, int Active, double Elbo, double[] Ratios, double[] Gradient)
{
    /// <summary>
    /// As progress. With loadings at their optimum every latent's mean second moment is 1, so the prior residual is 0, and
    /// the noise residual is the sum of the derivatives.
    /// </summary>
    public IterationValues ToValues(int latents)
    {
        double noise = VectorFold.Sum(Gradient);
        double margin = new CollapseThresholds().EntropyMargin;
        int open = Pairs.Values.Take(Active).Count(l => 0.5 * Math.Log(l) >= margin);
        double logs = VectorFold.Sum(LogVariances), columns = LogVariances.Length;
        double prior = latents * SpecialFunctions.StandardNormalEntropy, decoder = (columns * SpecialFunctions.StandardNormalEntropy) + (0.5 * logs);
        double reconstruction = -decoder - noise;
        return new IterationValues(Elbo, Elbo + noise, 0, noise, latents - open)
        {
            Parts = new(reconstruction, reconstruction - Elbo, Elbo + noise + prior + decoder, prior, decoder, BaseMeasure: 0),
            NoiseVariance = Math.Exp(logs / columns),
        };
    }
}
