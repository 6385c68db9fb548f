using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>
/// The best states of one row: a set of distinct states that only changes for the better, so that <c>log sum_s p(x, s)</c> never
/// falls while parameters stand still. Candidates are single flips of good states and crossings of two (evolutionary search of
/// truncated posteriors, Drefs, Guiraud and Lücke 2022); whoever owns the set evaluates them. Not safe to share between threads.
/// </summary>
internal class StateSet
{
    /// <summary>States of which all flips are tried in a round: the best, and others drawn.</summary>
    public const int Parents = 3;

    /// <summary>Crossings tried in a round.</summary>
    public const int Crossings = 4;

    private readonly ulong[] _candidate;
    private int _worst;

    public StateSet(BeliefNet net, int capacity)
    {
        Net = net;
        Capacity = Math.Min(capacity, net.StateCount ?? capacity);
        States = new ulong[Capacity * net.Words];
        Joints = new double[Capacity];
        _candidate = new ulong[net.Words];
    }

    /// <summary>Most states.</summary>
    public int Capacity { get; }

    /// <summary>States in the set.</summary>
    public int Count { get; private set; }

    /// <summary>The states, <see cref="Count"/> times the words of a state.</summary>
    public ulong[] States { get; }

    /// <summary>log p(x, s) of each state.</summary>
    public double[] Joints { get; }

    /// <summary>Whether the set holds all states there are.</summary>
    public bool IsWhole => Count == Net.StateCount;

    protected BeliefNet Net { get; }

    public ReadOnlySpan<ulong> State(int index) => States.AsSpan(index * Net.Words, Net.Words);

    /// <summary>Takes given states in place of its own; their joints are then to be set.</summary>
    public void Take(ReadOnlySpan<ulong> states)
    {
        states.CopyTo(States);
        Count = states.Length / Net.Words;
    }

    /// <summary>Sets all joints.</summary>
    public void SetJoints(ReadOnlySpan<double> joints)
    {
        joints[..Count].CopyTo(Joints);
        FindWorst();
    }

    /// <summary>Takes a state if it is new and there is room or a worse one.</summary>
    public bool TryInsert(ReadOnlySpan<ulong> state, double joint)
    {
        if ((Count == Capacity && !(joint > Joints[_worst])) || Contains(state))
        {
            return false;
        }

        int place = Count < Capacity ? Count++ : _worst;
        state.CopyTo(States.AsSpan(place * Net.Words));
        Joints[place] = joint;
        FindWorst();
        return true;
    }

    /// <summary>
    /// Fills the free places: all states where they fit, else draws from the prior and then states in order. Joints are then to be
    /// set.
    /// </summary>
    public void FillStates(RandomStream random)
    {
        // Many states are compared by their hashes: one by one would take the square of their number.
        StatePool known = new(Net.Words);
        for (int i = 0; i < Count; i++)
        {
            known.Add(State(i), 0);
        }

        if (Net.StateCount is not { } all || Capacity < all)
        {
            double[] logits = new double[Net.Sizes.Max()];
            for (int attempt = 0; attempt < 4 * Capacity && Count < Capacity; attempt++)
            {
                Net.SampleState(_candidate, random, logits);
                AppendNew(known);
            }
        }

        for (long index = 0; Count < Capacity; index++)
        {
            Net.SetState(_candidate, index);
            AppendNew(known);
        }
    }

    /// <summary>The state whose flips are tried in a round.</summary>
    public int Parent(int round, RandomStream random) =>
        round == 0 ? TensorPrimitives.IndexOfMax<double>(Joints.AsSpan(0, Count)) : random.NextInt(Count);

    /// <summary>Takes flips of a state that pay.</summary>
    /// <param name="parent">The state; not one of the set's own places.</param>
    /// <param name="joint">Its joint.</param>
    /// <param name="gains">Per latent, what its flip adds to the joint.</param>
    /// <returns>The latent whose flip raises the joint most, or -1.</returns>
    public int InsertFlips(ReadOnlySpan<ulong> parent, double joint, ReadOnlySpan<double> gains)
    {
        int best = -1;
        double bestGain = 0;
        for (int latent = 0; latent < gains.Length; latent++)
        {
            if (gains[latent] > bestGain)
            {
                (best, bestGain) = (latent, gains[latent]);
            }

            if (Count < Capacity || joint + gains[latent] > Joints[_worst])
            {
                parent.CopyTo(_candidate);
                Net.Flip(_candidate, latent);
                TryInsert(_candidate, joint + gains[latent]);
            }
        }

        return best;
    }

    /// <summary>A crossing of two states; valid until the set's next call.</summary>
    public ReadOnlySpan<ulong> Cross(RandomStream random)
    {
        ReadOnlySpan<ulong> first = State(random.NextInt(Count));
        ReadOnlySpan<ulong> second = State(random.NextInt(Count));
        for (int w = 0; w < _candidate.Length; w++)
        {
            ulong mask = random.NextBits();
            _candidate[w] = (first[w] & mask) | (second[w] & ~mask);
        }

        return _candidate;
    }

    /// <summary>Writes q, the joints normalised over the set, and returns log sum_s p(x, s).</summary>
    public double Normalise(Span<double> shares)
    {
        ReadOnlySpan<double> joints = Joints.AsSpan(0, Count);
        double top = TensorPrimitives.Max(joints);
        double sum = 0;
        for (int i = 0; i < joints.Length; i++)
        {
            shares[i] = Math.Exp(joints[i] - top);
            sum += shares[i];
        }

        TensorPrimitives.Divide(shares[..Count], sum, shares);
        return top + Math.Log(sum);
    }

    /// <summary>Takes the candidate, for which there is room, if it is not known.</summary>
    private void AppendNew(StatePool known)
    {
        known.Add(_candidate, 0);
        if (known.Count > Count)
        {
            _candidate.CopyTo(States.AsSpan(Count * Net.Words));
            Joints[Count++] = 0;
        }
    }

    private void FindWorst() => _worst = TensorPrimitives.IndexOfMin<double>(Joints.AsSpan(0, Count));

    private bool Contains(ReadOnlySpan<ulong> state)
    {
        if (state.Length == 1)
        {
            return States.AsSpan(0, Count).Contains(state[0]);
        }

        for (int i = 0; i < Count; i++)
        {
            if (State(i).SequenceEqual(state))
            {
                return true;
            }
        }

        return false;
    }
}
