using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Models;

namespace EntropyElbo.Families.Vae.Affine;

/// <summary>
/// The beta-VAE with an affine decoder <c>theta(z) = W z + b</c> in closed form (S section 3.4): the maximum of <c>L^</c> (S eq.
/// 14), the objective to second order. For Gaussian columns that is the objective itself; for others it is a lower bound or an
/// approximation, by its <see cref="AffineExpansion"/>, as <see cref="Accuracy"/> says. It starts networks ("MLE-B"), is a
/// reference line for training, and predicts which latents stay active.
/// </summary>
public sealed class AffineDecoder
{
    /// <summary>Activity from which a latent counts as active (Burda et al. 2016).</summary>
    public const double ActiveFrom = 0.01;

    private readonly AffineFamily _family;
    private readonly double[] _kept;
    private readonly double[] _loadings;
    private readonly double[] _whitened;
    private readonly double _logarithms;
    private readonly ObservableLikelihood _likelihood;

    private AffineDecoder(
        ObservableLikelihood likelihood,
        AffineExpansion expansion,
        AffineFamily family,
        AffineMoments moments,
        double beta,
        double dispersion)
    {
        _likelihood = likelihood;
        _family = family;
        Expansion = expansion;
        Beta = beta;
        Dispersion = dispersion;
        Rows = moments.Rows;
        Mean = moments.Mean;
        Eigenvalues = moments.Pairs.Values;
        _kept = [.. Eigenvalues.Select(e => Math.Max(e, CutOff))];
        Bias = family.Bias;
        _whitened = moments.Pairs.Columns(Array.ConvertAll(_kept, k => Math.Sqrt(k - CutOff)));
        _loadings = [.. _whitened.Select((w, i) => w / family.Slopes[i / _kept.Length])];
        _logarithms = LogarithmsOf(moments, beta, dispersion);
        Objective = ObjectiveOf(family, moments, beta, dispersion);
    }

    /// <summary>Where, and with which curvature, columns are taken to second order.</summary>
    public AffineExpansion Expansion { get; }

    /// <summary>What <see cref="Objective"/> is to the objective of the best affine decoder.</summary>
    public ReferenceKind Accuracy => AffineFamily.Accuracy(_likelihood, Expansion);

    /// <summary>The KL weight, beta.</summary>
    public double Beta { get; }

    /// <summary>The dispersion phi: sigma^2 for Gaussian columns (S eq. 18), 1 over the shape of gamma ones, 1 for others.</summary>
    public double Dispersion { get; }

    /// <summary>Rows it was made from.</summary>
    public long Rows { get; }

    /// <summary>Mean of the scaled rows, D values.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>b (S eq. 15), D values, on the scale of natural parameters, or of log-means of gamma columns.</summary>
    public IReadOnlyList<double> Bias { get; }

    /// <summary>
    /// W with R = I (S eq. 16), [D, H] row-major, on the scale of <see cref="Bias"/>: columns that are orthogonal once their
    /// entries are weighted by <c>sqrt(F'')</c>, of falling length then, and 0 for pruned latents.
    /// </summary>
    public IReadOnlyList<double> Loadings => _loadings;

    /// <summary>The H largest eigenvalues of the covariance of Pearson residuals <c>(x - mean) / sqrt(F'')</c>, falling.</summary>
    public IReadOnlyList<double> Eigenvalues { get; }

    /// <summary>Eigenvalues up to here are pruned: <c>beta phi</c> (S eq. 17).</summary>
    public double CutOff => Beta * Dispersion;

    /// <summary>Posterior variances, H values (S eq. 19); 1 for pruned latents.</summary>
    public IReadOnlyList<double> PosteriorVariances => [.. _kept.Select(k => k > 0 && Beta > 0 ? CutOff / k : 0)];

    /// <summary>Activities <c>Var_x E z_h</c> as predicted without training (S eq. 21), H values in [0, 1].</summary>
    public IReadOnlyList<double> Activities => [.. _kept.Select(k => k > 0 ? (k - CutOff) / k : 0)];

    /// <summary>Number of latents whose predicted activity exceeds <see cref="ActiveFrom"/>.</summary>
    public int ActiveLatents => Activities.Count(a => a > ActiveFrom);

