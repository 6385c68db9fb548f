using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A multilayer perceptron: dense layers with leaky rectifiers between them and a linear last layer. It owns no
/// parameters, only their places in a layout, so one instance serves every precision and thread.
/// </summary>
internal sealed unsafe class Perceptron
{
    /// <summary>Slope of the leaky rectifier for negative inputs (the papers' networks use PyTorch's default).</summary>
    public const double LeakySlope = 0.01;

    private readonly Dense[] _layers;

    /// <summary>Registers the parameters in the layout.</summary>
    /// <param name="layout">Receives weights [in, out] and biases [1, out] of every layer.</param>
    /// <param name="name">Prefix of the tensor names.</param>
    /// <param name="sizes">Layer widths from input to output; at least two.</param>
    public Perceptron(ParameterLayout layout, string name, IReadOnlyList<int> sizes)
    {
        Sizes = sizes;
        _layers = new Dense[sizes.Count - 1];
        for (int i = 0; i < _layers.Length; i++)
        {
            ParameterTensor weights = layout.Add($"{name}.{i}.weight", sizes[i], sizes[i + 1]);
            ParameterTensor bias = layout.Add($"{name}.{i}.bias", 1, sizes[i + 1]);
            _layers[i] = new Dense(weights, bias, i == _layers.Length - 1 ? 1 : LeakySlope);
        }
    }

    public IReadOnlyList<int> Sizes { get; }

    public IReadOnlyList<Dense> Layers => _layers;

    /// <summary>He-normal weights for rectified layers, 1/in variance for the linear one; zero biases.</summary>
    public void Initialise(Span<float> parameters, RandomStream random)
    {
        foreach (Dense layer in _layers)
        {
            double deviation = Math.Sqrt((layer.Slope < 1 ? 2.0 : 1.0) / layer.Weights.Rows);
            for (int row = 0; row < layer.Weights.Rows; row++)
            {
                Span<float> weights = parameters.Slice(layer.Weights.Offset + (row * layer.Weights.Stride), layer.Weights.Columns);
                foreach (ref float weight in weights)
                {
                    weight = (float)(deviation * random.NextGaussian());
                }
            }
        }
    }

    /// <summary>Outputs of every layer for a block of rows.</summary>
    public void Forward<T>(T* parameters, MatrixView<T> input, PerceptronWorkspace<T> work)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        MatrixView<T> current = input;
        for (int i = 0; i < _layers.Length; i++)
        {
            MatrixView<T> output = work.Activations(i, input.Rows);
            _layers[i].Forward(parameters, current, output);
            current = output;
        }
    }

    /// <summary>
    /// Gradients of all parameters, overwritten, from <see cref="PerceptronWorkspace{T}.OutputGradient"/>, and of the
    /// input where <paramref name="inputGradient"/> has data.
    /// </summary>
    public void Backward<T>(
        T* parameters, T* gradient, MatrixView<T> input, PerceptronWorkspace<T> work, MatrixView<T> inputGradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rows = input.Rows;
        for (int i = _layers.Length - 1; i >= 0; i--)
        {
            bool first = i == 0;
            MatrixView<T> layerInput = first ? input : work.Activations(i - 1, rows);
            MatrixView<T> below = first ? inputGradient : work.Gradients(i - 1, rows);
            MatrixView<T> gate = first ? default : layerInput;
            T slope = first ? T.One : T.CreateTruncating(_layers[i - 1].Slope);
            _layers[i].Backward(parameters, gradient, layerInput, work.Gradients(i, rows), below, gate, slope, work.Scratch);
        }
    }
}

/// <summary>One dense layer: <c>y = f(x W + b)</c> with f the identity or a leaky rectifier.</summary>
internal sealed unsafe class Dense(ParameterTensor weights, ParameterTensor bias, double slope)
{
    public ParameterTensor Weights { get; } = weights;

    public ParameterTensor Bias { get; } = bias;

    /// <summary>Slope of the activation for negative inputs; 1 for a linear layer.</summary>
    public double Slope { get; } = slope;

    public void Forward<T>(T* parameters, MatrixView<T> input, MatrixView<T> output)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        MatrixProduct.Multiply(input, Weights.View(parameters), output, parameters + Bias.Offset, T.CreateTruncating(Slope));

    public void Backward<T>(
        T* parameters,
        T* gradient,
        MatrixView<T> input,
        MatrixView<T> outputGradient,
        MatrixView<T> inputGradient,
        MatrixView<T> gate,
        T gateSlope,
        ProductScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        MatrixProduct.MultiplyTransposedLeft(input, outputGradient, Weights.View(gradient));
        ElementLoops.ColumnSums(outputGradient, gradient + Bias.Offset);
        if (inputGradient.Data != null)
        {
            MatrixProduct.MultiplyTransposedRight(outputGradient, Weights.View(parameters), inputGradient, gate, gateSlope, scratch);
        }
    }
}

/// <summary>Activations and their gradients of one perceptron for up to a fixed number of rows; one per thread.</summary>
internal sealed unsafe class PerceptronWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<AlignedBuffer<T>> _owners = [];
    private readonly MatrixView<T>[] _activations;
    private readonly MatrixView<T>[] _gradients;

    public PerceptronWorkspace(Perceptron network, int maxRows, bool withGradients, ProductScratch<T> scratch)
    {
        Scratch = scratch;
        int layers = network.Sizes.Count - 1;
        _activations = new MatrixView<T>[layers];
        _gradients = new MatrixView<T>[layers];
        for (int i = 0; i < layers; i++)
        {
            _activations[i] = Allocate(maxRows, network.Sizes[i + 1]);
            _gradients[i] = withGradients ? Allocate(maxRows, network.Sizes[i + 1]) : default;
        }
    }

    public ProductScratch<T> Scratch { get; }

    public MatrixView<T> Activations(int layer, int rows) => _activations[layer].Slice(0, rows);

    public MatrixView<T> Gradients(int layer, int rows) => _gradients[layer].Slice(0, rows);

    public MatrixView<T> Output(int rows) => Activations(_activations.Length - 1, rows);

    public MatrixView<T> OutputGradient(int rows) => Gradients(_gradients.Length - 1, rows);

    private MatrixView<T> Allocate(int rows, int columns)
    {
        (AlignedBuffer<T> owner, MatrixView<T> view) = AlignedBuffer<T>.Matrix(rows, columns);
        _owners.Add(owner);
        return view;
    }
}
