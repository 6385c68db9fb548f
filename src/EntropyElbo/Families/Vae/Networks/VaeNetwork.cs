using System.Numerics;
using EntropyElbo.Data;
using EntropyElbo.Families.Vae.Likelihoods;
using EntropyElbo.Families.Vae.Priors;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.Vae.Networks;

/// <summary>Encoder, decoder, prior and likelihood over one parameter layout. Holds no parameters.</summary>
internal sealed class VaeNetwork
{
    /// <summary>
    /// The scales' own learning rate, as a factor: they are few numbers with well-scaled gradients, and start far from
    /// their optima; measured in docs/experiments.md.
    /// </summary>
    public const float ScaleRateFactor = 10;

    /// <summary>
    /// The random output layer of gamma columns starts so much smaller: where a log-mean lies far below its rows, the gradient
    /// grows like x / mean, and Adam would remember it for a thousand updates. Nothing is shrunk where that layer has unit columns.
    /// </summary>
    private const float GammaStart = 0.1f;

    /// <summary>With the networks that the architecture's shape asks for.</summary>
    public VaeNetwork(VaeArchitecture architecture)
        : this(
            architecture,
            architecture.Images is { } images ? new ConvolutionalMaps(images, architecture.Latents) : new PerceptronMaps(architecture))
    {
    }

    /// <summary>With networks of any kind.</summary>
    public VaeNetwork(VaeArchitecture architecture, IVaeMaps maps)
    {
        Architecture = architecture;
        Layout = new ParameterLayout();
        Encoder = maps.Encoder(Layout, "encoder");
        Decoder = maps.Decoder(Layout, "decoder");
        if (architecture.Spread == SpreadKind.Network)
        {
            Variances = maps.Decoder(Layout, "variances");
        }
        else if (architecture.Likelihood.HasDispersion)
        {
            int variances = architecture.Spread == SpreadKind.PerColumn ? architecture.Columns : 1;
            string word = architecture.Likelihood.IsGaussian ? "variance" : "dispersion";
            LogVariance = new ScaleParameters(
                Layout.Add(
                    $"decoder.log_{word}", 1, variances, ScaleRateFactor), 2.0 * variances / architecture.Columns, $"decoder log-{word}");
        }

        if (architecture.HasLearnedPrior)
        {
            PriorScale = new ScaleParameters(
                Layout.Add(
                    architecture.Prior == PriorKind.Laplace
                        ? "prior.log_scale"
                        : "prior.log_variance", 1, architecture.Latents, ScaleRateFactor),
                architecture.Prior == PriorKind.Laplace ? 1 : 2,
                architecture.Prior == PriorKind.Laplace ? "prior log-scale" : "prior log-variance");
        }

        Scales = [.. new[] { LogVariance, PriorScale }.OfType<ScaleParameters>()];
        Normalisations = [.. Encoder.Normalisations, .. Decoder.Normalisations, .. Variances?.Normalisations ?? []];
    }

    public VaeArchitecture Architecture { get; }

    public ParameterLayout Layout { get; }

    public Network Encoder { get; }

    public Network Decoder { get; }

    /// <summary>The network of the decoder variances, VAE-3's, or null.</summary>
    public Network? Variances { get; }

    /// <summary>
    /// Decoder log-variance, or log-dispersion of gamma columns: one, or one per column, or null where the likelihood has none.
    /// </summary>
    public ScaleParameters? LogVariance { get; }

    /// <summary>Log-scales of a learned prior, one per latent, or null.</summary>
    public ScaleParameters? PriorScale { get; }

    /// <summary>All log-variances and log-scales.</summary>
    public IReadOnlyList<ScaleParameters> Scales { get; }

    /// <summary>All batch normalisations: where there is one, the rows of a batch depend on each other in training.</summary>
    public IReadOnlyList<BatchNormalisation> Normalisations { get; }

    /// <summary>
    /// Free parameters of the generative model: decoder weights, biases and the variances where they are learned. A learned
    /// prior adds H scales and takes as many back by its unit columns.
    /// </summary>
    public int FreeParameters =>
        Decoder.FreeParameters + (Variances?.FreeParameters ?? 0)
        + (Architecture.Spread == SpreadKind.Fixed ? 0 : LogVariance?.Tensor.Columns ?? 0);

    public LatentPrior<T> Prior<T>()
        where T : unmanaged, IFloatingPointIeee754<T> => Architecture.Prior == PriorKind.Laplace
            ? new LaplacePrior<T>(Architecture.Latents, PriorScale!)
            : new NormalPrior<T>(Architecture.Latents, PriorScale);

