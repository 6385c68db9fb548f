using EntropyElbo;
using EntropyElbo.Models.GaussianVae;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>Trains a member of the Gaussian VAE family: networks for encoder and decoder, by Adam on minibatches (Damm et al. 2023).</summary>
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
    private readonly VaeVariant _variant;

    internal GaussianVaeEstimator(MLContext ml, Options options, VaeVariant variant)
        : base(ml, options)
    {
        _options = (Options)BaseOptions;
        _variant = variant;
    }

    /// <inheritdoc/>
    public override string Family => GaussianVaeFile.NameOf(_variant);

    internal override ITrainer CreateTrainer()
    {
        GaussianVaeOptions options = new() { Latents = _options.Latents };
        if (_options.FixedVariance is not null && _variant != VaeVariant.FixedVariance)
        {
            throw new BadOptionException(nameof(Options.FixedVariance), $"The model {Family} learns its variance; leave FixedVariance out, or use FixedVarianceVae.");
        }

        return new GaussianVaeTrainer(options with
        {
            Variant = _variant,
            Hidden = _options.HiddenSizes,
            InitialLogVariance = _options.InitialLogVariance,
            FixedVariance = _options.FixedVariance ?? options.FixedVariance,
            Likelihood = ObservableLikelihood.Parse(_options.Likelihood) with { ActivationFactor = _options.ActivationFactor },
            Scaling = _options.Scaling,
            Training = _options.Minibatch(Seed),
        });
    }

    /// <summary>Options of the Gaussian VAE family.</summary>
    public sealed class Options : NetworkOptions
    {
        /// <summary>Where the logarithm of a learned decoder variance starts, in squared units of the scaled columns.</summary>
        public double InitialLogVariance { get; set; } = GaussianVaeOptions.DefaultInitialLogVariance;

        /// <summary>The observable distribution: <c>gaussian</c>, and for VAE-1 and VAE-2 also <c>bernoulli</c>, <c>binomial:N</c> or <c>poisson</c>, whose rows are not scaled.</summary>
        public string Likelihood { get; set; } = ObservableLikelihood.Gaussian.Name;

        /// <summary>rho of a linearly canonical activation of a likelihood that is not Gaussian (Sicks et al. eq. 10); 1 for the canonical one.</summary>
        public double ActivationFactor { get; set; } = 1;

        /// <summary>The decoder variance of VAE-0, in squared units of the scaled columns; null for the family's own. Members that learn theirs refuse it.</summary>
        public double? FixedVariance { get; set; }
    }
}
