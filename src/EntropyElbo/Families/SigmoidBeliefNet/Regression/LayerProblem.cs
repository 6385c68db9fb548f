using System.Numerics;
using EntropyElbo.Families.SigmoidBeliefNet.States;

namespace EntropyElbo.Families.SigmoidBeliefNet.Regression;

/// <summary>
/// What the M-step needs of one block: the distinct states of its inputs with their share of all posteriors, and the
/// moments <c>mean_n E y_d z_h</c>. The expected log-likelihood of the block is
/// <c>sum_hd W_dh mean E y_d z_h + sum_d mu_d mean E y_d - sum_s share_s sum_d softplus(a_d(s))</c>, nats per row.
/// </summary>
/// <param name="inputs">Inputs of the block.</param>
/// <param name="outputs">Outputs of the block.</param>
/// <param name="words">Words of a state of the inputs.</param>
internal sealed class LayerProblem(int inputs, int outputs, int words)
{
    /// <summary>Distinct states of the inputs; one, empty, for the prior.</summary>
    public StatePool Inputs { get; } = new(words);

    /// <summary>[inputs + 1, outputs]; the last row is <c>mean E y_d</c>.</summary>
    public double[] Moments { get; } = new double[(inputs + 1) * outputs];

    public Span<double> Row(int input) => Moments.AsSpan(input * outputs, outputs);

    /// <summary>
    /// The problems of all blocks from the states of all rows. The moments of block 0, which hold the data, are left to the caller.
    /// </summary>
    /// <param name="net">Sizes.</param>
    /// <param name="states">States of all latents, their weights the mean of q over rows.</param>
    public static LayerProblem[] From(BeliefNet net, StatePool states)
    {
        LayerProblem[] problems = new LayerProblem[net.Depth + 1];
        for (int k = 0; k <= net.Depth; k++)
        {
            problems[k] = new LayerProblem(net.Blocks[k].Inputs, net.Blocks[k].Outputs, (net.Blocks[k].Inputs + 63) / 64);
            for (int i = 0; i < states.Count; i++)
            {
                ReadOnlySpan<ulong> state = states[i];
                ReadOnlySpan<ulong> parents = k < net.Depth ? net.Layer(state, k) : [];
                problems[k].Inputs.Add(parents, states.Weights[i]);
                if (k > 0)
                {
                    problems[k].AddMoments(parents, net.Layer(state, k - 1), states.Weights[i]);
                }
            }
        }

        return problems;
    }

    private void AddMoments(ReadOnlySpan<ulong> parents, ReadOnlySpan<ulong> children, double weight)
    {
        AddOnes(Row(inputs), children, weight);
        for (int w = 0; w < parents.Length; w++)
        {
            for (ulong rest = parents[w]; rest != 0; rest &= rest - 1)
            {
                AddOnes(Row((w << 6) + BitOperations.TrailingZeroCount(rest)), children, weight);
            }
        }
    }

    private static void AddOnes(Span<double> sums, ReadOnlySpan<ulong> bits, double weight)
    {
        for (int w = 0; w < bits.Length; w++)
        {
            for (ulong rest = bits[w]; rest != 0; rest &= rest - 1)
            {
                sums[(w << 6) + BitOperations.TrailingZeroCount(rest)] += weight;
            }
        }
    }
}

/// <summary>Values of one block after the M-step, nats per row: <c>ExpectedLogLikelihood = -(Entropy + Residual)</c>.</summary>
/// <param name="ExpectedLogLikelihood">mean E log p(y | z).</param>
/// <param name="Entropy">mean E H[p(y | z)].</param>
/// <param name="Residual">mean E eta' (A'(eta) - y).</param>
internal readonly record struct LayerValues(double ExpectedLogLikelihood, double Entropy, double Residual)
{
    public static LayerValues operator +(LayerValues a, LayerValues b) =>
        new(a.ExpectedLogLikelihood + b.ExpectedLogLikelihood, a.Entropy + b.Entropy, a.Residual + b.Residual);
}
