using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>A row's set of states with what evaluates its candidates, one by one. Not safe to share between threads.</summary>
internal sealed class StateSearch : StateSet
{
    private readonly StateEvaluator _evaluator;
    private readonly ulong[] _parent;
    private readonly double[] _gains;

    public StateSearch(BeliefNet net, int capacity)
        : base(net, capacity)
    {
        _evaluator = new StateEvaluator(net);
        _parent = new ulong[net.Words];
        _gains = new double[net.Latents];
    }

    /// <summary>Evaluates states of the current row.</summary>
    public StateEvaluator Evaluator => _evaluator;

    /// <summary>Starts a row with given states, or none.</summary>
    public void Begin(ReadOnlySpan<double> logOdds, ReadOnlySpan<ulong> states = default)
    {
        _evaluator.Begin(logOdds);
        Take(states);
        Evaluate();
    }

    /// <summary>Evaluates a state and takes it if it pays.</summary>
    public bool Try(ReadOnlySpan<ulong> state) => TryInsert(state, _evaluator.Load(state));

    /// <summary>Fills the free places: all states where they fit, else draws from the prior and then states in order.</summary>
    public void Fill(RandomStream random)
    {
        FillStates(random);
        Evaluate();
    }

    /// <summary>One round of flips and crossings.</summary>
    public void Improve(RandomStream random)
    {
        if (IsWhole)
        {
            return;
        }

        for (int i = 0; i < Parents; i++)
        {
            TryFlips(State(Parent(i, random)));
        }

        for (int i = 0; i < Crossings; i++)
        {
            Try(Cross(random));
        }
    }

    /// <summary>
    /// Climbs by the best single flip from a state to a state that no flip betters; all that is met on the way may enter the set.
    /// </summary>
    public void Climb(ReadOnlySpan<ulong> start)
    {
        Span<ulong> state = stackalloc ulong[Net.Words];
        start.CopyTo(state);
        Try(state);
        for (int step = 0; step < 2 * Net.Latents; step++)
        {
            int flip = TryFlips(state);
            if (flip < 0)
            {
                return;
            }

            Net.Flip(state, flip);
        }
    }

    /// <summary>Tries all states that differ from one in a single latent.</summary>
    /// <returns>The latent whose flip raises the joint most, or -1.</returns>
    public int TryFlips(ReadOnlySpan<ulong> state)
    {
        state.CopyTo(_parent);
        double joint = _evaluator.Load(_parent);
        for (int latent = 0; latent < _gains.Length; latent++)
        {
            _gains[latent] = _evaluator.FlipGain(_parent, latent);
        }

        return InsertFlips(_parent, joint, _gains);
    }

    private void Evaluate()
    {
        for (int i = 0; i < Count; i++)
        {
            Joints[i] = _evaluator.Load(State(i));
        }

        SetJoints(Joints);
    }
}
