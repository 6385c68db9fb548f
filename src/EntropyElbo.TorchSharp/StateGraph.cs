using EntropyElbo.Families.SigmoidBeliefNet.States;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// Joint log-probabilities of rows and states of a sigmoid belief net, many at a time, in double precision (LW eq. 86 to 88). Its
/// tensors are the caller's scope's.
/// </summary>
internal sealed class StateGraph
{
    private const long ChunkValues = 1 << 24;
    private readonly BeliefNet _net;
    private readonly Tensor[] _weights;
    private readonly Tensor[] _biases;

    public StateGraph(BeliefNet net, Device device)
    {
        _net = net;
        Tensor[] blocks = Array.ConvertAll(net.Blocks, b => Transfers.Move(b.ToArray(), device).view(b.Inputs + 1, b.Outputs));
        _weights = [.. blocks.Select((b, k) => b.narrow(0, 0, net.Blocks[k].Inputs))];
        _biases = [.. blocks.Select((b, k) => b.narrow(0, net.Blocks[k].Inputs, 1))];
    }

    /// <summary>What rows [n, D] give the nearest latents and the joint itself: X [W mu]', [n, H_1 + 1].</summary>
    public Tensor LogOdds(Tensor rows) => matmul(rows, cat([_weights[0], _biases[0]], 0).t());

    /// <summary>log p(x, z), [n].</summary>
    /// <param name="bits">States, [n, H].</param>
    /// <param name="logOdds">Their rows' logOdds, [n, H_1 + 1].</param>
    public Tensor Joints(Tensor bits, Tensor logOdds)
    {
        Tensor joint = (Layer(bits, 0) * logOdds.narrow(1, 0, _net.Sizes[0])).sum(1L).Plus(logOdds.select(1, _net.Sizes[0]));
        for (int k = 0; k <= _net.Depth; k++)
        {
            Tensor activations = Activations(bits, k);
            joint = joint - activations.Softplus().sum(1L);
            joint = k == 0 ? joint : joint.Plus((Layer(bits, k - 1) * activations).sum(1L));
        }

        return joint;
    }

    /// <summary>What the flip of each latent adds to the joint, [n, H].</summary>
    /// <param name="bits">States, [n, H].</param>
    /// <param name="logOdds">Their rows' logOdds, [n, H_1 + 1].</param>
    public Tensor Gains(Tensor bits, Tensor logOdds)
    {
        Tensor[] gains = new Tensor[_net.Depth];
        for (int k = 0; k < gains.Length; k++)
        {
            Tensor own = Layer(bits, k), sign = (-own.Times(2)).Plus(1), activations = Activations(bits, k);
            Tensor linear = Activations(bits, k + 1).Plus(
                k == 0 ? logOdds.narrow(1, 0, _net.Sizes[0]) : matmul(Layer(bits, k - 1), _weights[k].t()));
            gains[k] = (sign * linear).Plus(activations.Softplus().sum(1, keepdim: true)) - Flipped(activations, sign, _weights[k]);
        }

        return cat(gains, 1);
    }

    /// <summary>sum_d log(1 + exp(a_d + s_h W_hd)), [n, H_k], a few rows at a time.</summary>
    private static Tensor Flipped(Tensor activations, Tensor sign, Tensor weights)
    {
        long rows = activations.shape[0], chunk = Math.Max(1, ChunkValues / weights.numel());
        Tensor result = zeros_like(sign);
        for (long start = 0; start < rows; start += chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            long count = Math.Min(chunk, rows - start);
            Tensor flipped = (sign.narrow(0, start, count).unsqueeze(2) * weights).PlusInPlace(
                activations.narrow(0, start, count).unsqueeze(1));
            result.narrow(0, start, count).copy_(flipped.Softplus().sum(2L));
        }

        return result;
    }

    private Tensor Layer(Tensor bits, int layer) => bits.narrow(1, _net.FirstLatent[layer], _net.Sizes[layer]);

    private Tensor Activations(Tensor bits, int block) =>
        block == _net.Depth ? _biases[block].expand(bits.shape[0], -1) : addmm(_biases[block], Layer(bits, block), _weights[block], 1, 1);
}
