using System.Numerics;
using System.Runtime.Intrinsics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>
/// Batch normalisation (Ioffe and Szegedy 2015) of the channels of a map, with the leaky rectifier behind it:
/// <c>y = f(scale (x - m) / sqrt(v + eps) + shift)</c>, with mean m and variance v of the batch in training and of the running
/// averages afterwards.
/// </summary>
internal sealed unsafe class BatchNormalisation
{
    /// <summary>Added to variances (Ioffe and Szegedy; PyTorch's default).</summary>
    public const double Epsilon = 1e-5;

    /// <summary>Share of a batch in the running averages (PyTorch's default).</summary>
    public const double Momentum = 0.1;

    private const int BlockLines = 128;

    /// <summary>Entries of a block of lines, which is taken column by column and must stay in a first-level cache meanwhile.</summary>
    private const int BlockEntries = 2048;

    /// <summary>Registers the parameters in the layout.</summary>
    public BatchNormalisation(ParameterLayout layout, string name, int channels)
    {
        Scale = layout.Add($"{name}.scale", 1, channels);
        Shift = layout.Add($"{name}.shift", 1, channels);
        RunningMean = layout.Add($"{name}.running_mean", 1, channels);
        RunningVariance = layout.Add($"{name}.running_variance", 1, channels);
    }

    public ParameterTensor Scale { get; }

    public ParameterTensor Shift { get; }

    public ParameterTensor RunningMean { get; }

    public ParameterTensor RunningVariance { get; }

    /// <summary>Scale and variance 1, shift and mean 0.</summary>
    public void Initialise(Span<float> parameters)
    {
        parameters.Slice(Scale.Offset, Scale.Columns).Fill(1);
        parameters.Slice(Shift.Offset, Shift.Columns).Clear();
        parameters.Slice(RunningMean.Offset, RunningMean.Columns).Clear();
        parameters.Slice(RunningVariance.Offset, RunningVariance.Columns).Fill(1);
    }

    /// <summary>What running statistics multiply every channel by: <c>scale / sqrt(v + eps)</c>.</summary>
    public double[] RunningFactors(ReadOnlySpan<float> parameters)
    {
        double[] factors = new double[Scale.Columns];
        for (int i = 0; i < factors.Length; i++)
        {
            factors[i] = parameters[Scale.Offset + i] / Math.Sqrt(parameters[RunningVariance.Offset + i] + Epsilon);
        }

        return factors;
    }

    /// <summary>
    /// Takes the statistics of a batch out of the gradient, where the backward pass has put them, into the running averages.
    /// </summary>
    public void Track(Span<float> parameters, Span<float> gradient)
    {
        foreach (ParameterTensor tensor in (ReadOnlySpan<ParameterTensor>)[RunningMean, RunningVariance])
        {
            for (int i = tensor.Offset; i < tensor.Offset + tensor.Columns; i++)
            {
                parameters[i] += (float)(Momentum * (gradient[i] - parameters[i]));
                gradient[i] = 0;
            }
        }
    }

    /// <summary>Adds count, means and summed squared deviations of some lines to those of others, in blocks that stay in a cache.</summary>
    public static void AddMoments<T>(MatrixView<T> map, ChannelSums sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int line = Vector512<T>.Count;
        for (int start = 0; start < map.Rows; start += BlockLines)
        {
            int rows = Math.Min(BlockLines, map.Rows - start);
            double weight = (double)rows / (sums.Count + rows);
            for (int column = 0; column < map.Columns; column += line)
            {
                T* first = map.Data + ((long)start * map.Stride) + column;
                Vector512<T> total = Vector512<T>.Zero, squares = total;
                for (int row = 0; row < rows; row++)
                {
                    total += Vector512.LoadAligned(first + ((long)row * map.Stride));
                }

                Vector512<T> mean = total / T.CreateTruncating(rows);
                for (int row = 0; row < rows; row++)
                {
                    Vector512<T> deviation = Vector512.LoadAligned(first + ((long)row * map.Stride)) - mean;
                    squares = Lanes.MultiplyAdd(deviation, deviation, squares);
                }

                for (int i = 0; i < Math.Min(line, map.Columns - column); i++)
                {
                    sums.Merge(column + i, double.CreateTruncating(mean[i]), double.CreateTruncating(squares[i]), weight);
                }
            }

            sums.Count += rows;
        }
    }

    /// <summary>Normalises lines and takes them through the rectifier.</summary>
    /// <param name="factors">What each channel is shifted and stretched by.</param>
    /// <param name="map">x, [lines, channels].</param>
    /// <param name="output">y, of the same shape; may be the same memory.</param>
    public static void Apply<T>(ChannelFactors<T> factors, MatrixView<T> map, MatrixView<T> output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int block = Math.Max(1, BlockEntries / map.Stride);
        for (int start = 0; start < map.Rows; start += block)
        {
            int rows = Math.Min(block, map.Rows - start);
            ApplyBlock(factors, map.Slice(start, rows), output.Slice(start, rows));
        }
    }