    /// <summary><c>L^</c> at its maximum (S eq. 14), nats per row; with the KL divergence weighted by beta.</summary>
    public double Objective { get; }

    /// <summary>Mean KL divergence of the posteriors from the prior, nats per row.</summary>
    public double Kl => 0.5 * Activities.Zip(PosteriorVariances, (a, v) => a + v - 1 - Math.Log(v)).Sum();

    /// <summary><c>L^</c> with its KL divergence un-weighted, as reports show ELBOs, nats per row.</summary>
    public double Elbo => Beta == 1 ? Objective : Objective + ((Beta - 1) * Kl);

    /// <summary>Solves for some rows. Reads them once for scaling, once for moments; memory is a few D x D matrices.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="latents">H, 1 to D.</param>
    /// <param name="likelihood">The observable distribution; null for Gaussian.</param>
    /// <param name="beta">The KL weight, at least 0.</param>
    /// <param name="scaling">How Gaussian columns are scaled; rows of counts are not.</param>
    /// <param name="fixedVariance">
    /// sigma^2 of Gaussian columns, the dispersion of gamma ones, where it is given; null for the best (S eq. 18).
    /// </param>
    /// <param name="expansion">Where columns that are not Gaussian are taken to second order.</param>
    /// <returns>The solution.</returns>
    /// <exception cref="BadDataException">A value is missing or outside the support, or there are fewer than 2 rows.</exception>
    /// <exception cref="BadOptionException">An option is out of range.</exception>
    public static AffineDecoder Solve(
        IRowSource rows,
        int latents,
        ObservableLikelihood? likelihood = null,
        double beta = 1,
        ScalingKind scaling = ScalingKind.None,
        double? fixedVariance = null,
        AffineExpansion expansion = AffineExpansion.AtMeans)
    {
        ArgumentNullException.ThrowIfNull(rows);
        likelihood ??= ObservableLikelihood.Gaussian;
        if (!likelihood.IsGaussian && scaling != ScalingKind.None)
        {
            throw new BadOptionException(
                "scale", $"Columns under the likelihood {likelihood.Name} cannot be scaled; choose the scaling none.");
        }

        CheckedRows source = new(SupportedRows.Of(rows, DecoderSupport.Of(likelihood)));
        return Solve(
            source,
            Scaling.Fit(source, scaling, CancellationToken.None),
            latents,
            likelihood,
            beta,
            fixedVariance,
            expansion,
            0,
            CancellationToken.None);
    }

    /// <summary>As above, for rows that are checked, a scaling that is known and perhaps moments of the scaled rows.</summary>
    internal static AffineDecoder Solve(
        IRowSource rows,
        Scaling scaling,
        int latents,
        ObservableLikelihood likelihood,
        double beta,
        double? fixedVariance,
        AffineExpansion expansion,
        int threads,
        CancellationToken cancellationToken,
        RowMoments? known = null)
    {
        if (latents < 1 || latents > rows.Columns)
        {
            throw new BadOptionException(
                "latents", $"An affine decoder in closed form has 1 to {rows.Columns} latents, as many as columns; not {latents}.");
        }

        if (!(beta is >= 0 and < double.PositiveInfinity))
        {
            throw new BadOptionException("beta", $"The KL weight is {beta}; it must be 0 or more.");
        }

        (AffineFamily family, AffineMoments moments) = AffineMoments.Read(
            rows, scaling, latents, likelihood, expansion, threads, cancellationToken, known);
        double dispersion = !likelihood.HasDispersion ? 1 : fixedVariance ?? BestVariance(family, moments, beta);
        return new AffineDecoder(likelihood, expansion, family, moments, beta, dispersion);
    }

