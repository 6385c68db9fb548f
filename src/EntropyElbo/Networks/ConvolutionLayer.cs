using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A convolution, or a transposed one, as a matrix product over windows, a few images at a time so that windows stay in a cache.
/// Either normalised (and then without a bias and with a leaky rectifier) or linear with a bias.
/// </summary>
internal sealed unsafe class ConvolutionLayer
{
    /// <summary>Lines of a product that its weights are packed for at once, where there are so many.</summary>
    public const int ProductLines = 256;

    /// <summary>Size of the windows whose share of a gradient is summed up at once: bits depend on it.</summary>
    private const int WindowBytes = 1 << 20;

    /// <summary>Most of the windows of one product, where bits do not depend on it.</summary>
    private const int ProductBytes = 1 << 22;

    /// <summary>Registers the parameters in the layout.</summary>
    /// <param name="layout">Receives weights, [entries, channels] or transposed [channels, entries], and the rest.</param>
    /// <param name="name">Prefix of the tensor names.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="channels">Channels of the small map.</param>
    /// <param name="transposed">Whether it leads from the small map to the large one.</param>
    /// <param name="normalised">Whether a normalisation and a rectifier follow.</param>
    public ConvolutionLayer(ParameterLayout layout, string name, Unfolding windows, int channels, bool transposed, bool normalised)
    {
        Unfolding = windows;
        Transposed = transposed;
        Small = new FeatureShape(windows.Height, windows.Width, channels);
        Weights = transposed
            ? layout.Add($"{name}.weight", channels, windows.Entries)
            : layout.Add($"{name}.weight", windows.Entries, channels);
        if (normalised)
        {
            Normalisation = new BatchNormalisation(layout, name, Output.Channels);
        }
        else
        {
            Bias = layout.Add($"{name}.bias", 1, IsBiasOnWindows ? windows.Entries : Output.Channels);
        }
    }

    public Unfolding Unfolding { get; }

    public bool Transposed { get; }

    public FeatureShape Small { get; }

    public FeatureShape Input => Transposed ? Small : Unfolding.Large;

    public FeatureShape Output => Transposed ? Unfolding.Large : Small;

    public ParameterTensor Weights { get; }

    public ParameterTensor? Bias { get; }

    public BatchNormalisation? Normalisation { get; }

    /// <summary>A transposed layer whose one window is the whole map is a dense one, and has a bias for each output.</summary>
    public bool IsBiasOnWindows => Transposed && Unfolding.AreWhole;

    /// <summary>Entries of the gradient that <see cref="Backward"/> writes: weights and bias, as they lie in the layout.</summary>
    public int GradientLength => Weights.Length + (Bias?.Length ?? 0);

    /// <summary>Images whose windows make one product: few enough to stay in a cache, where a product has lines enough.</summary>
    public int ImagesOfProduct => Math.Max(1, Math.Min(
        (ProductLines + Unfolding.Count - 1) / Unfolding.Count,
        ProductBytes / sizeof(float) / (Unfolding.Count * MatrixView<float>.PaddedStride(Unfolding.Entries))));

    public int FreeParameters => (Weights.Rows * Weights.Columns) + (Bias?.Columns ?? Output.Channels);

    /// <summary>
    /// Empty sums for the curvature. A bias behind the product's own outputs is one of them; a transposed layer's, whose windows overlap,
    /// stands by itself. Behind a normalisation with running statistics the shift is such a bias, on another scale.
    /// </summary>
    public LayerCurvature CreateCurvature(ReadOnlySpan<float> parameters)
    {
        ParameterTensor bias = Bias ?? Normalisation!.Shift;
        double[]? factors = Normalisation?.RunningFactors(parameters);
        return Transposed && !IsBiasOnWindows
            ? new LayerCurvature(new KroneckerFactors(Weights, null, Unfolding.Count), new KroneckerFactors(null, bias, 1, factors))
            : new LayerCurvature(new KroneckerFactors(Weights, bias, Unfolding.Count, factors));
    }

