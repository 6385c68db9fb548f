using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Networks;

/// <summary>What a normalisation does to each channel, ready for the loops; padded with zeros.</summary>
internal sealed unsafe class ChannelFactors<T>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly AlignedBuffer<T> _buffer;
    private readonly int _stride;
    private readonly BatchNormalisation _normalisation;

    public ChannelFactors(BatchNormalisation normalisation)
    {
        _normalisation = normalisation;
        _stride = normalisation.Scale.Stride;
        _buffer = new AlignedBuffer<T>(6L * _stride);
    }

    /// <summary>m.</summary>
    public T* Mean => _buffer.Pointer;

    /// <summary>1 / sqrt(v + eps).</summary>
    public T* Inverse => _buffer.Pointer + _stride;

    /// <summary>scale / sqrt(v + eps).</summary>
    public T* Factor => _buffer.Pointer + (2 * _stride);

    /// <summary>shift.</summary>
    public T* Shift => _buffer.Pointer + (3 * _stride);

    /// <summary>Mean of the gradient over the batch.</summary>
    public T* MeanGradient => _buffer.Pointer + (4 * _stride);

    /// <summary>What x - m is multiplied by, to take out the part of the gradient along x.</summary>
    public T* AlongGradient => _buffer.Pointer + (5 * _stride);

    /// <summary>For the statistics of a batch.</summary>
    public void Set(T* parameters, ChannelSums sums)
    {
        for (int i = 0; i < _normalisation.Scale.Columns; i++)
        {
            Set(parameters, i, sums.Mean[i], sums.Squares[i] / sums.Count);
        }
    }

    /// <summary>For the running averages.</summary>
    public void SetRunning(T* parameters)
    {
        for (int i = 0; i < _normalisation.Scale.Columns; i++)
        {
            Set(
                parameters,
                i,
                double.CreateTruncating(parameters[_normalisation.RunningMean.Offset + i]),
                double.CreateTruncating(parameters[_normalisation.RunningVariance.Offset + i]));
        }
    }

    /// <summary>From the summed gradients of shift and scale over so many lines.</summary>
    public void SetGradients(ReadOnlySpan<double> sums, long lines)
    {
        int channels = _normalisation.Scale.Columns;
        for (int i = 0; i < channels; i++)
        {
            MeanGradient[i] = T.CreateTruncating(sums[i] / lines);
            AlongGradient[i] = T.CreateTruncating(sums[channels + i] / lines * double.CreateTruncating(Inverse[i]));
        }
    }

    /// <summary>For statistics that do not depend on the rows.</summary>
    public void ClearGradients() => new Span<T>(MeanGradient, 2 * _stride).Clear();

    private void Set(T* parameters, int channel, double mean, double variance)
    {
        double inverse = 1 / Math.Sqrt(variance + BatchNormalisation.Epsilon);
        Mean[channel] = T.CreateTruncating(mean);
        Inverse[channel] = T.CreateTruncating(inverse);
        Factor[channel] = T.CreateTruncating(inverse * double.CreateTruncating(parameters[_normalisation.Scale.Offset + channel]));
        Shift[channel] = parameters[_normalisation.Shift.Offset + channel];
    }
}
