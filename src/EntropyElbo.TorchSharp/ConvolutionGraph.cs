using EntropyElbo.Data;
using EntropyElbo.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// A convolutional network as a graph of tensors [n, C, H, W], in the memory order of the library's maps (channels last).
/// Normalisation is that of training: by the batch, whose statistics go into the running averages as the graph is run.
/// </summary>
internal readonly struct ConvolutionGraph(VaeGraph graph, bool halves, bool unfolds)
{
    /// <summary>Outputs [n, outputs] for rows [n, inputs].</summary>
    public Tensor Run(ConvolutionalNetwork network, Tensor rows)
    {
        Tensor x = network.InputImage is { } input ? ToImages(rows, input) : rows.view(rows.shape[0], rows.shape[1], 1, 1);
        foreach (ConvolutionLayer layer in network.Layers)
        {
            x = Linear(layer, x);
            if (layer.Normalisation is { } norm)
            {
                x = nn.functional.batch_norm(
                    x,
                    graph[norm.RunningMean].flatten(),
                    graph[norm.RunningVariance].flatten(),
                    graph[norm.Scale].flatten(),
                    graph[norm.Shift].flatten(),
                    training: true, momentum: BatchNormalisation.Momentum, eps: BatchNormalisation.Epsilon);
                x = x.LeakyRelu(Network.LeakySlope);
            }
        }

        return network.OutputImage is { } output ? FromImages(x, output) : x.flatten(1);
    }

    /// <summary>Turns each image about its vertical axis where the mask [n, 1] says so.</summary>
    public static Tensor Flip(Tensor rows, ImageShape shape, Tensor mask) =>
        rows.where(mask.logical_not(), FromImages(ToImages(rows, shape).flip(3), shape));

    private static Tensor ToImages(Tensor rows, ImageShape shape) => shape.Order == PixelOrder.Planar
        ? rows.view(rows.shape[0], shape.Channels, shape.Height, shape.Width)
        : rows.view(rows.shape[0], shape.Height, shape.Width, shape.Channels).permute(0, 3, 1, 2);

    private static Tensor FromImages(Tensor images, ImageShape shape) =>
        (shape.Order == PixelOrder.Planar ? images : images.permute(0, 2, 3, 1)).flatten(1);

    private Tensor Linear(ConvolutionLayer layer, Tensor x)
    {
        if (layer.Unfolding.AreWhole)
        {
            return Dense(layer, x);
        }

        Tensor weights = graph[layer.Weights];
        Tensor y = unfolds
            ? Unfolded(layer, x, weights)
            : halves ? Convolved(layer, x.to(bfloat16), weights.to(bfloat16)).to(float32) : Convolved(layer, x, weights);
        return layer.Bias is { } bias ? y.Plus(graph[bias].view(1, -1, 1, 1)) : y;
    }

    /// <summary>By libtorch's convolutions.</summary>
    private static Tensor Convolved(ConvolutionLayer layer, Tensor x, Tensor weights)
    {
        Unfolding windows = layer.Unfolding;
        long[] stride = [windows.Stride, windows.Stride], padding = [windows.Padding, windows.Padding];
        if (!layer.Transposed)
        {
            weights = weights.view(
                windows.KernelHeight, windows.KernelWidth, windows.Large.Channels, layer.Small.Channels).permute(3, 2, 0, 1);
            return nn.functional.conv2d(x, weights, null, stride, padding);
        }

        long[] missing = [Missing(windows.Large.Height, windows.Height, windows.KernelHeight), Missing(windows.Large.Width, windows.Width, windows.KernelWidth)];
        weights = weights.view(layer.Small.Channels, windows.KernelHeight, windows.KernelWidth, windows.Large.Channels).permute(0, 3, 1, 2);
        return nn.functional.conv_transpose2d(x, weights, null, stride, padding, missing);

        long Missing(int large, int small, int kernel) => large - (((small - 1) * windows.Stride) - (2 * windows.Padding) + kernel);
    }

    /// <summary>By products over windows, whose sums have one order: [n, channels and window, windows].</summary>
    private Tensor Unfolded(ConvolutionLayer layer, Tensor x, Tensor weights)
    {
        Unfolding windows = layer.Unfolding;
        FeatureShape large = windows.Large;
        (long, long) kernel = (windows.KernelHeight, windows.KernelWidth), padding = (windows.Padding, windows.Padding), stride = (windows.Stride, windows.Stride);
        if (layer.Transposed)
        {
            weights = weights.view(layer.Small.Channels, kernel.Item1 * kernel.Item2, large.Channels)
                .permute(2, 1, 0)
                .reshape(windows.Entries, -1);
            return nn.functional.fold(
                Product(weights, x.flatten(2)), (large.Height, large.Width), kernel, padding: padding, stride: stride);
        }

        weights = weights.view(kernel.Item1 * kernel.Item2, large.Channels, layer.Small.Channels)
            .permute(2, 1, 0)
            .reshape(-1, windows.Entries);
        Tensor sums = Product(weights, nn.functional.unfold(x, kernel, padding: padding, stride: stride));
        return sums.view(x.shape[0], layer.Small.Channels, windows.Height, windows.Width);
    }

    private Tensor Product(Tensor left, Tensor right) =>
        halves ? matmul(left.to(bfloat16), right.to(bfloat16)).to(float32) : matmul(left, right);

    /// <summary>A layer whose one window is the whole map.</summary>
    private Tensor Dense(ConvolutionLayer layer, Tensor x)
    {
        FeatureShape output = layer.Output;
        Tensor flat = x.permute(0, 2, 3, 1).flatten(1), weights = graph[layer.Weights];
        Tensor y = Product(flat, weights);
        return (layer.Bias is { } bias ? y.Plus(graph[bias]) : y)
            .view(x.shape[0], output.Height, output.Width, output.Channels)
            .permute(0, 3, 1, 2);
    }
}
