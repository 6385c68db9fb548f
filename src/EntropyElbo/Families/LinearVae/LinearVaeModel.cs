using EntropyElbo.Families.LinearGaussians;
using EntropyElbo.Files;
using EntropyElbo.Models;

namespace EntropyElbo.Families.LinearVae;

/// <summary>
/// A linear VAE (D eq. 18, 19): <c>z ~ N(0, I)</c>, <c>x|z ~ N(W z + mu_0, sigma^2 I)</c>, encoder
/// <c>q(z|x) = N(V (x - mu_0), diag tau^2)</c>. At its optimum it is probabilistic PCA (D Cor. 2). Its ELBO is in closed
/// form, and the log-likelihood of rows is exact.
/// </summary>
public sealed class LinearVaeModel : LinearGaussianModel
{
    internal LinearVaeModel(LinearGaussian parameters, LinearGaussian posterior, ModelHeader header)
        : base(parameters, header) => Posterior = posterior;

    internal LinearVaeModel(LinearGaussian parameters, ModelHeader header)
        : this(
            parameters,
            LinearGaussian.WithPosterior(parameters.Mean, parameters.Loadings, parameters.NoiseVariances),
            header)
    {
    }

    /// <inheritdoc/>
    public override string Family => LinearVaeFamily.Name;

    /// <summary>The noise variance sigma^2, in squared units of the scaled columns.</summary>
    public double NoiseVariance => Parameters.NoiseVariances[0];

    private protected override LinearGaussian Posterior { get; }

    internal override ModelRecord ToRecord() => LinearVaeFile.Write(this);

    internal override LatentModel WithHeader(ModelHeader header) => new LinearVaeModel(Parameters, Posterior, header);
}