    private static void ApplyBlock<T>(ChannelFactors<T> factors, MatrixView<T> map, MatrixView<T> output)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> slope = Vector512.Create(T.CreateTruncating(Network.LeakySlope));
        for (int column = 0; column < map.Columns; column += Vector512<T>.Count)
        {
            Vector512<T> mean = Vector512.LoadAligned(factors.Mean + column), factor = Vector512.LoadAligned(factors.Factor + column);
            Vector512<T> shift = Vector512.LoadAligned(factors.Shift + column);
            long offset = column;
            for (int row = 0; row < map.Rows; row++, offset += map.Stride)
            {
                Vector512<T> value = Lanes.MultiplyAdd(Vector512.LoadAligned(map.Data + offset) - mean, factor, shift);
                Vector512.Max(value, value * slope).StoreAligned(output.Data + offset);
            }
        }
    }

    /// <summary>
    /// The first half of the backward pass: takes gradients back through the rectifier, in place, and sums up what scale and shift
    /// get.
    /// </summary>
    /// <param name="factors">As in <see cref="Apply"/>.</param>
    /// <param name="map">x.</param>
    /// <param name="output">y.</param>
    /// <param name="gradient">With respect to y, then to the normalised values times scale plus shift.</param>
    /// <param name="sums">[2, channels], added to: the gradients of shift, and of scale.</param>
    public static void BackwardGate<T>(
        ChannelFactors<T> factors, MatrixView<T> map, MatrixView<T> output, MatrixView<T> gradient, Span<double> sums)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        Vector512<T> slope = Vector512.Create(T.CreateTruncating(Network.LeakySlope));
        for (int start = 0; start < map.Rows; start += BlockLines)
        {
            int rows = Math.Min(BlockLines, map.Rows - start);
            for (int column = 0; column < map.Columns; column += Vector512<T>.Count)
            {
                Vector512<T> mean = Vector512.LoadAligned(factors.Mean + column), inverse = Vector512.LoadAligned(factors.Inverse + column);
                Vector512<T> shifts = Vector512<T>.Zero, scales = shifts;
                long offset = ((long)start * map.Stride) + column;
                for (int row = 0; row < rows; row++, offset += map.Stride)
                {
                    Vector512<T> slopes = Vector512.ConditionalSelect(
                        Vector512.GreaterThan(Vector512.LoadAligned(output.Data + offset), Vector512<T>.Zero), Vector512<T>.One, slope);
                    Vector512<T> gated = Vector512.LoadAligned(gradient.Data + offset) * slopes;
                    gated.StoreAligned(gradient.Data + offset);
                    shifts += gated;
                    scales = Lanes.MultiplyAdd(gated, (Vector512.LoadAligned(map.Data + offset) - mean) * inverse, scales);
                }

                for (int i = 0; i < Math.Min(Vector512<T>.Count, map.Columns - column); i++)
                {
                    sums[column + i] += double.CreateTruncating(shifts[i]);
                    sums[map.Columns + column + i] += double.CreateTruncating(scales[i]);
                }
            }
        }
    }

    /// <summary>The second half: from the sums over the whole batch, gradients with respect to x, in place.</summary>
    public static void BackwardInput<T>(ChannelFactors<T> factors, MatrixView<T> map, MatrixView<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int block = Math.Max(1, BlockEntries / map.Stride);
        for (int start = 0; start < map.Rows; start += block)
        {
            int rows = Math.Min(block, map.Rows - start);
            BackwardInputBlock(factors, map.Slice(start, rows), gradient.Slice(start, rows));
        }
    }

    private static void BackwardInputBlock<T>(ChannelFactors<T> factors, MatrixView<T> map, MatrixView<T> gradient)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (int column = 0; column < map.Columns; column += Vector512<T>.Count)
        {
            Vector512<T> mean = Vector512.LoadAligned(factors.Mean + column), factor = Vector512.LoadAligned(factors.Factor + column);
            Vector512<T> common = Vector512.LoadAligned(factors.MeanGradient + column), along = Vector512.LoadAligned(factors.AlongGradient + column);
            long offset = column;
            for (int row = 0; row < map.Rows; row++, offset += map.Stride)
            {
                Vector512<T> rest = Vector512.LoadAligned(gradient.Data + offset) - common;
                ((rest - ((Vector512.LoadAligned(map.Data + offset) - mean) * along)) * factor).StoreAligned(gradient.Data + offset);
            }
        }
    }
}
