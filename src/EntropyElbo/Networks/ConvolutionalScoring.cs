using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A convolutional network with running statistics: a few rows at a time through all layers, so that maps stay in a cache.
/// </summary>
internal sealed unsafe class ConvolutionalScoring<T> : NetworkWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MapBytes = 1 << 20;
    private readonly ConvolutionalNetwork _network;
    private readonly ChannelFactors<T>?[] _factors;
    private readonly AlignedBuffer<T>[] _maps = new AlignedBuffer<T>[2];
    private readonly LayerScratch<T> _scratch = new();
    private readonly MatrixView<T> _output;
    private readonly MatrixView<T> _pixels;
    private readonly int _rows;

    public ConvolutionalScoring(ConvolutionalNetwork network, int maxRows)
    {
        _network = network;
        _factors = [.. network.Layers.Select(l => l.Normalisation is { } normalisation ? new ChannelFactors<T>(normalisation) : null)];
        long largest = network.Layers.Max(l => (long)l.Output.Pixels * MatrixView<T>.PaddedStride(l.Output.Channels));
        _rows = (int)Math.Clamp(MapBytes / (largest * sizeof(T)), 1, maxRows);
        for (int i = 0; i < _maps.Length; i++)
        {
            _maps[i] = new AlignedBuffer<T>(_rows * largest);
        }

        _pixels = new Matrix<T>(_rows * (network.InputImage?.Pixels ?? 0), network.InputImage?.Channels ?? 0);
        _output = new Matrix<T>(maxRows, network.OutputImage?.Columns ?? network.Layers[^1].Output.Channels);
    }

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer<T> parameters, MatrixView<T> input)
    {
        for (int i = 0; i < _factors.Length; i++)
        {
            _factors[i]?.SetRunning(parameters.Pointer);
        }

        for (int start = 0; start < input.Rows; start += _rows)
        {
            int rows = Math.Min(_rows, input.Rows - start);
            Forward(parameters, input.Slice(start, rows), _output.Slice(start, rows));
        }
    }

    /// <inheritdoc/>
    public override void Backward(
        AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, MatrixView<T> input, MatrixView<T> inputGradient) =>
        throw new NotSupportedException("This workspace is for scoring.");

    /// <inheritdoc/>
    public override MatrixView<T> Output(int rows) => _output.Slice(0, rows);

    /// <inheritdoc/>
    public override MatrixView<T> OutputGradient(int rows) => throw new NotSupportedException("This workspace is for scoring.");

    /// <inheritdoc/>
    public override IReadOnlyList<(MatrixView<T> Values, int LinesPerRow)> Layers(int rows) => [(Output(rows), 1)];

    private void Forward(AlignedBuffer<T> parameters, MatrixView<T> input, MatrixView<T> output)
    {
        int rows = input.Rows;
        MatrixView<T> current = input;
        if (_network.InputImage is { } image)
        {
            current = _pixels.Slice(0, rows * image.Pixels);
            image.ToMap(input, current);
        }

        for (int i = 0; i < _network.Layers.Count; i++)
        {
            ConvolutionLayer layer = _network.Layers[i];
            bool ends = i == _network.Layers.Count - 1 && _network.OutputImage is null;
            FeatureShape shape = layer.Output;
            MatrixView<T> next = ends ? output
                : _maps[i % 2].View(0, rows * shape.Pixels, shape.Channels, MatrixView<T>.PaddedStride(shape.Channels));
            layer.Forward(parameters, current, next, _scratch);
            if (_factors[i] is { } factors)
            {
                BatchNormalisation.Apply(factors, next, next);
            }

            current = next;
        }

        _network.OutputImage?.FromMap(current, output);
    }
}
