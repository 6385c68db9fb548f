using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A multilayer perceptron: dense layers with leaky rectifiers between them and a linear last layer.
/// </summary>
internal sealed class Perceptron : Network
{
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

    /// <inheritdoc/>
    public override ParameterTensor FirstWeights => _layers[0].Weights;

    /// <inheritdoc/>
    public override ParameterTensor LastWeights => _layers[^1].Weights;

    /// <inheritdoc/>
    public override ParameterTensor LastBias => _layers[^1].Bias;

    /// <inheritdoc/>
    public override int FreeParameters => _layers.Sum(l => (l.Weights.Rows + 1) * l.Weights.Columns);

    /// <inheritdoc/>
    public override IReadOnlyList<LayerCurvature> CreateCurvature(ReadOnlySpan<float> parameters) =>
        [.. _layers.Select(l => new LayerCurvature(new KroneckerFactors(l.Weights, l.Bias)))];

    /// <inheritdoc/>
    public override NetworkWorkspace<T> CreateWorkspace<T>(int maxRows, bool withGradients, ProductScratch<T> scratch, WorkerTeam? team) =>
        new PerceptronWorkspace<T>(this, maxRows, withGradients, scratch);

    /// <summary>He-normal weights for rectified layers, 1/in variance for the linear one; zero biases.</summary>
    public override void Initialise(Span<float> parameters, RandomStream random)
    {
        foreach (Dense layer in _layers)
        {
            layer.Weights.FillNormal(parameters, Math.Sqrt((layer.Slope < 1 ? 2.0 : 1.0) / layer.Weights.Rows), random);
        }
    }
}

/// <summary>One dense layer: <c>y = f(x W + b)</c> with f the identity or a leaky rectifier.</summary>
internal sealed class Dense(ParameterTensor weights, ParameterTensor bias, double slope)
{
    public ParameterTensor Weights { get; } = weights;

    public ParameterTensor Bias { get; } = bias;

    /// <summary>Slope of the activation for negative inputs; 1 for a linear layer.</summary>
    public double Slope { get; } = slope;

    public void Forward<T>(AlignedBuffer<T> parameters, MatrixView<T> input, MatrixView<T> output)
        where T : unmanaged, IFloatingPointIeee754<T> =>
        MatrixProduct.Multiply(input, Weights.View(parameters), output, Bias.Line(parameters), T.CreateTruncating(Slope));

    public void Backward<T>(
        AlignedBuffer<T> parameters,
        AlignedBuffer<T> gradient,
        MatrixView<T> input,
        MatrixView<T> outputGradient,
        MatrixView<T> inputGradient,
        MatrixView<T> gate,
        T gateSlope,
        ProductScratch<T> scratch)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        MatrixProduct.MultiplyTransposedLeft(input, outputGradient, Weights.View(gradient));
        ElementLoops.ColumnSums(outputGradient, Bias.Line(gradient));
        if (inputGradient.HasData)
        {
            MatrixProduct.MultiplyTransposedRight(outputGradient, Weights.View(parameters), inputGradient, gate, gateSlope, scratch);
        }
    }
}

/// <summary>Activations and their gradients of one perceptron for up to a fixed number of rows; one per thread.</summary>
internal sealed class PerceptronWorkspace<T> : NetworkWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly IReadOnlyList<Dense> _layers;
    private readonly MatrixView<T>[] _activations;
    private readonly MatrixView<T>[] _gradients;
    private readonly ProductScratch<T> _scratch;

    public PerceptronWorkspace(Perceptron network, int maxRows, bool withGradients, ProductScratch<T> scratch)
    {
        _scratch = scratch;
        _layers = network.Layers;
        _activations = new MatrixView<T>[_layers.Count];
        _gradients = new MatrixView<T>[_layers.Count];
        for (int i = 0; i < _layers.Count; i++)
        {
            _activations[i] = new Matrix<T>(maxRows, network.Sizes[i + 1]);
            _gradients[i] = withGradients ? new Matrix<T>(maxRows, network.Sizes[i + 1]).View : default;
        }
    }

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer<T> parameters, MatrixView<T> input)
    {
        MatrixView<T> current = input;
        for (int i = 0; i < _layers.Count; i++)
        {
            MatrixView<T> output = Activations(i, input.Rows);
            _layers[i].Forward(parameters, current, output);
            current = output;
        }
    }

    /// <inheritdoc/>
    public override void Backward(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, MatrixView<T> input, MatrixView<T> inputGradient)
    {
        int rows = input.Rows;
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            bool first = i == 0;
            MatrixView<T> layerInput = first ? input : Activations(i - 1, rows);
            MatrixView<T> below = first ? inputGradient : Gradients(i - 1, rows);
            MatrixView<T> gate = first ? default : layerInput;
            T slope = first ? T.One : T.CreateTruncating(_layers[i - 1].Slope);
            _layers[i].Backward(parameters, gradient, layerInput, Gradients(i, rows), below, gate, slope, _scratch);
            Observer?.Add(i, layerInput, Gradients(i, rows));
        }
    }

    /// <inheritdoc/>
    public override MatrixView<T> Output(int rows) => Activations(_layers.Count - 1, rows);

    /// <inheritdoc/>
    public override MatrixView<T> OutputGradient(int rows) => Gradients(_layers.Count - 1, rows);

    /// <inheritdoc/>
    public override IReadOnlyList<(MatrixView<T> Values, int LinesPerRow)> Layers(int rows) =>
        [.. _activations.Select(a => (a.Slice(0, rows), 1))];

    private MatrixView<T> Activations(int layer, int rows) => _activations[layer].Slice(0, rows);

    private MatrixView<T> Gradients(int layer, int rows) => _gradients[layer].Slice(0, rows);
}