    /// <summary>Normal weights with the variance that keeps that of rectified (He et al. 2015) or linear values.</summary>
    public void Initialise(Span<float> parameters, RandomStream random)
    {
        double inputs = Transposed
            ? (double)Small.Channels * Unfolding.Entries / Output.Channels * Small.Pixels / Output.Pixels
            : Unfolding.Entries;
        Weights.FillNormal(parameters, Math.Sqrt((Normalisation is null ? 1.0 : 2.0) / inputs), random);
        Normalisation?.Initialise(parameters);
    }

    /// <summary>Products and bias; what is normalised is left for <see cref="BatchNormalisation"/>.</summary>
    public void Forward<T>(AlignedBuffer<T> parameters, MatrixView<T> input, MatrixView<T> output, LayerScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        MatrixView<T> weights = Weights.View(parameters);
        T* bias = Bias is null ? null : parameters.Pointer + Bias.Offset;
        foreach ((MatrixView<T> from, MatrixView<T> to, MatrixView<T> windows) in Chunks(input, output, scratch, ImagesOfProduct))
        {
            if (Transposed)
            {
                MatrixProduct.Multiply(from, weights, windows, IsBiasOnWindows ? Padded(bias) : default, T.One);
                Unfolding.Scatter(windows, to, IsBiasOnWindows ? null : bias);
            }
            else
            {
                Unfolding.Gather(from, windows);
                MatrixProduct.Multiply(windows, weights, to, Padded(bias), T.One);
            }
        }
    }

    /// <summary>Gradients of weights and bias, and of the input where <paramref name="inputGradient"/> has data.</summary>
    /// <param name="parameters">The flat parameters.</param>
    /// <param name="gradient">[<see cref="GradientLength"/>], overwritten.</param>
    /// <param name="input">As in <see cref="Forward"/>.</param>
    /// <param name="outputGradient">With respect to what <see cref="Forward"/> gave.</param>
    /// <param name="inputGradient">Overwritten, or without data.</param>
    /// <param name="scratch">Scratch of the thread.</param>
    /// <param name="observer">Who is shown the layer, and its number; or null.</param>
    public void Backward<T>(
        AlignedBuffer<T> parameters,
        T* gradient,
        MatrixView<T> input,
        MatrixView<T> outputGradient,
        MatrixView<T> inputGradient,
        LayerScratch<T> scratch,
        (ILayerObserver<T> Observer, int Layer)? observer = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* target = gradient;
        int image = 0;
        foreach ((MatrixView<T> from, MatrixView<T> to, MatrixView<T> windows) in Chunks(input, outputGradient, scratch, ImagesOfSum<T>()))
        {
            int images = from.Rows / Input.Pixels;
            MatrixView<T> below = inputGradient.Data == null ? default : inputGradient.Slice(image * Input.Pixels, images * Input.Pixels);
            Show(observer, from, to, windows);
            BackwardChunk(parameters, target, from, to, windows, below, scratch.Product);
            if (image > 0)
            {
                Span<T> sum = new(gradient, GradientLength);
                TensorPrimitives.Add(sum, new ReadOnlySpan<T>(target, GradientLength), sum);
            }

            target = scratch.Gradient.Get(GradientLength);
            image += images;
        }
    }

    private void Show<T>(
        (ILayerObserver<T> Observer, int Layer)? shown, MatrixView<T> input, MatrixView<T> outputGradient, MatrixView<T> windows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (shown is not (var observer, var layer))
        {
            return;
        }

        Unfolding.Gather(Transposed ? outputGradient : input, windows);
        observer.Add(layer, Transposed ? input : windows, Transposed ? windows : outputGradient);
        observer.AddPixels(layer, outputGradient, Output.Pixels);
    }

    /// <summary>The part of <see cref="Backward"/> that is about the input, for as many images as there are.</summary>
    public void BackwardInput<T>(
        AlignedBuffer<T> parameters, MatrixView<T> outputGradient, MatrixView<T> inputGradient, LayerScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach ((MatrixView<T> below, MatrixView<T> from, MatrixView<T> windows) in
            Chunks(inputGradient, outputGradient, scratch, ImagesOfProduct))
        {
            if (Transposed)
            {
                Unfolding.Gather(from, windows);
            }

            BackwardInput(Weights.View(parameters), from, windows, below, scratch.Product);
        }
    }

