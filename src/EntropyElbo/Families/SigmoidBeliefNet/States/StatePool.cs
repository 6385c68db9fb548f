using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>
/// Distinct bit vectors with weights: what the regressions of the M-step need of all rows' states. Kept in the order in which they
/// were first added.
/// </summary>
/// <param name="words">Words of a vector.</param>
internal sealed class StatePool(int words)
{
    private int[] _buckets = new int[64];
    private ulong[] _states = new ulong[16 * words];
    private double[] _weights = new double[16];

    /// <summary>Distinct vectors.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<double> Weights => _weights.AsSpan(0, Count);

    public ReadOnlySpan<ulong> this[int index] => _states.AsSpan(index * words, words);

    /// <summary>Adds weight to a vector.</summary>
    public void Add(ReadOnlySpan<ulong> state, double weight)
    {
        if (2 * Count >= _buckets.Length)
        {
            Grow();
        }

        int bucket = Bucket(state);
        if (_buckets[bucket] == 0)
        {
            _buckets[bucket] = Append(state);
        }

        _weights[_buckets[bucket] - 1] += weight;
    }

    /// <summary>Back to no vectors; the room stays.</summary>
    public void Clear()
    {
        Array.Clear(_buckets);
        Array.Clear(_weights, 0, Count);
        Count = 0;
    }

    private int Append(ReadOnlySpan<ulong> state)
    {
        if (Count == _weights.Length)
        {
            Array.Resize(ref _weights, 2 * Count);
            Array.Resize(ref _states, ArraySize.Of(2L * Count, words));
        }

        state.CopyTo(_states.AsSpan(Count * words));
        return ++Count;
    }

    /// <summary>The vector's bucket, or the free one where it belongs; buckets hold index + 1.</summary>
    private int Bucket(ReadOnlySpan<ulong> state)
    {
        ulong hash = 0;
        foreach (ulong word in state)
        {
            hash = (hash ^ word) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
        }

        // The upper half of a product depends on all bits; its lower bits do not see those of a state's last latents.
        int mask = _buckets.Length - 1;
        int bucket = (int)((hash * 0xBF58476D1CE4E5B9) >> 33) & mask;
        while (_buckets[bucket] != 0 && !this[_buckets[bucket] - 1].SequenceEqual(state))
        {
            bucket = (bucket + 1) & mask;
        }

        return bucket;
    }

    private void Grow()
    {
        _buckets = new int[ArraySize.Of(_buckets.Length, 2)];
        for (int i = 0; i < Count; i++)
        {
            _buckets[Bucket(this[i])] = i + 1;
        }
    }
}
