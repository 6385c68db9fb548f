using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>Is shown what goes through the layers of a network, forward and back.</summary>
internal interface ILayerObserver<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>A block of a layer's product.</summary>
    /// <param name="layer">Number of the layer, from the input on.</param>
    /// <param name="input">[rows and windows, in]: what the weights multiplied.</param>
    /// <param name="outputGradient">[rows and windows, out]: the gradient with respect to what came out, before the activation.</param>
    void Add(int layer, MatrixView<T> input, MatrixView<T> outputGradient);

    /// <summary>The gradient with respect to the pixels that a convolution gave for some images, which its bias is added to.</summary>
    void AddPixels(int layer, MatrixView<T> outputGradient, int pixels);
}

/// <summary>Where a backward pass of one thread adds up the curvature of a network's layers.</summary>
internal sealed class CurvatureSums<T>(IReadOnlyList<LayerCurvature> layers) : ILayerObserver<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly CurvatureScratch<T> _scratch = new();

    public IReadOnlyList<LayerCurvature> Layers => layers;

    /// <summary>Whether rows that the model drew go through, at inputs that the data's have shown.</summary>
    public bool AreDrawn { get; set; }

    public void Add(int layer, MatrixView<T> input, MatrixView<T> outputGradient) =>
        layers[layer].Product.Add(input, outputGradient, AreDrawn, _scratch);

    /// <summary>A bias of its own has the sums over an image.</summary>
    public void AddPixels(int layer, MatrixView<T> outputGradient, int pixels)
    {
        if (layers[layer].Bias is not { } bias)
        {
            return;
        }

        int images = outputGradient.Rows / pixels;
        MatrixView<T> sums = _scratch.Images.View(images, outputGradient.Columns, outputGradient.Stride);
        for (int image = 0; image < images; image++)
        {
            ElementLoops.ColumnSums(outputGradient.Slice(image * pixels, pixels), sums.PaddedRow(image));
        }

        bias.Add(default, sums, AreDrawn, _scratch);
    }
}
