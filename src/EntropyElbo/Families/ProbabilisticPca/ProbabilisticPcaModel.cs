using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.ProbabilisticPca;

/// <summary>
/// Probabilistic PCA (Tipping and Bishop 1999; LW sec. 5; D App. A): <c>z ~ N(0, I)</c>,
/// <c>x|z ~ N(W z + mu, sigma^2 I)</c>. The encoder is the exact posterior
/// <c>N(M^-1 W' (x - mu), sigma^2 M^-1)</c>, <c>M = W' W + sigma^2 I</c>, so ELBO and log-likelihood are the same number at
/// any parameter value.
/// </summary>
public sealed class ProbabilisticPcaModel : LinearGaussianModel
{
    internal ProbabilisticPcaModel(LinearGaussian parameters, ModelHeader header)
        : base(parameters, header)
    {
    }

    /// <inheritdoc/>
    public override string Family => ProbabilisticPcaFamily.Name;

    /// <summary>The noise variance sigma^2, in squared units of the scaled columns.</summary>
    public double NoiseVariance => Parameters.NoiseVariances[0];

    private protected override LinearGaussian Posterior => Parameters;

    internal override ModelRecord ToRecord() => ProbabilisticPcaFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) => new ProbabilisticPcaModel(Parameters, header);
}
