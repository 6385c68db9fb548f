using EntropyElbo;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae;
using EntropyElbo.Families.Vae.Affine;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Training;
using Microsoft.ML;

namespace MLNet.EntropyElbo;

/// <summary>
/// Trains a member of the Gaussian VAE family: networks for encoder and decoder, by Adam on minibatches (Damm et al. 2023).
/// </summary>
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
        RequireValidOptions();
    }

    /// <inheritdoc/>
    public override string Family => GaussianVaeFamily.NameOf(_variant);

    private protected override ITrainer FamilyTrainer()
    {
        GaussianVaeOptions options = new() { Latents = _options.Latents };
        if (_options.FixedVariance is not null && _variant != VaeVariant.FixedVariance)
        {
            throw new BadOptionException(
                nameof(Options.FixedVariance),
                $"The model {Family} learns its variance; leave FixedVariance out, or use FixedVarianceVae.");
        }

        return new GaussianVaeTrainer(options with
        {
            Variant = _variant,
            Hidden = _options.HiddenSizes,
            DecoderHidden = _options.DecoderHidden,
            Images = _options.Images,
            Start = _options.Start,
            VarianceUpdate = _options.VarianceUpdate,
            VarianceOutput = _options.VarianceOutput,
            InitialLogVariance = _options.InitialLogVariance,
            FixedVariance = _options.FixedVariance ?? options.FixedVariance,
            Likelihood = ObservableLikelihood.Parse(_options.Likelihood) with
            {
                ActivationFactor = _options.ActivationFactor,
                AllowFractions = _options.AllowFractions,
            },
            Scaling = _options.Scaling,
            Training = _options.Minibatch(Seed),
        });
    }

    /// <summary>Options of the Gaussian VAE family.</summary>
    public sealed class Options : NetworkOptions
    {
        /// <summary>Hidden layer sizes of the decoder, from the latents outward; null for those of the encoder reversed.</summary>
        public IReadOnlyList<int>? DecoderHidden { get; set; }

        /// <summary>
        /// Convolutional networks, for rows that are images; hidden layers then mean nothing. ML.NET's pixel extractor gives
        /// channels one behind the other (<see cref="PixelOrder.Planar"/>) unless told to interleave.
        /// </summary>
        public ImageNetworks? Images { get; set; }

        /// <summary>How the networks start: at random, or at the closed-form solution of the affine decoder.</summary>
        public NetworkStart Start { get; set; }

        /// <summary>How learned variances and scales are found: by gradient, or in closed form from the last batches.</summary>
        public VarianceUpdate VarianceUpdate { get; set; }

        /// <summary>How the outputs of VAE-3's variance network become variances; of no meaning for other variants.</summary>
        public VarianceOutput VarianceOutput { get; set; }

        /// <summary>
        /// Where the logarithm of a learned decoder variance starts, in squared units of the scaled columns; null for the family's
        /// own.
        /// </summary>
        public double? InitialLogVariance { get; set; }

        /// <summary>
        /// The observable distribution: <c>gaussian</c>, and for VAE-1, VAE-2 and the sparse VAE also <c>bernoulli</c>,
        /// <c>binomial:N</c>, <c>poisson</c>, <c>continuous-bernoulli</c> or <c>gamma</c> (for VAE-d too), whose rows are not
        /// scaled.
        /// </summary>
        public string Likelihood { get; set; } = ObservableLikelihood.Gaussian.Name;

        /// <summary>Whether Bernoulli columns may hold any number from 0 to 1: a quasi-likelihood.</summary>
        public bool AllowFractions { get; set; }

        /// <summary>
        /// rho of a linearly canonical activation of a likelihood that is not Gaussian (Sicks et al. eq. 10); 1 for the canonical
        /// one.
        /// </summary>
        public double ActivationFactor { get; set; } = 1;

        /// <summary>
        /// The decoder variance of VAE-0, in squared units of the scaled columns; null for the family's own. Members that learn
        /// theirs refuse it.
        /// </summary>
        public double? FixedVariance { get; set; }
    }
}
