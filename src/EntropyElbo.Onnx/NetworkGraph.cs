using EntropyElbo.Data;
using EntropyElbo.Networks;
using EntropyElbo.Onnx.Graph;

namespace EntropyElbo.Onnx;

/// <summary>
/// Networks in single precision. Convolutions have the channels first, as ONNX asks; normalisations go into the weights before them.
/// </summary>
internal sealed class NetworkGraph(GraphBuilder graph, float[] parameters)
{
    /// <summary>[N, inputs] to [N, outputs].</summary>
    public Wire Apply(Network network, Wire input) => network switch
    {
        Perceptron perceptron => Apply(perceptron.Layers, input),
        ConvolutionalNetwork images => Apply(images, input),
        _ => throw new NotSupportedException($"There is no graph for networks of the kind {network.GetType().Name}."),
    };

    /// <summary>Dense layers with leaky rectifiers.</summary>
    public Wire Apply(IEnumerable<Dense> layers, Wire input)
    {
        foreach (Dense layer in layers)
        {
            input = graph.Affine(
                input,
                graph.Singles(Pack(layer.Weights), layer.Weights.Rows, layer.Weights.Columns),
                graph.Singles(Pack(layer.Bias), layer.Bias.Columns));
            input = layer.Slope == 1 ? input : graph.LeakyRectifier(input, layer.Slope);
        }

        return input;
    }

    private Wire Apply(ConvolutionalNetwork network, Wire input)
    {
        Wire map = network.InputImage is { } from ? ToMap(from, input) : input;
        foreach (ConvolutionLayer layer in network.Layers)
        {
            map = layer.Unfolding.AreWhole ? Dense(layer, map) : Convolve(layer, map);
            map = layer.Normalisation is null ? map : graph.LeakyRectifier(map, Network.LeakySlope);
        }

        return network.OutputImage is { } to ? FromMap(to, map) : map;
    }

    private Wire ToMap(ImageShape image, Wire rows) => image.Order == PixelOrder.Planar
        ? graph.Reshape(rows, -1, image.Channels, image.Height, image.Width)
        : graph.Transpose(graph.Reshape(rows, -1, image.Height, image.Width, image.Channels), 0, 3, 1, 2);

    private Wire FromMap(ImageShape image, Wire map) =>
        graph.Reshape(image.Order == PixelOrder.Planar ? map : graph.Transpose(map, 0, 2, 3, 1), -1, image.Columns);

    /// <summary>A window that is the whole map. Its entries lie pixel by pixel here, channel by channel there.</summary>
    private Wire Dense(ConvolutionLayer layer, Wire map)
    {
        FeatureShape large = layer.Unfolding.Large;
        int[] places = [.. from c in Enumerable.Range(0, large.Channels)
                           from p in Enumerable.Range(0, large.Pixels)
                           select (p * large.Channels) + c];
        (float[] weights, float[] bias) = Folded(layer);
        int rows = layer.Weights.Rows, columns = layer.Weights.Columns;
        float[] ordered = new float[weights.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                ordered[(i * columns) + j] = layer.Transposed ? weights[(i * columns) + places[j]] : weights[(places[i] * columns) + j];
            }
        }

        bias = layer.Transposed ? [.. places.Select(p => bias[layer.IsBiasOnWindows ? p : p % large.Channels])] : bias;
        Wire flat = layer.Transposed ? map : graph.Reshape(map, -1, rows);
        Wire result = graph.Affine(flat, graph.Singles(ordered, rows, columns), graph.Singles(bias, columns));
        return layer.Transposed ? graph.Reshape(result, -1, large.Channels, large.Height, large.Width) : result;
    }

    private Wire Convolve(ConvolutionLayer layer, Wire map)
    {
        Unfolding windows = layer.Unfolding;
        int small = layer.Small.Channels, large = windows.Large.Channels, area = windows.KernelHeight * windows.KernelWidth;
        (float[] weights, float[] bias) = Folded(layer);
        float[] ordered = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            // [small, large, area] of both: the small map is what a convolution gives, and what a transposed one takes.
            (int rest, int place) = Math.DivRem(i, area);
            (int inner, int outer) = (rest % large, rest / large);
            int entry = (place * large) + inner;
            ordered[i] = layer.Transposed ? weights[(outer * large * area) + entry] : weights[(entry * small) + outer];
        }

        long bottom = End(windows.Height, windows.KernelHeight, windows.Large.Height, windows);
        long right = End(windows.Width, windows.KernelWidth, windows.Large.Width, windows);
        return graph.Convolution(
            map,
            graph.Singles(ordered, small, large, windows.KernelHeight, windows.KernelWidth),
            graph.Singles(bias, bias.Length),
            layer.Transposed,
            windows.Stride,
            [windows.Padding, windows.Padding, bottom, right]);
    }

    /// <summary>By how much the last window stands out over the edge.</summary>
    private static long End(int count, int kernel, int length, Unfolding windows) =>
        ((count - 1) * windows.Stride) + kernel - windows.Padding - length;

    /// <summary>Weights and bias, the normalisation behind them in both.</summary>
    private (float[] Weights, float[] Bias) Folded(ConvolutionLayer layer)
    {
        float[] weights = Pack(layer.Weights);
        if (layer.Normalisation is not { } normalisation)
        {
            return (weights, Pack(layer.Bias!));
        }

        float[] scale = Pack(normalisation.Scale), shift = Pack(normalisation.Shift);
        float[] mean = Pack(normalisation.RunningMean), variance = Pack(normalisation.RunningVariance);
        double[] factors = [.. scale.Select((s, c) => s / Math.Sqrt(variance[c] + BatchNormalisation.Epsilon))];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = (float)(weights[i] * factors[i % factors.Length]); // Channels of the output lie innermost in both kinds.
        }

        return (weights, [.. shift.Select((s, c) => (float)(s - (mean[c] * factors[c])))]);
    }

    private float[] Pack(ParameterTensor tensor) => ParameterLayout.Pack(tensor, parameters);
}
