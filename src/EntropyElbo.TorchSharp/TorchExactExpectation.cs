using EntropyElbo.Families.SigmoidBeliefNet.Exact;
using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The E-step of a sigmoid belief net with exact posteriors on the device, in double precision: the rows are moved there once, as
/// bytes; the joints of a chunk of rows with all states are one matrix product (LW eq. 78), and only sums come back.
/// </summary>
internal sealed class TorchExactExpectation : ExactExpectation, IDisposable
{
    private const long ChunkValues = 1 << 24;
    private readonly Device _device;
    private readonly Tensor _rows;

    public TorchExactExpectation(BitTable table, Device device)
        : base(table)
    {
        _device = device;
        _rows = DeviceBits.Rows(table, device);
    }

    /// <inheritdoc/>
    public override ExpectationResult? Run(BeliefNet net, int iteration, WorkerTeam team, CancellationToken cancellationToken)
    {
        ExactTables tables = new(net);
        Totals totals = new(tables);
        using IDisposable none = no_grad();
        using DisposeScope all = NewDisposeScope();
        int nearest = net.Sizes[0];
        Tensor inputs = Transfers.Move(tables.Inputs, _device), bits = Transfers.Move(tables.Bits, _device);
        Tensor parameters = Transfers.Move(net.Blocks[0].ToArray(), _device).view(nearest + 1, net.Columns);
        Tensor offsets = Transfers.Move(tables.Offsets[..tables.States].ToArray(), _device);
        int chunk = (int)Math.Clamp(ChunkValues / tables.States, 1, Table.Count);
        void AddChunk(long start, int count)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = _rows.narrow(0, start, count).to(float64);
            Tensor logOdds = matmul(rows, parameters.t());
            Tensor joint = addmm(offsets, logOdds.narrow(1, 0, nearest), inputs, 1, 1);
            Tensor top = joint.max(1, keepdim: true).values;
            Tensor shifted = joint - top, shares = shifted.exp(), total = shares.sum(1, keepdim: true);
            shares = shares / total;
            Tensor evidence = top.Plus(total.log()).Plus(logOdds.narrow(1, nearest, 1));
            Tensor entropy = total.log() - (shares * shifted).sum(1, keepdim: true);
            Tensor means = matmul(shares, bits).Clamp(0, 1);
            Tensor others = (-means).Plus(1), own = -means.xlogy(means).Plus(others.xlogy(others)).sum(0L);
            totals.Evidence += evidence.sum().item<double>();
            totals.Entropy += entropy.sum().item<double>();
            Transfers.AddTo(shares.sum(0L), totals.Shares);
            Transfers.AddTo(own, totals.LatentEntropies);
            double[] cross = Transfers.ToHost(matmul(means.narrow(1, 0, nearest).t(), rows));
            for (int h = 0; h < nearest; h++)
            {
                Span<double> target = totals.Cross[h];
                System.Numerics.Tensors.TensorPrimitives.Add(target, cross.AsSpan(h * net.Columns, net.Columns), target);
            }
        }

        return OrderedBlocks.InTurn(Table.Count, chunk, AddChunk, cancellationToken) ? Finish(tables, totals) : null;
    }

    public void Dispose() => _rows.Dispose();
}
