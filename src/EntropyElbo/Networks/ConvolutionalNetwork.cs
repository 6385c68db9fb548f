using System.Numerics;
using EntropyElbo.Data;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// Convolutions with batch normalisation and leaky rectifiers: an encoder that halves the image with every layer and ends dense, or
/// a decoder that begins dense and doubles it (the architecture of D App. D.4, after Subramanian 2020).
/// </summary>
internal sealed class ConvolutionalNetwork : Network
{
    private readonly ConvolutionLayer[] _layers;

    private ConvolutionalNetwork(ConvolutionLayer[] layers, ImageShape? inputImage, ImageShape? outputImage)
    {
        _layers = layers;
        InputImage = inputImage;
        OutputImage = outputImage;
        Normalisations = [.. layers.Select(l => l.Normalisation).OfType<BatchNormalisation>()];
    }

    public IReadOnlyList<ConvolutionLayer> Layers => _layers;

    /// <summary>The image that rows are; null for a decoder.</summary>
    public ImageShape? InputImage { get; }

    /// <summary>The image that outputs are; null for an encoder.</summary>
    public ImageShape? OutputImage { get; }

    /// <inheritdoc/>
    public override ParameterTensor FirstWeights => _layers[0].Weights;

    /// <inheritdoc/>
    public override ParameterTensor LastWeights => _layers[^1].Weights;

    /// <inheritdoc/>
    public override ParameterTensor LastBias => _layers[^1].Bias!;

    /// <inheritdoc/>
    public override IReadOnlyList<BatchNormalisation> Normalisations { get; }

    /// <inheritdoc/>
    public override int FreeParameters => _layers.Sum(l => l.FreeParameters);

    /// <summary>
    /// Bytes of single precision that training takes for a row of a batch: what <see cref="ConvolutionalTraining{T}"/> says.
    /// </summary>
    public long TrainingBytesPerRow
    {
        get
        {
            static long Entries(int pixels, int channels) => (long)pixels * MatrixView<float>.PaddedStride(channels);
            long[] maps = [.. _layers.Select(l => Entries(l.Output.Pixels, l.Output.Channels))];
            long kept = _layers.Zip(maps, (layer, map) => layer.Normalisation is null ? map : 2 * map).Sum();
            long ends = InputImage is { } input ? Entries(input.Pixels, input.Channels) : 0;
            ends += OutputImage is { } output ? 2L * output.Columns : 0;
            return sizeof(float) * (kept + (2 * maps.Max()) + ends);
        }
    }

    /// <summary>Convolutions of 3 x 3 with stride 2, one for each number of filters, then a dense layer.</summary>
    public static ConvolutionalNetwork Encoder(
        ParameterLayout layout, string name, ImageShape image, IReadOnlyList<int> filters, int outputs)
    {
        List<ConvolutionLayer> layers = [];
        FeatureShape map = new(image.Height, image.Width, image.Channels);
        foreach (int channels in filters)
        {
            layers.Add(new ConvolutionLayer(
                layout, $"{name}.{layers.Count}", Unfolding.Three(map, 2), channels, transposed: false, normalised: true));
            map = layers[^1].Output;
        }

        layers.Add(
            new ConvolutionLayer(layout, $"{name}.{layers.Count}", Unfolding.Whole(map), outputs, transposed: false, normalised: false));
        return new ConvolutionalNetwork([.. layers], image, null);
    }

    /// <summary>
    /// A dense layer to the smallest map, transposed convolutions of 3 x 3 with stride 2 back to the image's size (the last with as
    /// many filters as the first one of the encoder), and one with stride 1 to its channels, which is linear.
    /// </summary>
    public static ConvolutionalNetwork Decoder(
        ParameterLayout layout, string name, int inputs, ImageShape image, IReadOnlyList<int> filters)
    {
        FeatureShape[] maps = new FeatureShape[filters.Count + 1];
        maps[0] = new FeatureShape(image.Height, image.Width, filters[0]);
        for (int i = 1; i < maps.Length; i++)
        {
            Unfolding half = Unfolding.Three(maps[i - 1], 2);
            maps[i] = new FeatureShape(half.Height, half.Width, filters[i - 1]);
        }

        List<ConvolutionLayer> layers =
            [new ConvolutionLayer(layout, $"{name}.0", Unfolding.Whole(maps[^1]), inputs, transposed: true, normalised: false)];
        for (int i = maps.Length - 1; i > 0; i--)
        {
            FeatureShape large = maps[i - 1] with { Channels = i == 1 ? filters[0] : filters[i - 2] };
            layers.Add(new ConvolutionLayer(
                layout, $"{name}.{layers.Count}", Unfolding.Three(large, 2), maps[i].Channels, transposed: true, normalised: true));
        }

        FeatureShape last = new(image.Height, image.Width, image.Channels);
        layers.Add(new ConvolutionLayer(
            layout, $"{name}.{layers.Count}", Unfolding.Three(last, 1), filters[0], transposed: true, normalised: false));
        return new ConvolutionalNetwork([.. layers], null, image);
    }

    /// <inheritdoc/>
    public override void Initialise(Span<float> parameters, RandomStream random)
    {
        foreach (ConvolutionLayer layer in _layers)
        {
            layer.Initialise(parameters, random);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<LayerCurvature> CreateCurvature(ReadOnlySpan<float> parameters)
    {
        List<LayerCurvature> layers = [];
        foreach (ConvolutionLayer layer in _layers)
        {
            layers.Add(layer.CreateCurvature(parameters));
        }

        return layers;
    }

    /// <inheritdoc/>
    public override NetworkWorkspace<T> CreateWorkspace<T>(int maxRows, bool withGradients, ProductScratch<T> scratch, WorkerTeam? team) =>
        withGradients ? new ConvolutionalTraining<T>(this, maxRows, team) : new ConvolutionalScoring<T>(this, maxRows);
}
