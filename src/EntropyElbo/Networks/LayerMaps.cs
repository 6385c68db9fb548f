using System.Numerics;
using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>A layer's maps and statistics in training, of a batch that is worked on in segments.</summary>
internal sealed unsafe class LayerMaps<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly ChannelSums? _batch;
    private readonly double[]? _gradientSums;

    public LayerMaps(ConvolutionLayer convolution, int maxRows, int segments, Func<int, int, MatrixView<T>> allocate)
    {
        Convolution = convolution;
        FeatureShape shape = convolution.Output;
        Linear = allocate(maxRows * shape.Pixels, shape.Channels);
        Output = Linear;
        if (convolution.Normalisation is { } normalisation)
        {
            Output = allocate(maxRows * shape.Pixels, shape.Channels);
            Factors = new ChannelFactors<T>(normalisation);
            Sums = [.. Enumerable.Range(0, segments).Select(_ => new ChannelSums(shape.Channels))];
            _batch = new ChannelSums(shape.Channels);
            _gradientSums = new double[2 * shape.Channels * segments];
        }
    }

    public ConvolutionLayer Convolution { get; }

    /// <summary>What the products give.</summary>
    public MatrixView<T> Linear { get; }

    /// <summary>What comes out behind normalisation and rectifier; the same where there is none.</summary>
    public MatrixView<T> Output { get; }

    public ChannelFactors<T>? Factors { get; }

    /// <summary>Statistics of each segment.</summary>
    public ChannelSums[]? Sums { get; }

    public MatrixView<T> Lines(MatrixView<T> map, int start, int rows) =>
        map.Slice(start * Convolution.Output.Pixels, rows * Convolution.Output.Pixels);

    public void Activate(int start, int rows)
    {
        if (Factors is not null)
        {
            BatchNormalisation.Apply(Factors, Lines(Linear, start, rows), Lines(Output, start, rows));
        }
    }

    /// <summary>Takes the gradient of the output back through the rectifier, and sums up the segment's share in scale and shift.</summary>
    public void Gate(int start, int rows, MatrixView<T> gradient, int segment)
    {
        if (Factors is not null)
        {
            Span<double> sums = GradientSums(segment);
            sums.Clear();
            BatchNormalisation.BackwardGate(Factors, Lines(Linear, start, rows), Lines(Output, start, rows), gradient, sums);
        }
    }

    /// <summary>Merges the segments' statistics.</summary>
    public void TakeStatistics(T* parameters, int segments)
    {
        if (Sums is null)
        {
            return;
        }

        _batch!.Clear();
        for (int segment = 0; segment < segments; segment++)
        {
            _batch.Merge(Sums[segment]);
        }

        Factors!.Set(parameters, _batch);
    }

    /// <summary>Merges the segments' shares in the gradients of scale and shift, and hands out the batch's statistics.</summary>
    public void TakeGradients(T* gradient, int segments, long lines)
    {
        if (Convolution.Normalisation is not { } normalisation)
        {
            return;
        }

        Span<double> sums = GradientSums(0);
        for (int segment = 1; segment < segments; segment++)
        {
            TensorPrimitives.Add(sums, GradientSums(segment), sums);
        }

        Factors!.SetGradients(sums, lines);
        int channels = normalisation.Scale.Columns;
        for (int i = 0; i < channels; i++)
        {
            gradient[normalisation.Shift.Offset + i] = T.CreateTruncating(sums[i]);
            gradient[normalisation.Scale.Offset + i] = T.CreateTruncating(sums[channels + i]);
            gradient[normalisation.RunningMean.Offset + i] = T.CreateTruncating(_batch!.Mean[i]);
            gradient[normalisation.RunningVariance.Offset + i] = T.CreateTruncating(_batch.Squares[i] / Math.Max(1, lines - 1));
        }
    }

    private Span<double> GradientSums(int segment) =>
        _gradientSums.AsSpan(segment * 2 * Convolution.Output.Channels, 2 * Convolution.Output.Channels);
}