    public DecoderLikelihood<T> Likelihood<T>()
        where T : unmanaged, IFloatingPointIeee754<T> => Architecture.Spread switch
        {
            SpreadKind.Network => new VarianceNetworkLikelihood<T>(
                Architecture.VarianceOutput, Variances!.LastBias, Architecture.Columns, Architecture.Images?.Shape),
            _ when LogVariance is null => new CanonicalLikelihood<T>(Architecture.Likelihood, Architecture.Columns),
            _ when Architecture.Likelihood.Kind == LikelihoodKind.Gamma =>
                new GammaLikelihood<T>(Architecture.Likelihood, LogVariance, Architecture.Columns),
            SpreadKind.PerColumn => new DiagonalGaussianLikelihood<T>(LogVariance, Architecture.Columns),
            SpreadKind.Fixed => new FixedGaussianLikelihood<T>(LogVariance, Architecture.Columns),
            _ => new GaussianLikelihood<T>(LogVariance, Architecture.Columns),
        };

    /// <summary>The second meter.</summary>
    public OutputMeter<T> Meter<T>()
        where T : unmanaged, IFloatingPointIeee754<T> =>
        new(Architecture.Likelihood, LogVariance, Architecture.Columns, Architecture.Images?.Shape);

    /// <summary>Random parameters.</summary>
    public void Initialise(Span<float> parameters, ulong seed, double initialLogVariance)
    {
        parameters.Clear();
        Encoder.Initialise(parameters, new RandomStream(seed, RandomPurpose.Initialisation, 0));
        Decoder.Initialise(parameters, new RandomStream(seed, RandomPurpose.Initialisation, 1));
        LogVariance?.Fill(parameters, initialLogVariance);
        if (Variances is not null)
        {
            InitialiseVariances(parameters, new RandomStream(seed, RandomPurpose.Initialisation, 2), initialLogVariance);
        }

        if (PriorScale is not null)
        {
            ToUnitColumns(parameters);
        }
    }

    /// <summary>Random hidden layers, and a last layer that gives the same variance everywhere.</summary>
    private void InitialiseVariances(Span<float> parameters, RandomStream random, double logVariance)
    {
        Variances!.Initialise(parameters, random);
        ParameterTensor last = Variances.LastWeights;
        parameters.Slice(last.Offset, last.Length).Clear();
        FillVariances(parameters, logVariance);
    }

    /// <summary>Sets the last bias of the variance network to what gives a variance.</summary>
    private void FillVariances(Span<float> parameters, double logVariance)
    {
        ParameterTensor bias = Variances!.LastBias;
        parameters.Slice(bias.Offset, bias.Columns).Fill(
            (float)VarianceKernels.Inverse(Architecture.VarianceOutput, Math.Exp(logVariance)));
    }

