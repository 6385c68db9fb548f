using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Trains a Gaussian VAE with a fixed decoder variance (VAE-0).</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// ###  Estimator Characteristics
/// |  |  |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | Yes |
/// | Input column data type | Known-sized vector of numbers |
/// | Output column data type | Known-sized vector of <xref:System.Single> |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class FixedVarianceVaeEstimator : LatentEstimator
{
    private readonly Options _options;

    internal FixedVarianceVaeEstimator(MLContext ml, Options options)
        : base(ml, options) => _options = (Options)BaseOptions;

    /// <inheritdoc/>
    public override string Family => "vae-0";

    internal override ITrainer CreateTrainer()
    {
        GaussianVaeOptions options = new() { Latents = _options.Latents };
        return new GaussianVaeTrainer(options with
        {
            Variant = VaeVariant.FixedVariance,
            Hidden = _options.HiddenSizes,
            FixedVariance = _options.FixedVariance,
            Scaling = _options.Scaling ?? options.Scaling,
            Training = _options.Minibatch(Seed),
        });
    }

    /// <summary>Options of VAE-0.</summary>
    public sealed class Options : NetworkOptions
    {
        /// <summary>The decoder variance, in squared units of the scaled columns.</summary>
        public double FixedVariance { get; set; } = GaussianVaeOptions.DefaultFixedVariance;
    }
}
