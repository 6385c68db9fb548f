using EntropyElbo.Numerics;

namespace EntropyElbo.Cli.Reports;

/// <summary>A uniform sample of rows: those with the smallest of random keys, one a row.</summary>
internal sealed class RowSample(int most, int columns, ulong seed)
{
    /// <summary>Beside the streams of splits.</summary>
    private const ulong Stream = 2;
    private readonly RandomStream _keys = new(seed, RandomPurpose.Splitting, Stream);
    private readonly PriorityQueue<Kept, double> _kept = new();

    /// <summary>Takes the next row, or leaves it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="place">Its place in the file.</param>
    public void Offer(ReadOnlySpan<double> row, long place)
    {
        double key = _keys.NextUniform();
        if (_kept.Count < most)
        {
            _kept.Enqueue(new Kept(row.ToArray(), place, key), -key);
        }
        else if (_kept.TryPeek(out Kept? last, out double largest) && key < -largest)
        {
            row.CopyTo(last.Values);
            _kept.DequeueEnqueue(last with { Place = place, Key = key }, -key);
        }
    }

    /// <summary>Values, places in rising order, and which of the rows are the sample of <paramref name="points"/> at most.</summary>
    public (double[] Values, long[] Places, int[] Points) Rows(int points)
    {
        Kept[] kept = [.. _kept.UnorderedItems.Select(item => item.Element).OrderBy(k => k.Place)];
        double[] values = new double[kept.Length * columns];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i].Values.CopyTo(values, i * columns);
        }

        int[] shown = [.. Enumerable.Range(0, kept.Length).OrderBy(i => kept[i].Key).Take(points).Order()];
        return (values, [.. kept.Select(k => k.Place)], shown);
    }

    private sealed record Kept(double[] Values, long Place, double Key);
}
