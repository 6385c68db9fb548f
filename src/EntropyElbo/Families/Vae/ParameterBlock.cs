using System.Numerics;
using EntropyElbo.Families.Vae.Networks;
using EntropyElbo.Networks;

namespace EntropyElbo.Families.Vae;

/// <summary>A block of a VAE's parameters with a scale of its own: a layer with its bias, or a row of log-scales.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weights">Weights of a layer, [in, out], or log-scales.</param>
/// <param name="Bias">The layer's bias; null for log-scales.</param>
/// <param name="IsLog">Whether the entries are logarithms of scales.</param>
internal sealed record ParameterBlock(string Name, ParameterTensor Weights, ParameterTensor? Bias, bool IsLog)
{
    /// <summary>
    /// Units: outputs of a layer, channels of a convolution, log-scales. Every column of the weights belongs to one, in turn.
    /// </summary>
    public int Units => (Bias ?? Weights).Columns;

    /// <summary>The layers of the networks, from the encoder's first on, and their log-scales.</summary>
    public static IReadOnlyList<ParameterBlock> Of(VaeNetwork network)
    {
        IEnumerable<ParameterBlock> layers = new[] { network.Encoder, network.Decoder, network.Variances }.OfType<Network>().SelectMany(
            n => n is ConvolutionalNetwork images ? images.Layers.Select(Of) : ((Perceptron)n).Layers.Select(
                layer => new ParameterBlock(Prefix(layer.Weights.Name), layer.Weights, layer.Bias, IsLog: false)));
        IEnumerable<ScaleParameters> scales = network.Scales.Where(
            s => s != network.LogVariance || network.Architecture.Spread != SpreadKind.Fixed);
        return [.. layers, .. scales.Select(s => new ParameterBlock(s.Tensor.Name, s.Tensor, null, IsLog: true))];
    }

    /// <summary>The slope along the block's scale, from slopes by its entries.</summary>
    public double Slope<T>(ReadOnlySpan<float> parameters, ReadOnlySpan<T> gradient)
        where T : INumberBase<T>
    {
        double sum = 0;
        for (int unit = 0; unit < Units; unit++)
        {
            sum += Slope(parameters, gradient, unit);
        }

        return sum;
    }

    /// <summary>One unit's part of it: its weights and bias.</summary>
    public double Slope<T>(ReadOnlySpan<float> parameters, ReadOnlySpan<T> gradient, int unit)
        where T : INumberBase<T>
    {
        if (IsLog)
        {
            return double.CreateTruncating(gradient[Weights.Offset + unit]);
        }

        double sum = Bias is null ? 0 : parameters[Bias.Offset + unit] * double.CreateTruncating(gradient[Bias.Offset + unit]);
        for (int i = 0; i < Weights.Rows; i++)
        {
            for (int column = unit; column < Weights.Columns; column += Units)
            {
                int entry = Weights.Offset + (i * Weights.Stride) + column;
                sum += parameters[entry] * double.CreateTruncating(gradient[entry]);
            }
        }

        return sum;
    }

    /// <summary>Behind a normalisation a factor on what a layer gives is one on scale and shift.</summary>
    private static ParameterBlock Of(ConvolutionLayer layer) => layer.Normalisation is { } normalisation
        ? new ParameterBlock(Prefix(layer.Weights.Name), normalisation.Scale, normalisation.Shift, IsLog: false)
        : new ParameterBlock(Prefix(layer.Weights.Name), layer.Weights, layer.Bias, IsLog: false);

    private static string Prefix(string tensor) => tensor[..tensor.LastIndexOf('.')];
}
