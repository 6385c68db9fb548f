using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;
using EntropyElbo.Reports;

namespace EntropyElbo.Families.FactorAnalysis;

/// <summary>
/// Factor analysis (LW Ex. 2 and Prop. 4; Everitt 1984): <c>z ~ N(0, I)</c>, <c>x|z ~ N(W z + mu, diag sigma_d^2)</c>, one
/// noise variance per column. The encoder is the exact posterior <c>N(V (x - mu), T)</c> with
/// <c>T = (I + W' S^-1 W)^-1</c>, <c>V = T W' S^-1</c>, S the noise, so ELBO and log-likelihood are the same number at any
/// parameter value. Training turns the latents so that T is diagonal.
/// </summary>
/// <remarks>
/// LW Ex. 2 writes the same model with a prior <c>N(0, diag alpha_h)</c> and loadings of unit length,
/// <c>w_h -> w_h / |w_h|</c>, <c>alpha_h = |w_h|^2</c>, because the identity needs a prior with parameters. In that writing
/// <c>PriorResidual = -1/2 sum_h (1 - m_h / alpha_h)</c>, m_h the mean second moment of the latent under the encoder; both
/// m_h and alpha_h carry the same factor <c>|w_h|^2</c>, so with the prior N(0, I) it is <c>-1/2 sum_h (1 - m_h)</c>: the
/// number reported. <c>NoiseResidual = -1/2 sum_d (1 - s_d / sigma_d^2)</c>, s_d the mean expected squared error of column d
/// (LW Prop. 4), and the entropy of the observable distribution is <c>sum_d 1/2 log(2 pi e sigma_d^2)</c> (LW eq. 105).
/// </remarks>
public sealed class FactorAnalysisModel : LinearGaussianModel
{
    private readonly int[] _flooredColumns;

    internal FactorAnalysisModel(LinearGaussian parameters, int[] flooredColumns, ModelHeader header)
        : base(parameters, header) => _flooredColumns = flooredColumns;

    /// <inheritdoc/>
    public override string Family => FactorAnalysisFamily.Name;

    /// <summary>
    /// Free parameters of the generative model: D means, D noise variances, and D H loadings less H (H - 1) / 2 for the
    /// rotations of the latents that change nothing; but no more than the D means and D (D + 1) / 2 covariances that they
    /// make, where the model is not identifiable.
    /// </summary>
    public override int FreeParameters => checked((int)Math.Min(
        CountParameters(ObservedDimension, LatentDimension), CountMoments(ObservedDimension)));

    /// <summary>The noise variances sigma_d^2, D values, in squared units of the scaled columns.</summary>
    public ReadOnlySpan<double> NoiseVariances => Parameters.NoiseVariances;

    /// <summary>
    /// Columns whose noise variance training held at its floor: constant columns, and columns that the latents explain
    /// wholly. Each leaves up to half a nat of noise residual that no training removes; reports carry a remark.
    /// </summary>
    public IReadOnlyList<int> FlooredColumns => _flooredColumns;

    private protected override LinearGaussian Posterior => Parameters;

    /// <summary>Means, noise variances, and loadings up to rotation.</summary>
    internal static long CountParameters(long columns, long latents) => (2 * columns) + (columns * latents) - (latents * (latents - 1) / 2);

    /// <summary>Means and covariances of a Gaussian.</summary>
    internal static long CountMoments(long columns) => columns + (columns * (columns + 1) / 2);

    internal override ModelRecord ToRecord() => FactorAnalysisFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) => new FactorAnalysisModel(Parameters, _flooredColumns, header);

    /// <summary>A floored column's residual need not vanish, and is left at 0 here.</summary>
    private protected override double[] ColumnResiduals(ElboStatistics sums)
    {
        double[] residuals = Moments(sums, 0).ToArray();
        for (int d = 0; d < residuals.Length; d++)
        {
            residuals[d] = Parameters.NoiseResidual(d, residuals[d] / sums.Rows);
        }

        foreach (int column in _flooredColumns)
        {
            residuals[column] = 0;
        }

        return residuals;
    }

    private protected override ElboReport Summarise(ElboStatistics sums) => base.Summarise(sums) with
    {
        Remark = _flooredColumns.Length == 0 ? null
            : $"The noise variance of {_flooredColumns.Length} of {ObservedDimension} columns is at its floor; their part of the noise "
                + $"residual, up to half a nat each, says nothing about convergence.",
    };
}
