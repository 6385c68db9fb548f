using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.GaussianVae;

/// <summary>The kinds of Gaussian VAE (SPEC 6; D Definitions 1 to 3).</summary>
public enum VaeVariant
{
    /// <summary>VAE-0: prior N(0, I), decoder variance fixed.</summary>
    FixedVariance,

    /// <summary>VAE-1: prior N(0, I), one decoder variance, learned.</summary>
    LearnedVariance,
}

/// <summary>What fixes the shape of a VAE's parameters.</summary>
/// <param name="Variant">The kind of VAE.</param>
/// <param name="Columns">Observed columns, D.</param>
/// <param name="Latents">Latents, H.</param>
/// <param name="Hidden">Hidden layer sizes of the encoder; the decoder has them reversed.</param>
internal sealed record VaeArchitecture(VaeVariant Variant, int Columns, int Latents, IReadOnlyList<int> Hidden);

/// <summary>Encoder, decoder, prior and likelihood over one parameter layout. Holds no parameters.</summary>
internal sealed class VaeNetwork
{
    /// <summary>
    /// The variance's own learning rate, as a factor: it is one number with a well-scaled gradient, and starts far from
    /// its optimum; measured in docs/experiments.md.
    /// </summary>
    public const float VarianceRateFactor = 10;

    public VaeNetwork(VaeArchitecture architecture)
    {
        Architecture = architecture;
        Layout = new ParameterLayout();
        int[] hidden = [.. architecture.Hidden];
        Encoder = new Perceptron(Layout, "encoder", [architecture.Columns, .. hidden, 2 * architecture.Latents]);
        Decoder = new Perceptron(Layout, "decoder", [architecture.Latents, .. hidden.Reverse(), architecture.Columns]);
        LogVariance = Layout.Add("decoder.log_variance", 1, 1, VarianceRateFactor);
    }

    public VaeArchitecture Architecture { get; }

    public ParameterLayout Layout { get; }

    public Perceptron Encoder { get; }

    public Perceptron Decoder { get; }

    public ParameterTensor LogVariance { get; }

    /// <summary>Free parameters of the generative model: decoder weights, biases and the variance where it is learned.</summary>
    public int FreeParameters =>
        Decoder.Layers.Sum(l => (l.Weights.Rows + 1) * l.Weights.Columns)
        + (Architecture.Variant == VaeVariant.LearnedVariance ? 1 : 0);

    public LatentPrior<T> Prior<T>()
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => new StandardNormalPrior<T>(Architecture.Latents);

    public DecoderLikelihood<T> Likelihood<T>()
        where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> =>
        new GaussianLikelihood<T>(LogVariance, Architecture.Columns, Architecture.Variant == VaeVariant.LearnedVariance);

    /// <summary>Random parameters.</summary>
    public void Initialise(Span<float> parameters, ulong seed, double initialLogVariance)
    {
        parameters.Clear();
        Encoder.Initialise(parameters, new RandomStream(seed, RandomPurpose.Initialisation, 0));
        Decoder.Initialise(parameters, new RandomStream(seed, RandomPurpose.Initialisation, 1));
        parameters[LogVariance.Offset] = (float)initialLogVariance;
    }

    /// <summary>
    /// Divides latent h by the square root of <c>m_h</c>: means and deviations of the encoder, and inversely the decoder's
    /// first weights, so that decoded rows stay what they were. With <c>m_h = mean E z_h^2</c> the KL is then least.
    /// </summary>
    public void RescaleLatents(Span<float> parameters, ReadOnlySpan<double> secondMoments)
    {
        Dense head = Encoder.Layers[^1];
        Dense first = Decoder.Layers[0];
        for (int h = 0; h < secondMoments.Length; h++)
        {
            float scale = (float)Math.Sqrt(secondMoments[h]);
            for (int row = 0; row < head.Weights.Rows; row++)
            {
                parameters[head.Weights.Offset + (row * head.Weights.Stride) + h] /= scale;
            }

            parameters[head.Bias.Offset + h] /= scale;
            parameters[head.Bias.Offset + secondMoments.Length + h] -= (float)Math.Log(secondMoments[h]);
            foreach (ref float weight in parameters.Slice(first.Weights.Offset + (h * first.Weights.Stride), first.Weights.Columns))
            {
                weight *= scale;
            }
        }
    }
}
