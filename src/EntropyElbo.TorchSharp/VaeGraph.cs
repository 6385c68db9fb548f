using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The objective of a VAE as a graph of tensors, written from the formulas, not from the library's own gradients: so that the two
/// engines check each other. Parameters lie in one flat tensor; each layer's tensor is a leaf that looks into it, and its gradient
/// into another flat one.
/// </summary>
internal sealed class VaeGraph : IDisposable
{
    private readonly DeviceParameters _parameters;
    private readonly TorchPrecision _precision;
    private readonly bool _unfolds;
    private readonly VaeArchitecture _shape;
    private readonly VaeLikelihoodGraph _likelihood;

    public VaeGraph(VaeNetwork network, Device device, TorchPrecision precision, bool unfolds = false)
    {
        Network = network;
        _shape = network.Architecture;
        _precision = precision;
        _unfolds = unfolds;

        // No gradient moves running averages; the normalisation does.
        HashSet<ParameterTensor> statistics = [.. network.Normalisations.SelectMany(n => new[] { n.RunningMean, n.RunningVariance })];
        _parameters = new DeviceParameters(network.Layout, device, statistics.Contains);
        _likelihood = new VaeLikelihoodGraph(this);
    }

    public VaeNetwork Network { get; }

    /// <summary>Where tensors lie in the flat ones.</summary>
    public DeviceLayout Layout => _parameters.Layout;

    /// <summary>The parameters.</summary>
    public DeviceParameters All => _parameters;

    /// <summary>All parameters, flat.</summary>
    public Tensor Parameters => _parameters.Values;

    /// <summary>All gradients, flat; added to by <c>backward</c>.</summary>
    public Tensor Gradient => _parameters.Gradient;

    /// <summary>Where the sums of a batch lie, in the order in which <see cref="Objective"/> strings them together.</summary>
    public BatchSums Sums => new(_shape.Latents, _likelihood.MomentCount);

    /// <summary>A layer's tensor.</summary>
    public Tensor this[ParameterTensor tensor] => _parameters[tensor];

    /// <summary>Minus the summed ELBO of a batch with weighted KL, and its un-weighted sums.</summary>
    /// <param name="x">[n, D], scaled.</param>
    /// <param name="noise">[n, H].</param>
    /// <param name="weights">Weights of prior and entropy.</param>
    public (Tensor Loss, Tensor Sums) Objective(Tensor x, Tensor noise, StepWeights weights)
    {
        int latents = _shape.Latents;
        Tensor heads = Run(Network.Encoder, _shape.Likelihood.View switch
        {
            EncoderView.Log => x.log(),
            EncoderView.LogOfOnePlus => x.log1p(),
            _ => x,
        });
        Tensor mean = heads.narrow(1, 0, latents);
        Tensor logs = StraightThrough(heads.narrow(1, latents, latents), -EncoderKernels.LogVarianceBound, EncoderKernels.LogVarianceBound);
        Tensor deviation = logs.Times(0.5).exp();
        Tensor z = mean.Plus(deviation * noise);
        Tensor output = Run(Network.Decoder, z);
        Tensor? spreads = Network.Variances is { } variances ? Run(variances, z) : null;
        (Tensor reconstruction, Tensor moments) = _likelihood.Evaluate(x, output, spreads);
        (Tensor kl, Tensor statistics) = Prior(mean, logs, deviation);
        Tensor entropies = logs.detach().sum(0L).Times(0.5).Plus(SpecialFunctions.StandardNormalEntropy * x.shape[0]);
        Tensor sums = cat([reconstruction.detach().reshape(1), kl.detach(), statistics.detach(), entropies, moments]).to(float64);
        Tensor loss = kl.sum().Times(weights.Prior) - reconstruction;

        // The KL divergence has the entropy with the prior's weight.
        return (weights.Prior == weights.Entropy ? loss : loss.Plus(logs.sum().Times(0.5 * (weights.Prior - weights.Entropy))), sums);
    }

    public void Dispose() => _parameters.Dispose();

    /// <summary><c>E |z|</c> under normal distributions (V Theorem 2).</summary>
    public static Tensor ExpectedSizes(Tensor mean, Tensor deviation)
    {
        Tensor ratio = mean / deviation;
        return (deviation.Times(Math.Sqrt(2 / Math.PI)) * (ratio * ratio).Times(-0.5).exp()).Plus(mean * ratio.Times(Math.Sqrt(0.5)).erf());
    }

    /// <summary>
    /// Bounds with the gradient of the identity, as the library's own engine has it: beyond a bound the objective points back
    /// inside.
    /// </summary>
    public static Tensor StraightThrough(Tensor x, double least, double greatest) => x.Plus((x.Clamp(least, greatest) - x).detach());

    private Tensor Run(Network network, Tensor x) => network is ConvolutionalNetwork convolutional
        ? new ConvolutionGraph(this, _precision == TorchPrecision.BFloat16, _unfolds).Run(convolutional, x)
        : Run((Perceptron)network, x);

    private Tensor Run(Perceptron network, Tensor x)
    {
        foreach (Dense layer in network.Layers)
        {
            x = _parameters.Affine(layer, x, _precision);
            x = layer.Slope < 1 ? x.LeakyRelu(layer.Slope) : x;
        }

        return x;
    }

    /// <summary>KL and <c>E T(z)</c> per latent, summed over the rows.</summary>
    private (Tensor Kl, Tensor Statistics) Prior(Tensor mean, Tensor logs, Tensor deviation)
    {
        long rows = mean.shape[0];
        Tensor? scale = Network.PriorScale is { } own ? this[own.Tensor].flatten() : null;
        if (_shape.Prior == PriorKind.Laplace)
        {
            Tensor size = ExpectedSizes(mean, deviation).sum(0L);
            Tensor kl = scale!.Times(rows).Plus(rows * (Math.Log(2) - SpecialFunctions.StandardNormalEntropy)).Plus(size * (-scale!).exp())
                - logs.sum(0L).Times(0.5);
            return (kl, size);
        }

        Tensor square = (mean * mean).Plus(deviation * deviation).sum(0L);
        Tensor scaled = scale is null ? square : (square * (-scale).exp()).Plus(scale.Times(rows));
        return ((scaled.Minus(rows) - logs.sum(0L)).Times(0.5), square);
    }
}
