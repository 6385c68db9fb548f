using System.Numerics;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Models;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Posteriors;

/// <summary>
/// What the sums of a posterior leave out: the columns' shares of the reconstruction, and the entropies of the layers. Fed with the
/// states of each row in turn. Not safe to share between threads.
/// </summary>
internal sealed class PosteriorTerms
{
    /// <summary>States of a smaller share change no figure of a row in 16 digits.</summary>
    public const double LeastShare = 1e-20;

    private readonly BeliefNet _net;
    private readonly double[] _columns;
    private readonly double[] _deeper;
    private readonly double[] _activations;
    private readonly double[] _expected;
    private readonly double[] _losses;
    private readonly double[] _unused;
    private readonly StatePool[] _pools;

    public PosteriorTerms(BeliefNet net)
    {
        _net = net;
        int rows = LatentModel.RowsOfBlock(net.Columns);
        _columns = new double[ArraySize.Of(rows, net.Columns)];
        _deeper = new double[rows * net.Depth];
        _activations = new double[net.Blocks[0].Stride];
        _expected = new double[_activations.Length];
        _losses = new double[_activations.Length];
        _unused = new double[_activations.Length];
        ulong[] state = new ulong[net.Words];
        _pools = [.. Enumerable.Range(1, net.Depth - 1).Select(layer => new StatePool(net.From(state, layer).Length))];
    }

    /// <summary>E log p(x_d|z) of a row of the block.</summary>
    public ReadOnlySpan<double> ColumnsOf(int row) => _columns.AsSpan(row * _net.Columns, _net.Columns);

    /// <summary>Entropy under q of a layer and all above it; that of the nearest layer is the entropy of q.</summary>
    public double Entropy(int row, int layer) => layer == _net.Depth ? 0 : _deeper[(row * _net.Depth) + layer];

    /// <summary>Starts a row.</summary>
    public void Begin()
    {
        Array.Clear(_expected);
        Array.Clear(_losses);
        foreach (StatePool pool in _pools)
        {
            pool.Clear();
        }
    }

    /// <summary>A state of the row's posterior.</summary>
    public void Add(ReadOnlySpan<ulong> state, double share)
    {
        if (share < LeastShare)
        {
            return;
        }

        for (int layer = 1; layer < _net.Depth; layer++)
        {
            _pools[layer - 1].Add(_net.From(state, layer), share);
        }

        BeliefLayer data = _net.Blocks[0];
        data.Row(data.Inputs).CopyTo(_activations);
        ReadOnlySpan<ulong> inputs = _net.Layer(state, 0);
        for (int w = 0; w < inputs.Length; w++)
        {
            for (ulong rest = inputs[w]; rest != 0; rest &= rest - 1)
            {
                BeliefKernels.Add(_activations, data.Row((w << 6) + BitOperations.TrailingZeroCount(rest)), 1);
            }
        }

        BeliefKernels.Add(_expected, _activations, share);
        BeliefKernels.Regress(_activations, share, _losses, _unused);
    }

    /// <summary>Ends a row.</summary>
    /// <param name="row">Its place in the block.</param>
    /// <param name="values">Its columns, zeros and ones.</param>
    /// <param name="entropy">The entropy of q.</param>
    public void End(int row, ReadOnlySpan<double> values, double entropy)
    {
        Span<double> columns = _columns.AsSpan(row * _net.Columns, _net.Columns);
        for (int d = 0; d < columns.Length; d++)
        {
            columns[d] = (values[d] * _expected[d]) - _losses[d];
        }

        _deeper[row * _net.Depth] = entropy;
        for (int layer = 1; layer < _net.Depth; layer++)
        {
            double sum = 0;
            foreach (double share in _pools[layer - 1].Weights)
            {
                sum -= SpecialFunctions.XLogX(share);
            }

            _deeper[(row * _net.Depth) + layer] = sum;
        }
    }
}
