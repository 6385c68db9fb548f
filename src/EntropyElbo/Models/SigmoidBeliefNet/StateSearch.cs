using System.Numerics.Tensors;
using EntropyElbo.Numerics;

namespace EntropyElbo.Models.SigmoidBeliefNet;

/// <summary>
/// The best states of one row: a set of distinct states that only changes for the better, so that
/// <c>log sum_s p(x, s)</c> never falls while parameters stand still. Candidates are single flips of good states and crossings of
/// two (evolutionary search of truncated posteriors, Drefs, Guiraud and Lücke 2022). Not safe to share between threads.
/// </summary>
internal sealed class StateSearch
{
    /// <summary>States of which all flips are tried in a round: the best, and others drawn.</summary>
    private const int Parents = 3;

    /// <summary>Crossings tried in a round.</summary>
    private const int Crossings = 4;

    private readonly BeliefNet _net;
    private readonly StateEvaluator _evaluator;
    private readonly ulong[] _candidate;
    private readonly ulong[] _parent;
    private int _worst;

    public StateSearch(BeliefNet net, int capacity)
    {
        _net = net;
        _evaluator = new StateEvaluator(net);
        Capacity = Math.Min(capacity, net.StateCount ?? capacity);
        States = new ulong[Capacity * net.Words];
        Joints = new double[Capacity];
        _candidate = new ulong[net.Words];
        _parent = new ulong[net.Words];
    }

    /// <summary>Most states.</summary>
    public int Capacity { get; }

    /// <summary>States in the set.</summary>
    public int Count { get; private set; }

    /// <summary>The states, <see cref="Count"/> times the words of a state.</summary>
    public ulong[] States { get; }

    /// <summary>log p(x, s) of each state.</summary>
    public double[] Joints { get; }

    /// <summary>Evaluates states of the current row.</summary>
    public StateEvaluator Evaluator => _evaluator;

    public ReadOnlySpan<ulong> State(int index) => States.AsSpan(index * _net.Words, _net.Words);

    /// <summary>Starts a row with an empty set.</summary>
    public void Begin(ReadOnlySpan<double> drive)
    {
        _evaluator.Begin(drive);
        Count = 0;
    }

    /// <summary>Starts a row with given states.</summary>
    public void Begin(ReadOnlySpan<double> drive, ReadOnlySpan<ulong> states)
    {
        _evaluator.Begin(drive);
        states.CopyTo(States);
        Count = states.Length / _net.Words;
        for (int i = 0; i < Count; i++)
        {
            Joints[i] = _evaluator.Load(State(i));
        }

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
        state.CopyTo(States.AsSpan(place * _net.Words));
        Joints[place] = joint;
        FindWorst();
        return true;
    }

    /// <summary>Evaluates a state and takes it if it pays.</summary>
    public bool Try(ReadOnlySpan<ulong> state) => TryInsert(state, _evaluator.Load(state));

    /// <summary>Fills the free places: all states where they fit, else draws from the prior and then states in order.</summary>
    public void Fill(RandomStream random)
    {
        if (_net.StateCount is not { } all || Capacity < all)
        {
            double[] logits = new double[_net.Sizes.Max()];
            for (int attempt = 0; attempt < 4 * Capacity && Count < Capacity; attempt++)
            {
                _net.SampleState(_candidate, random, logits);
                Try(_candidate);
            }
        }

        for (long index = 0; Count < Capacity; index++)
        {
            _net.SetState(_candidate, index);
            Try(_candidate);
        }
    }

    /// <summary>One round of flips and crossings.</summary>
    public void Improve(RandomStream random)
    {
        if (Count == _net.StateCount)
        {
            return;
        }

        TryFlips(State(Best()));
        for (int i = 1; i < Parents; i++)
        {
            TryFlips(State(random.NextInt(Count)));
        }

        for (int i = 0; i < Crossings; i++)
        {
            ReadOnlySpan<ulong> first = State(random.NextInt(Count));
            ReadOnlySpan<ulong> second = State(random.NextInt(Count));
            for (int w = 0; w < _candidate.Length; w++)
            {
                ulong mask = random.NextBits();
                _candidate[w] = (first[w] & mask) | (second[w] & ~mask);
            }

            Try(_candidate);
        }
    }

    /// <summary>Climbs by the best single flip from a state to a state that no flip betters; all that is met on the way may enter the set.</summary>
    public void Climb(ReadOnlySpan<ulong> start)
    {
        Span<ulong> state = stackalloc ulong[_net.Words];
        start.CopyTo(state);
        Try(state);
        for (int step = 0; step < 2 * _net.Latents; step++)
        {
            int flip = TryFlips(state);
            if (flip < 0)
            {
                return;
            }

            _net.Flip(state, flip);
        }
    }

    /// <summary>Tries all states that differ from one in a single latent.</summary>
    /// <returns>The latent whose flip raises the joint most, or -1.</returns>
    public int TryFlips(ReadOnlySpan<ulong> state)
    {
        state.CopyTo(_parent);
        double joint = _evaluator.Load(_parent);
        int best = -1;
        double bestGain = 0;
        for (int latent = 0; latent < _net.Latents; latent++)
        {
            double gain = _evaluator.FlipGain(_parent, latent);
            if (gain > bestGain)
            {
                (best, bestGain) = (latent, gain);
            }

            if (Count < Capacity || joint + gain > Joints[_worst])
            {
                _parent.CopyTo(_candidate, 0);
                _net.Flip(_candidate, latent);
                TryInsert(_candidate, joint + gain);
            }
        }

        return best;
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

    private int Best() => TensorPrimitives.IndexOfMax<double>(Joints.AsSpan(0, Count));

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