    private void BackwardChunk<T>(
        AlignedBuffer<T> parameters,
        T* gradient,
        MatrixView<T> input,
        MatrixView<T> outputGradient,
        MatrixView<T> windows,
        MatrixView<T> inputGradient,
        ProductScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        MatrixView<T> weights = Weights.View(parameters), weightGradient = new(null, gradient, Weights.Rows, Weights.Columns, Weights.Stride);
        if (Bias is not null && !IsBiasOnWindows)
        {
            ElementLoops.ColumnSums(outputGradient, new Span<T>(gradient + Weights.Length, outputGradient.Stride));
        }

        Unfolding.Gather(Transposed ? outputGradient : input, windows);
        if (Transposed)
        {
            MatrixProduct.MultiplyTransposedLeft(input, windows, weightGradient);
            if (IsBiasOnWindows && Bias is not null)
            {
                ElementLoops.ColumnSums(windows, new Span<T>(gradient + Weights.Length, windows.Stride));
            }
        }
        else
        {
            MatrixProduct.MultiplyTransposedLeft(windows, outputGradient, weightGradient);
        }

        if (inputGradient.Data != null)
        {
            BackwardInput(weights, outputGradient, windows, inputGradient, scratch);
        }
    }

    /// <summary>With windows that a transposed layer has gathered, and another writes.</summary>
    private void BackwardInput<T>(
        MatrixView<T> weights, MatrixView<T> outputGradient, MatrixView<T> windows, MatrixView<T> inputGradient, ProductScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (Transposed)
        {
            MatrixProduct.MultiplyTransposedRight(windows, weights, inputGradient, default, T.One, scratch);
            return;
        }

        MatrixProduct.MultiplyTransposedRight(outputGradient, weights, windows, default, T.One, scratch);
        Unfolding.Scatter(windows, inputGradient, null);
    }

    private ReadOnlySpan<T> Padded<T>(T* bias)
        where T : unmanaged, IFloatingPointIeee754<T> => bias == null ? default : new ReadOnlySpan<T>(bias, Bias!.Stride);

    private int ImagesOfSum<T>()
        where T : unmanaged, IFloatingPointIeee754<T> =>
        Math.Max(1, WindowBytes / (Unfolding.Count * MatrixView<T>.PaddedStride(Unfolding.Entries) * sizeof(T)));

    /// <summary>Runs of at most so many images with room for their windows.</summary>
    private ChunkList<T> Chunks<T>(MatrixView<T> input, MatrixView<T> output, LayerScratch<T> scratch, int images)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int stride = MatrixView<T>.PaddedStride(Unfolding.Entries);
        images = Math.Min(images, input.Rows / Input.Pixels);
        MatrixView<T> windows = scratch.Unfolding.View(images * Unfolding.Count, Unfolding.Entries, stride);
        return new ChunkList<T>(this, input, output, windows);
    }

    private ref struct ChunkList<T>(ConvolutionLayer layer, MatrixView<T> input, MatrixView<T> output, MatrixView<T> windows)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        private int _next;
        private int _images;

        public readonly (MatrixView<T> Input, MatrixView<T> Output, MatrixView<T> Unfolding) Current
        {
            get
            {
                int start = _next - _images;
                return (
                    input.Slice(start * layer.Input.Pixels, _images * layer.Input.Pixels),
                    output.Slice(start * layer.Output.Pixels, _images * layer.Output.Pixels),
                    windows.Slice(0, _images * layer.Unfolding.Count));
            }
        }

        public readonly ChunkList<T> GetEnumerator() => this;

        public bool MoveNext()
        {
            _images = Math.Min(windows.Rows / layer.Unfolding.Count, (input.Rows / layer.Input.Pixels) - _next);
            _next += _images;
            return _images > 0;
        }
    }
}

/// <summary>Scratch of one thread for layers of any size.</summary>
internal sealed class LayerScratch<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    public ProductScratch<T> Unfolding { get; } = new();

    public ProductScratch<T> Gradient { get; } = new();

    public ProductScratch<T> Product { get; } = new();
}