    /// <summary>
    /// Takes counts, fractions and positive numbers into account: the encoder sees columns less their mean, over their common
    /// deviation (or logarithms less those of the mean, where it sees logarithms), and the decoder starts at the column means.
    /// </summary>
    /// <param name="parameters">Random parameters.</param>
    /// <param name="moments">Moments of the training rows, which are not scaled.</param>
    public void Centre(Span<float> parameters, ColumnMoments moments)
    {
        if (Architecture.Likelihood.Kind == LikelihoodKind.Gamma && (PriorScale is null || Decoder.LastWeights != Decoder.FirstWeights))
        {
            Scale(parameters.Slice(Decoder.LastWeights.Offset, Decoder.LastWeights.Length), GammaStart);
        }

        if (Encoder is not Perceptron encoder || Decoder is not Perceptron decoder)
        {
            CentreImages(parameters, moments);
            return;
        }

        Dense first = encoder.Layers[0];
        Dense last = decoder.Layers[^1];
        double variance = Enumerable.Range(0, Architecture.Columns).Average(moments.Variance);
        EncoderView view = Architecture.Likelihood.View;
        double factor = variance > 0 && view == EncoderView.Plain ? 1 / Math.Sqrt(variance) : 1;
        Span<float> bias = parameters.Slice(first.Bias.Offset, first.Bias.Columns);
        for (int d = 0; d < Architecture.Columns; d++)
        {
            Span<float> weights = parameters.Slice(first.Weights.Offset + (d * first.Weights.Stride), first.Weights.Columns);
            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = (float)(weights[i] * factor);
                bias[i] -= (float)(weights[i] * view.Of(moments.Mean(d)));
            }

            double output = MeanFunction.Output(Architecture.Likelihood, moments.Mean(d), moments.Rows);
            parameters[last.Bias.Offset + d] = (float)(output / Architecture.Likelihood.ActivationFactor);
        }
    }

    /// <summary>
    /// The decoder starts at the mean of each channel; the encoder's first normalisation takes the mean out of what it sees.
    /// </summary>
    private void CentreImages(Span<float> parameters, ColumnMoments moments)
    {
        ImageShape image = Architecture.Images!.Shape;
        for (int channel = 0; channel < image.Channels; channel++)
        {
            double mean = Enumerable.Range(0, image.Pixels).Average(pixel => moments.Mean(image.Column(pixel, channel)));
            double output = MeanFunction.Output(Architecture.Likelihood, mean, moments.Rows);
            parameters[Decoder.LastBias.Offset + channel] = (float)(output / Architecture.Likelihood.ActivationFactor);
        }
    }

    /// <summary>Starts variances and the prior's scales at a known solution with unit prior.</summary>
    /// <param name="parameters">The parameters, whose weights are that solution's.</param>
    /// <param name="dispersion">Its decoder variance.</param>
    public void StartScales(Span<float> parameters, double dispersion)
    {
        double logVariance = ScaleParameters.Log(dispersion);
        if (Architecture.Spread != SpreadKind.Fixed)
        {
            LogVariance?.Fill(parameters, logVariance);
        }

        if (Variances is not null)
        {
            FillVariances(parameters, logVariance);
        }

        if (PriorScale is not null)
        {
            PriorScale.Fill(parameters, 0);
            ToUnitColumns(parameters);
        }
    }

    /// <summary>
    /// Divides latent h by the square root of <c>m_h</c>: means and deviations of the encoder, and inversely the decoder's
    /// first weights, so that decoded rows stay what they were. With <c>m_h = mean E z_h^2</c> the KL to a standard normal
    /// prior is then least.
    /// </summary>
    public void RescaleLatents(Span<float> parameters, ReadOnlySpan<double> secondMoments)
    {
        ParameterTensor weights = Encoder.LastWeights, bias = Encoder.LastBias;
        for (int h = 0; h < secondMoments.Length; h++)
        {
            float scale = (float)Math.Sqrt(secondMoments[h]);
            for (int row = 0; row < weights.Rows; row++)
            {
                parameters[weights.Offset + (row * weights.Stride) + h] /= scale;
            }

            parameters[bias.Offset + h] /= scale;
            parameters[bias.Offset + secondMoments.Length + h] -= (float)Math.Log(secondMoments[h]);
            Scale(FirstColumn(Decoder, parameters, h), scale);
            if (Variances is not null)
            {
                Scale(FirstColumn(Variances, parameters, h), scale);
            }
        }
    }

    /// <summary>
    /// The same model as with a standard normal prior, its first decoder layer brought to unit columns and their lengths
    /// put into the prior: <c>W0 = W~0 A^(1/2)</c> read from left to right (D eq. 6).
    /// </summary>
    public void ToUnitColumns(Span<float> parameters)
    {
        double[] inverseSquares = new double[Architecture.Latents];
        for (int h = 0; h < inverseSquares.Length; h++)
        {
            double square = SquaredLength(FirstColumn(parameters, h));
            inverseSquares[h] = 1 / Math.Clamp(square, Math.Exp(ScaleParameters.Least), Math.Exp(ScaleParameters.Greatest));

            // A Laplace distribution's scale is a length, a normal distribution's variance a square.
            double power = Architecture.Prior == PriorKind.Laplace ? 0.5 : 1;
            parameters[PriorScale!.Tensor.Offset + h] = (float)(-power * Math.Log(inverseSquares[h]));
        }

        RescaleLatents(parameters, inverseSquares);
        Normalise(parameters);
    }

    /// <summary>
    /// Divides the weights of each latent in the first decoder layer by their length; a length of 0 becomes the first unit vector.
    /// </summary>
    public void Normalise(Span<float> parameters)
    {
        for (int h = 0; h < Architecture.Latents; h++)
        {
            Span<float> column = FirstColumn(parameters, h);
            double length = Math.Sqrt(SquaredLength(column));
            if (length == 0)
            {
                column[0] = 1;
                continue;
            }

            foreach (ref float weight in column)
            {
                weight = (float)(weight / length);
            }
        }
    }

    /// <summary>The weights that latent h has in the first decoder layer: a column of the paper's W0.</summary>
    public Span<float> FirstColumn(Span<float> parameters, int latent) => FirstColumn(Decoder, parameters, latent);

    private static Span<float> FirstColumn(Network network, Span<float> parameters, int latent)
    {
        ParameterTensor first = network.FirstWeights;
        return parameters.Slice(first.Offset + (latent * first.Stride), first.Columns);
    }

    private static void Scale(Span<float> weights, float scale)
    {
        foreach (ref float weight in weights)
        {
            weight *= scale;
        }
    }

    private static double SquaredLength(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
