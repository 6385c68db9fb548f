using System.Numerics.Tensors;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Truncated;

/// <summary>
/// Truncated posteriors of rows: the best states found from starts and with random numbers that are the same for every row,
/// so that a row's result does not depend on its neighbours; or the states that training kept.
/// </summary>
internal sealed class TruncatedInference : BeliefInference
{
    /// <summary>Rounds of the search for a new row's states (chosen here).</summary>
    private const int Rounds = 12;

    private const ulong SearchSeed = 1;
    private readonly StateSearch _search;
    private readonly double[] _shares;
    private readonly double[] _logits;
    private readonly ulong[] _start;

    /// <summary>For states of new rows.</summary>
    /// <param name="net">The parameters.</param>
    /// <param name="capacity">States per row.</param>
    /// <param name="extended">
    /// States in all after the search, reached by the neighbours of the states found; not fewer than <paramref name="capacity"/> to
    /// extend.
    /// </param>
    public TruncatedInference(BeliefNet net, int capacity, int extended = 0)
        : base(net)
    {
        _search = new StateSearch(net, capacity);
        Extended = extended > _search.Capacity ? new StateSearch(net, extended) : null;
        _shares = new double[Math.Max(capacity, extended)];
        _logits = new double[net.Sizes.Max()];
        _start = new ulong[net.Words];
    }

    /// <summary>States of the current block's rows as training kept them, and how many a row has; null to search.</summary>
    public Func<int, ReadOnlyMemory<ulong>>? KnownStates { get; set; }

    private StateSearch? Extended { get; }

    private protected override void InferRows(int count)
    {
        for (int row = 0; row < count; row++)
        {
            StateSearch states = _search;
            if (KnownStates is { } known)
            {
                states.Begin(LogOddsTerms[row], known(row).Span);
            }
            else
            {
                Search(row);
                states = Extended is null ? _search : Extend(row);
            }

            Finish(row, states);
        }
    }

    private void Search(int row)
    {
        _search.Begin(LogOddsTerms[row]);
        if (_search.Capacity == Net.StateCount)
        {
            _search.Fill(new RandomStream(SearchSeed, RandomPurpose.EvaluationNoise));
            return;
        }

        Array.Clear(_start);
        _search.Climb(_start);
        SetPriorMode();
        _search.Climb(_start);
        RandomStream random = new(SearchSeed, RandomPurpose.EvaluationNoise);
        for (int round = 0; round < Rounds; round++)
        {
            Net.SampleState(_start, random, _logits);
            _search.Try(_start);
            _search.Improve(random);
        }
    }

    /// <summary>Each layer's likelier values given the layer above.</summary>
    private void SetPriorMode()
    {
        Array.Clear(_start);
        for (int k = Net.Depth; k >= 1; k--)
        {
            Net.Activations(k, k < Net.Depth ? Net.Layer(_start, k) : [], _logits);
            for (int h = 0; h < Net.Sizes[k - 1]; h++)
            {
                if (_logits[h] > 0)
                {
                    Net.Flip(_start, Net.FirstLatent[k - 1] + h);
                }
            }
        }
    }

    /// <summary>The states found with their neighbours.</summary>
    private StateSearch Extend(int row)
    {
        StateSearch extended = Extended!;
        extended.Begin(LogOddsTerms[row], _search.States.AsSpan(0, _search.Count * Net.Words));
        if (extended.Capacity == Net.StateCount)
        {
            extended.Fill(new RandomStream(SearchSeed, RandomPurpose.EvaluationNoise));
            return extended;
        }

        for (int i = 0; i < _search.Count; i++)
        {
            extended.TryFlips(_search.State(i));
        }

        return extended;
    }

    private void Finish(int row, StateSearch states)
    {
        Span<double> shares = _shares.AsSpan(0, states.Count);
        Span<double> means = Sums.MeansOf(row);
        Sums[row].Clear();
        means.Clear();
        double evidence = states.Normalise(shares);
        Sums.Evidence(row) = evidence;
        Terms?.Begin();
        for (int i = 0; i < states.Count; i++)
        {
            double share = shares[i];
            if (share == 0)
            {
                continue;
            }

            ReadOnlySpan<ulong> state = states.State(i);
            StateEvaluator evaluator = states.Evaluator;
            evaluator.Load(state);
            Terms?.Add(state, share);
            Sums.Entropy(row) -= share * Math.Log(share);
            for (int k = 0; k <= Net.Depth; k++)
            {
                double mean = evaluator.MeanActivation(k);
                double logProbability = evaluator.OutputTerms[k] - evaluator.Softplus[k];
                Sums.BlockEntropy(row, k) += share * (evaluator.Softplus[k] - mean);
                Sums.BlockResidual(row, k) += share * (mean - evaluator.OutputTerms[k]);
                ref double expected = ref k == 0 ? ref Sums.Reconstruction(row) : ref Sums.LogPrior(row);
                expected += share * logProbability;
            }

            for (int h = 0; h < means.Length; h++)
            {
                means[h] += Net.IsOn(state, h) ? share : 0;
            }
        }

        TensorPrimitives.Min(means, 1.0, means);
        Terms?.End(row, Rows[row], Sums.Entropy(row));
    }
}