    /// <summary>
    /// <c>L^</c> of other rows under this solution's decoder, each row with the posterior that is best for it (S eq. 14), nats per
    /// row.
    /// </summary>
    /// <param name="rows">Rows in the units of those it was made from: scaled where those were.</param>
    /// <returns><see cref="Objective"/> for the rows it was made from.</returns>
    /// <exception cref="BadDataException">A value is missing, there are no rows, or the number of columns is another.</exception>
    public double ObjectiveFor(IRowSource rows)
    {
        RequireColumns(rows);
        int columns = Mean.Count, latents = _kept.Length;
        double noise = Dispersion, sum = 0, count = 0;
        double[] block = RowBlock.Allocate(columns), weights = RowBlock.AllocateWeights(rows);
        double[] projections = new double[latents];
        BaseMeasureTable baseMeasure = new(_likelihood);
        using IRowCursor cursor = new CheckedRows(SupportedRows.Of(rows, DecoderSupport.Of(_likelihood))).Open();
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            for (int row = 0; row < read; row++)
            {
                ReadOnlySpan<double> x = block.AsSpan(row * columns, columns);
                Project(x, projections);
                double quadratic = 0;
                for (int d = 0; d < columns; d++)
                {
                    double y = (x[d] - Mean[d]) / _family.Spreads[d];
                    quadratic += y * y / noise;
                }

                for (int h = 0; h < latents; h++)
                {
                    // Along a kept direction C has the eigenvalue k / beta in place of the noise.
                    double length = _kept[h] - CutOff;
                    double along = length > 0 ? projections[h] * projections[h] / length : 0;
                    quadratic += along * ((Beta / _kept[h]) - (1 / noise));
                }

                double weight = rows.HasWeights ? weights[row] : 1;
                sum += weight * (quadratic + _family.RowConstant(x, AffineFamily.LogBaseMeasure(_likelihood, baseMeasure, x), Dispersion));
                count += weight;
            }
        }

