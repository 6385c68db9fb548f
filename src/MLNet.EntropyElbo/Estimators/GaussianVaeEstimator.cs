using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Trains a Gaussian VAE with a learned decoder variance (VAE-1).</summary>
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
public sealed class GaussianVaeEstimator : LatentEstimator
{
    private readonly Options _options;

    internal GaussianVaeEstimator(MLContext ml, Options options)
        : base(ml, options) => _options = (Options)BaseOptions;

    /// <inheritdoc/>
    public override string Family => "vae-1";

    internal override ITrainer CreateTrainer()
    {
        GaussianVaeOptions options = new() { Latents = _options.Latents };
        return new GaussianVaeTrainer(options with
        {
            Hidden = _options.HiddenSizes,
            InitialLogVariance = _options.InitialLogVariance,
            Scaling = _options.Scaling ?? options.Scaling,
            Training = _options.Minibatch(Seed),
        });
    }

    /// <summary>Options of VAE-1.</summary>
    public sealed class Options : NetworkOptions
    {
        /// <summary>Where the logarithm of the decoder variance starts, in squared units of the scaled columns.</summary>
        public double InitialLogVariance { get; set; } = GaussianVaeOptions.DefaultInitialLogVariance;
    }
}
