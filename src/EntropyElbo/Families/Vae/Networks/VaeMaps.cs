using EntropyElbo.Networks;

namespace EntropyElbo.Families.Vae.Networks;

/// <summary>The kind of networks that a VAE is put together from: from rows to encoder heads, and from latents to columns.</summary>
internal interface IVaeMaps
{
    /// <summary>A network from a row to the means and log-variances of its latents; its parameters join the layout under a name.</summary>
    Network Encoder(ParameterLayout layout, string name);

    /// <summary>A network from latents to a number for each column.</summary>
    Network Decoder(ParameterLayout layout, string name);
}

/// <summary>Multilayer perceptrons of an architecture's hidden layers.</summary>
internal sealed class PerceptronMaps(VaeArchitecture architecture) : IVaeMaps
{
    /// <inheritdoc/>
    public Network Encoder(ParameterLayout layout, string name) =>
        new Perceptron(layout, name, [architecture.Columns, .. architecture.Hidden, 2 * architecture.Latents]);

    /// <inheritdoc/>
    public Network Decoder(ParameterLayout layout, string name) =>
        new Perceptron(layout, name, [architecture.Latents, .. architecture.DecoderHidden, architecture.Columns]);
}

/// <summary>Convolutional networks of images.</summary>
internal sealed class ConvolutionalMaps(ImageNetworks images, int latents) : IVaeMaps
{
    /// <inheritdoc/>
    public Network Encoder(ParameterLayout layout, string name) =>
        ConvolutionalNetwork.Encoder(layout, name, images.Shape, images.Filters, 2 * latents);

    /// <inheritdoc/>
    public Network Decoder(ParameterLayout layout, string name) =>
        ConvolutionalNetwork.Decoder(layout, name, latents, images.Shape, images.Filters);
}