        return count > 0
            ? -0.5 * ((sum / count) + _logarithms)
            : throw new BadDataException("There are no rows.");
    }

    /// <summary>
    /// Mean bounds, over rows and the solution's posteriors, on what <c>L^</c> leaves out: the remainder of its Taylor series at 0
    /// (S Corollary 1), nats per row. The objective of the solution's own encoder and decoder lies between <see cref="Objective"/>
    /// plus the one and plus the other.
    /// </summary>
    /// <param name="rows">
    /// The rows, as given to
    /// <see cref="Solve(IRowSource, int, ObservableLikelihood?, double, ScalingKind, double?, AffineExpansion)"/> without scaling.
    /// </param>
    /// <returns>Both bounds; 0 and 0 for Gaussian columns.</returns>
    /// <exception cref="BadDataException">A value is missing, or the number of columns is another.</exception>
    /// <exception cref="InvalidOperationException">The expansion is another than <see cref="AffineExpansion.AtZero"/>.</exception>
    public (double Lower, double Upper) TaylorError(IRowSource rows)
    {
        RequireColumns(rows);
        if (_family.IsGaussian)
        {
            return (0, 0);
        }

        if (Expansion != AffineExpansion.AtZero)
        {
            throw new InvalidOperationException(
                $"The remainder is bounded for the expansion {nameof(AffineExpansion.AtZero)} only, not for {Expansion}.");
        }

        double[] variances = OutputVariances();
        double[] means = new double[Mean.Count];
        double[] latents = new double[_kept.Length];
        double lower = 0, upper = 0, count = 0;
        using IRowCursor cursor = new CheckedRows(rows).Open();
        double[] block = RowBlock.Allocate(rows.Columns), weights = RowBlock.AllocateWeights(rows);
        for (int read = cursor.Read(block, weights); read > 0; read = cursor.Read(block, weights))
        {
            for (int row = 0; row < read; row++)
            {
                double weight = rows.HasWeights ? weights[row] : 1;
                count += weight;
                DecodePosterior(block.AsSpan(row * means.Length, means.Length), latents, means);
                for (int d = 0; d < means.Length; d++)
                {
                    (double low, double high) = _family.Remainder(means[d], variances[d]);
                    lower += weight * low;
                    upper += weight * high;
                }
            }
        }

        return (lower / count, upper / count);
    }

    /// <summary>Posterior mean weights (S eq. 20), [D, H] row-major: <c>mu_z = (x - mean) times these</c>.</summary>
    internal double[] EncoderWeights()
    {
        int latents = _kept.Length;
        double[] weights = new double[_whitened.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = _kept[i % latents] > 0 ? _whitened[i] / _kept[i % latents] / _family.Spreads[i / latents] : 0;
        }

        return weights;
    }

    private void RequireColumns(IRowSource rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Columns != Mean.Count)
        {
            throw new BadDataException($"The rows have {rows.Columns} columns; the solution has {Mean.Count}.");
        }
    }

    /// <summary>Pearson residuals times the weighted loadings.</summary>
    private void Project(ReadOnlySpan<double> row, Span<double> projections)
    {
        int latents = projections.Length;
        projections.Clear();
        for (int d = 0; d < row.Length; d++)
        {
            double y = (row[d] - Mean[d]) / _family.Spreads[d];
            for (int h = 0; h < latents; h++)
            {
                projections[h] += _whitened[(d * latents) + h] * y;
            }
        }
    }

    /// <summary>
    /// S eq. 18 holds where no latent is pruned. With m latents kept the stationary variance is
    /// <c>sum_{i&gt;m} l_i / (d - beta m)</c>; of all m the one with the greatest objective.
    /// </summary>
    private static double BestVariance(AffineFamily family, AffineMoments moments, double beta)
    {
        double left = moments.Total, best = double.NegativeInfinity, variance = double.NaN;
        for (int kept = 0; kept <= moments.Pairs.Values.Length && moments.Mean.Length > beta * kept; kept++)
        {
            double candidate = Math.Max(left, 1e-12 * moments.Total) / (moments.Mean.Length - (beta * kept));
            double objective = candidate > 0 ? ObjectiveOf(family, moments, beta, candidate) : double.NegativeInfinity;
            if (objective > best)
            {
                (best, variance) = (objective, candidate);
            }

            left -= kept < moments.Pairs.Values.Length ? moments.Pairs.Values[kept] : 0;
        }

        return double.IsNaN(variance)
            ? throw new BadDataException(
                "No column varies, so the variance of an affine decoder has no optimum; leave constant columns out.")
            : variance;
    }

    /// <summary>S eq. 14 in the basis of eigenvectors.</summary>
    private static double ObjectiveOf(AffineFamily family, AffineMoments moments, double beta, double dispersion)
    {
        double noise = dispersion, cutOff = beta * noise;
        double trace = moments.Total / noise;
        foreach (double eigenvalue in moments.Pairs.Values.Where(e => e > cutOff))
        {
            trace += beta - (eigenvalue / noise);
        }

        return -0.5 * (trace + LogarithmsOf(moments, beta, dispersion) + family.Constant(moments, dispersion));
    }

    /// <summary><c>beta log |C| - beta d log phi</c>, which no row changes: the directions that are not kept cancel.</summary>
    private static double LogarithmsOf(AffineMoments moments, double beta, double dispersion)
    {
        double cutOff = beta * dispersion;
        return beta == 0 ? 0 : beta * moments.Pairs.Values.Where(e => e > cutOff).Sum(e => Math.Log(e / cutOff));
    }

    /// <summary>Variances of the decoder's outputs under a posterior: <c>sum_h w_dh^2 Sigma_h</c>.</summary>
    private double[] OutputVariances()
    {
        int latents = _kept.Length;
        IReadOnlyList<double> posterior = PosteriorVariances;
        double[] variances = new double[Mean.Count];
        for (int i = 0; i < Loadings.Count; i++)
        {
            variances[i / latents] += Loadings[i] * Loadings[i] * posterior[i % latents];
        }

        return variances;
    }

    /// <summary>Means of the decoder's outputs under a row's posterior, by way of the means z of its latents.</summary>
    private void DecodePosterior(ReadOnlySpan<double> row, Span<double> z, Span<double> outputs)
    {
        int latents = z.Length;
        Project(row, z);
        for (int h = 0; h < latents; h++)
        {
            z[h] = _kept[h] > 0 ? z[h] / _kept[h] : 0;
        }

        for (int d = 0; d < row.Length; d++)
        {
            double sum = Bias[d];
            for (int h = 0; h < latents; h++)
            {
                sum += _loadings[(d * latents) + h] * z[h];
            }

            outputs[d] = sum;
        }
    }
}
