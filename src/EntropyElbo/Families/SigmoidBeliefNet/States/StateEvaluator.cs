using System.Numerics;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.States;

/// <summary>
/// Joint log-probabilities of one row and states of the latents. <see cref="Load"/> takes a state and keeps its activations,
/// so that states which differ in one latent cost one pass over the outputs of its layer. Not safe to share between threads.
/// </summary>
internal sealed class StateEvaluator
{
    private readonly BeliefNet _net;
    private readonly AlignedBuffer<double>[] _activations;
    private readonly double[] _softplus;
    private readonly double[] _logOdds;

    public StateEvaluator(BeliefNet net)
    {
        _net = net;
        _activations = Array.ConvertAll(net.Blocks, b => new AlignedBuffer<double>(b.Stride));
        _softplus = new double[net.Blocks.Length];
        OutputTerms = new double[net.Blocks.Length];
        _logOdds = new double[net.Sizes[0] + 1];
    }

    /// <summary>Per block, <c>sum_d y_d a_d</c> of the loaded state.</summary>
    public double[] OutputTerms { get; }

    /// <summary>Per block, <c>sum_d log(1 + exp a_d)</c> of the loaded state.</summary>
    public ReadOnlySpan<double> Softplus => _softplus;

    /// <summary>Starts a row.</summary>
    /// <param name="logOdds">
    /// [H_1 + 1]: what the row gives each latent of the nearest layer, <c>sum_d W_dh x_d</c>, then <c>sum_d mu_d x_d</c>.
    /// </param>
    public void Begin(ReadOnlySpan<double> logOdds) => logOdds.CopyTo(_logOdds);

    /// <summary>What a block of rows gives the latents: X [W mu]', [rows, H_1 + 1].</summary>
    public static void LogOdds(BeliefNet net, MatrixView<double> rows, MatrixView<double> logOdds, ProductScratch<double> scratch) =>
        MatrixProduct.MultiplyTransposedRight(rows, net.Blocks[0].Parameters, logOdds, default, 1.0, scratch);

    /// <summary>log p(x, z) of a state, which becomes the loaded one.</summary>
    public double Load(ReadOnlySpan<ulong> state)
    {
        double joint = 0;
        for (int k = 0; k <= _net.Depth; k++)
        {
            BeliefLayer block = _net.Blocks[k];
            Span<double> a = _activations[k].Span;
            block.Row(block.Inputs).CopyTo(a);
            double term = k == 0 ? _logOdds[^1] : 0;
            if (k < _net.Depth)
            {
                ReadOnlySpan<ulong> inputs = _net.Layer(state, k);
                for (int w = 0; w < inputs.Length; w++)
                {
                    for (ulong rest = inputs[w]; rest != 0; rest &= rest - 1)
                    {
                        int input = (w << 6) + BitOperations.TrailingZeroCount(rest);
                        BeliefKernels.Add(a, block.Row(input), 1);
                        term += k == 0 ? _logOdds[input] : 0;
                    }
                }
            }

            OutputTerms[k] = k == 0 ? term : Sum(_net.Layer(state, k - 1), a);
            _softplus[k] = BeliefKernels.SoftplusSum(a);
            joint += OutputTerms[k] - _softplus[k];
        }

        return joint;
    }

    /// <summary>log p(x, z) of the state that differs from the loaded one in one latent, less that of the loaded one.</summary>
    /// <param name="state">The loaded state.</param>
    /// <param name="latent">The latent to invert.</param>
    public double FlipGain(ReadOnlySpan<ulong> state, int latent)
    {
        (int k, int place) = _net.Locate(latent);
        BeliefLayer block = _net.Blocks[k];
        double sign = _net.IsOn(state, latent) ? -1 : 1;
        double linear = _activations[k + 1][place]
            + (k == 0 ? _logOdds[place] : Sum(_net.Layer(state, k - 1), block.Row(place)));
        return (sign * linear) + _softplus[k]
            - BeliefKernels.SoftplusSum(_activations[k].Span, block.Row(place), sign);
    }

    /// <summary>Per block, <c>sum_d a_d sigmoid(a_d)</c> of the loaded state.</summary>
    public double MeanActivation(int block) =>
        BeliefKernels.MeanActivation(_activations[block].Span);

    private static double Sum(ReadOnlySpan<ulong> bits, ReadOnlySpan<double> values)
    {
        double sum = 0;
        for (int w = 0; w < bits.Length; w++)
        {
            for (ulong rest = bits[w]; rest != 0; rest &= rest - 1)
            {
                sum += values[(w << 6) + BitOperations.TrailingZeroCount(rest)];
            }
        }

        return sum;
    }
}
