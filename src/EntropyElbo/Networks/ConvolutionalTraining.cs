using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// A convolutional network in training: a whole batch, cut into segments that a team works on layer by layer, since a normalisation
/// needs the statistics of all rows before the next layer begins. The cut depends on the number of rows alone, and sums over
/// segments are taken in their order, so the bits do not depend on the team. Memory: every layer's map twice where it is
/// normalised, else once, two more of the largest, and eight gradients of the largest layer.
/// </summary>
internal sealed unsafe class ConvolutionalTraining<T> : NetworkWorkspace<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int MostSegments = 8;
    private const int LeastSegmentRows = 4;
    private const int ReductionBlock = 1 << 14;
    private readonly ConvolutionalNetwork _network;
    private readonly LayerMaps<T>[] _layers;
    private readonly MatrixView<T> _pixels;
    private readonly MatrixView<T> _output;
    private readonly MatrixView<T> _outputGradient;
    private readonly AlignedBuffer<T>[] _gradientMaps = new AlignedBuffer<T>[2];
    private readonly AlignedBuffer<T>[] _partials;
    private readonly LayerScratch<T>[] _scratch;
    private readonly WorkerTeam? _team;
    private readonly Action<int, int> _forward;
    private readonly Action<int, int> _finish;
    private readonly Action<int, int> _begin;
    private readonly Action<int, int> _backward;
    private readonly Action<int, int> _reduce;
    private int _segments;
    private int _rows;
    private int _current;
    private AlignedBuffer<T> _parameters = new(0);
    private AlignedBuffer<T> _gradient = new(0);
    private MatrixView<T> _input;
    private MatrixView<T> _inputGradient;

    public ConvolutionalTraining(ConvolutionalNetwork network, int maxRows, WorkerTeam? team)
    {
        _network = network;
        _team = team;
        _layers =
            [.. network.Layers.Select(l => new LayerMaps<T>(l, maxRows, MostSegments, (rows, columns) => new Matrix<T>(rows, columns)))];
        _pixels = new Matrix<T>(maxRows * (network.InputImage?.Pixels ?? 0), network.InputImage?.Channels ?? 0);
        MatrixView<T> last = _layers[^1].Output;
        _output = network.OutputImage is { } image ? new Matrix<T>(maxRows, image.Columns) : last;
        _outputGradient = new Matrix<T>(maxRows, _output.Columns);
        for (int i = 0; i < _gradientMaps.Length; i++)
        {
            _gradientMaps[i] = new AlignedBuffer<T>(_layers.Max(l => (long)l.Output.Rows * l.Output.Stride));
        }

        _partials = new AlignedBuffer<T>[Segments(maxRows) > 1 ? Segments(maxRows) : 0];
        for (int i = 0; i < _partials.Length; i++)
        {
            _partials[i] = new AlignedBuffer<T>(network.Layers.Max(l => l.GradientLength));
        }

        _scratch = new LayerScratch<T>[team?.Members ?? 1];
        for (int i = 0; i < _scratch.Length; i++)
        {
            _scratch[i] = new LayerScratch<T>();
        }

        _forward = ForwardGroup;
        _finish = FinishSegment;
        _begin = BeginSegment;
        _backward = BackwardGroup;
        _reduce = ReduceBlock;
    }

    /// <inheritdoc/>
    public override void Forward(AlignedBuffer<T> parameters, MatrixView<T> input)
    {
        _rows = input.Rows;
        _segments = Segments(_rows);
        _parameters = parameters;
        _input = input;
        for (_current = 0; _current < _layers.Length; _current++)
        {
            Run(_forward, Groups());
            _layers[_current].TakeStatistics(parameters.Pointer, _segments);
            if (IsFrozen)
            {
                _layers[_current].Factors?.SetRunning(parameters.Pointer);
            }
        }

        if (_network.OutputImage is not null)
        {
            Run(_finish, _segments);
        }
    }

    /// <inheritdoc/>
    public override void Backward(AlignedBuffer<T> parameters, AlignedBuffer<T> gradient, MatrixView<T> input, MatrixView<T> inputGradient)
    {
        _gradient = gradient;
        _inputGradient = inputGradient;
        _current = _layers.Length - 1;
        Run(_begin, _segments);
        for (; _current >= 0; _current--)
        {
            LayerMaps<T> layer = _layers[_current];
            layer.TakeGradients(gradient.Pointer, _segments, (long)_rows * layer.Convolution.Output.Pixels);
            if (IsFrozen)
            {
                layer.Factors?.ClearGradients();
            }

            Run(_backward, Groups());
            if (_segments > 1)
            {
                Run(_reduce, (layer.Convolution.GradientLength + ReductionBlock - 1) / ReductionBlock);
            }
        }
    }

    /// <inheritdoc/>
    public override MatrixView<T> Output(int rows) => _output.Slice(0, rows);

    /// <inheritdoc/>
    public override MatrixView<T> OutputGradient(int rows) => _outputGradient.Slice(0, rows);

    /// <inheritdoc/>
    public override IReadOnlyList<(MatrixView<T> Values, int LinesPerRow)> Layers(int rows) =>
        [.. _layers.Select(l => (l.Linear.Slice(0, rows * l.Convolution.Output.Pixels), l.Convolution.Output.Pixels))];

    private static int Segments(int rows) => Math.Clamp(rows / LeastSegmentRows, 1, MostSegments);

    /// <summary>The layer's normalisation of before, taken as this layer's input, and this layer's products, a few images at a time.</summary>
    private void ForwardGroup(int member, int group)
    {
        (int first, int end) = SegmentsOf(group);
        LayerMaps<T> layer = _layers[_current];
        int images = layer.Convolution.ImagesOfProduct, last = Start(end);
        for (int start = Start(first); start < last; start += images)
        {
            ForwardRows(layer, start, Math.Min(images, last - start), _scratch[member]);
        }

        for (int segment = first; segment < end && layer.Sums is not null; segment++)
        {
            (int start, int rows) = Range(segment);
            layer.Sums[segment].Clear();
            BatchNormalisation.AddMoments(layer.Lines(layer.Linear, start, rows), layer.Sums[segment]);
        }
    }

    private void ForwardRows(LayerMaps<T> layer, int start, int rows, LayerScratch<T> scratch)
    {
        if (_current == 0)
        {
            _network.InputImage?.ToMap(_input.Slice(start, rows), Lines(_pixels, start, rows, _network.InputImage.Pixels));
        }
        else
        {
            _layers[_current - 1].Activate(start, rows);
        }

        layer.Convolution.Forward(_parameters, Input(_current, start, rows), layer.Lines(layer.Linear, start, rows), scratch);
    }

    private void FinishSegment(int member, int segment)
    {
        (int start, int rows) = Range(segment);
        _network.OutputImage!.FromMap(_layers[^1].Lines(_layers[^1].Output, start, rows), _output.Slice(start, rows));
    }

    /// <summary>The gradient of the outputs as a map of the last layer, which is linear.</summary>
    private void BeginSegment(int member, int segment)
    {
        (int start, int rows) = Range(segment);
        MatrixView<T> map = Gradient(_current, start, rows);
        if (_network.OutputImage is { } image)
        {
            new Span<T>(map.Data, map.Rows * map.Stride).Clear();
            image.ToMap(_outputGradient.Slice(start, rows), map);
        }
    }

    /// <summary>
    /// Takes the gradient of a layer's output through its normalisation and its products, and through the rectifier of the layer
    /// below. A group of several segments, each with few lines, takes the gradient of its input in one product.
    /// </summary>
    private void BackwardGroup(int member, int group)
    {
        (int first, int end) = SegmentsOf(group);
        bool together = end > first + 1;
        for (int segment = first; segment < end; segment++)
        {
            BackwardSegment(segment, !together, _scratch[member]);
        }

        int start = Start(first), rows = Start(end) - start;
        MatrixView<T> below = Below(start, rows);
        if (together && below.Data != null)
        {
            _layers[_current].Convolution.BackwardInput(_parameters, Gradient(_current, start, rows), below, _scratch[member]);
        }

        for (int segment = first; segment < end && _current > 0; segment++)
        {
            (start, rows) = Range(segment);
            _layers[_current - 1].Gate(start, rows, Below(start, rows), segment);
        }
    }

    private void BackwardSegment(int segment, bool withInput, LayerScratch<T> scratch)
    {
        (int start, int rows) = Range(segment);
        LayerMaps<T> layer = _layers[_current];
        MatrixView<T> gradient = Gradient(_current, start, rows);
        if (layer.Factors is { } factors)
        {
            BatchNormalisation.BackwardInput(factors, layer.Lines(layer.Linear, start, rows), gradient);
        }

        T* target = _segments > 1 ? _partials[segment].Pointer : _gradient.Pointer + layer.Convolution.Weights.Offset;
        MatrixView<T> below = withInput ? Below(start, rows) : default;
        (ILayerObserver<T>, int)? shown = Observer is null ? null : (Observer, _current);
        layer.Convolution.Backward(_parameters, target, Input(_current, start, rows), gradient, below, scratch, shown);
    }

    /// <summary>Where the gradient of the layer's input goes; without data where nobody asks for it.</summary>
    private MatrixView<T> Below(int start, int rows) =>
        _current > 0 ? Gradient(_current - 1, start, rows)
        : _inputGradient.Data != null ? _inputGradient.Slice(start, rows) : default;

    /// <summary>Adds up a block of the segments' gradients in their order.</summary>
    private void ReduceBlock(int member, int block)
    {
        ConvolutionLayer layer = _layers[_current].Convolution;
        int start = block * ReductionBlock, length = Math.Min(ReductionBlock, layer.GradientLength - start);
        Span<T> sum = new(_gradient.Pointer + layer.Weights.Offset + start, length);
        TensorPrimitives.Add(
            new ReadOnlySpan<T>(_partials[0].Pointer + start, length), new ReadOnlySpan<T>(_partials[1].Pointer + start, length), sum);
        for (int i = 2; i < _segments; i++)
        {
            TensorPrimitives.Add(sum, new ReadOnlySpan<T>(_partials[i].Pointer + start, length), sum);
        }
    }

    private void Run(Action<int, int> phase, int items)
    {
        if (_team is not null && Observer is null)
        {
            _team.ForEach(items, phase);
            return;
        }

        for (int item = 0; item < items; item++)
        {
            phase(0, item);
        }
    }

    /// <summary>
    /// Groups of segments that the layer's products take together, so that weights are packed for lines enough, but one for each
    /// member at least. Lines of a product do not depend on one another, so neither do bits on the groups.
    /// </summary>
    private int Groups()
    {
        long lines = (long)_rows * _layers[_current].Convolution.Small.Pixels;
        return (int)Math.Clamp(lines / ConvolutionLayer.ProductLines, Math.Min(_scratch.Length, _segments), _segments);
    }

    private (int First, int End) SegmentsOf(int group)
    {
        int groups = Groups();
        return (group * _segments / groups, (group + 1) * _segments / groups);
    }

    private int Start(int segment) => (int)((long)segment * _rows / _segments);

    private (int Start, int Rows) Range(int segment) => (Start(segment), Start(segment + 1) - Start(segment));

    private MatrixView<T> Input(int layer, int start, int rows) =>
        layer > 0 ? _layers[layer - 1].Lines(_layers[layer - 1].Output, start, rows)
        : _network.InputImage is { } image ? Lines(_pixels, start, rows, image.Pixels)
        : _input.Slice(start, rows);

    /// <summary>Where the gradient of a layer's output lies.</summary>
    private MatrixView<T> Gradient(int layer, int start, int rows)
    {
        MatrixView<T> shape = _layers[layer].Output;
        return layer == _layers.Length - 1 && _network.OutputImage is null
            ? _outputGradient.Slice(start, rows)
            : _layers[layer].Lines(_gradientMaps[layer % 2].View(0, shape.Rows, shape.Columns, shape.Stride), start, rows);
    }

    private static MatrixView<T> Lines(MatrixView<T> map, int start, int rows, int pixels) => map.Slice(start * pixels, rows * pixels);
}
