namespace EntropyElbo.Networks;

/// <summary>Number, means and summed squared deviations of values per channel; merged by Chan's rule.</summary>
internal sealed class ChannelSums(int channels)
{
    public long Count { get; set; }

    public double[] Mean { get; } = new double[channels];

    public double[] Squares { get; } = new double[channels];

    public void Clear()
    {
        Count = 0;
        Array.Clear(Mean);
        Array.Clear(Squares);
    }

    /// <summary>
    /// Takes in a channel of other values, which make up <paramref name="weight"/> of all; their number is added by the caller.
    /// </summary>
    public void Merge(int channel, double mean, double squares, double weight)
    {
        double difference = mean - Mean[channel];
        Mean[channel] += difference * weight;
        Squares[channel] += squares + (difference * difference * weight * Count);
    }

    /// <summary>Takes in other values.</summary>
    public void Merge(ChannelSums other)
    {
        if (other.Count == 0)
        {
            return;
        }

        double weight = (double)other.Count / (Count + other.Count);
        for (int channel = 0; channel < Mean.Length; channel++)
        {
            Merge(channel, other.Mean[channel], other.Squares[channel], weight);
        }

        Count += other.Count;
    }
}
