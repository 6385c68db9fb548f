using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Families.SigmoidBeliefNet.Truncated;
using EntropyElbo.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace EntropyElbo.TorchSharp;

/// <summary>
/// The E-step of a sigmoid belief net with truncated posteriors: joints of all candidates of a block of rows come from the device
/// at once, and the library's sets of states, on its own threads, choose among them in the same order as without one.
/// </summary>
internal sealed class TorchTruncatedExpectation : TruncatedExpectation, IDisposable
{
    private const long ChunkValues = 1 << 24;
    private readonly Device _device;
    private readonly Tensor _rows;

    public TorchTruncatedExpectation(BitTable table, BeliefNet net, int states, ulong seed, Device device)
        : base(table, net, states, seed)
    {
        _device = device;
        _rows = DeviceBits.Rows(table, device);
    }

    public void Dispose() => _rows.Dispose();

    /// <inheritdoc/>
    protected override void Search(BeliefNet net, int iteration, WorkerTeam team, CancellationToken cancellationToken)
    {
        using IDisposable none = no_grad();
        using DisposeScope scope = NewDisposeScope();
        StateGraph graph = new(net, _device);
        int widest = Math.Max(net.Columns, net.Sizes.Max());
        int chunk = (int)Math.Clamp(ChunkValues / ((long)StatesPerRow * widest), 1, Table.Count);
        Block block = new(this, net, iteration, Math.Min(chunk, Table.Count), team);
        void SearchChunk(long start, int count)
        {
            using DisposeScope inner = NewDisposeScope();
            block.Search(graph, graph.LogOdds(_rows.narrow(0, start, count).to(float64)), (int)start, count);
        }

        // Cancelled or not, the caller asks the token.
        _ = OrderedBlocks.InTurn(Table.Count, chunk, SearchChunk, cancellationToken);
    }

    /// <summary>The sets of a block of rows, in step with each other.</summary>
    private sealed class Block
    {
        private readonly TorchTruncatedExpectation _owner;
        private readonly BeliefNet _net;
        private readonly int _iteration;
        private readonly WorkerTeam _team;
        private readonly StateSet[] _sets;
        private readonly RandomStream[] _random;
        private readonly int[] _parents;
        private readonly ulong[] _candidates;

        public Block(TorchTruncatedExpectation owner, BeliefNet net, int iteration, int rows, WorkerTeam team)
        {
            (_owner, _net, _iteration, _team) = (owner, net, iteration, team);
            _sets = [.. Enumerable.Range(0, rows).Select(_ => new StateSet(net, owner.StatesPerRow))];
            _random = new RandomStream[rows];
            _parents = new int[rows];
            _candidates = new ulong[rows * net.Words];
        }

        public void Search(StateGraph graph, Tensor logOdds, int start, int count)
        {
            ForRows(count, row => Begin(start, row));
            byte[] states = new byte[(long)count * _owner.StatesPerRow * _net.Latents];
            ForRows(count, row => DeviceBits.Unpack(_net, _sets[row].States, states.AsSpan(row * _owner.StatesPerRow * _net.Latents)));
            Tensor bits = Moved(states);
            double[] joints = Transfers.ToHost(graph.Joints(bits, logOdds.repeat_interleave(_owner.StatesPerRow, 0)));
            ForRows(count, row => _sets[row].SetJoints(joints.AsSpan(row * _owner.StatesPerRow, _owner.StatesPerRow)));
            if (!_sets[0].IsWhole)
            {
                Improve(graph, logOdds, count);
            }

            ForRows(count, row => _owner.Keep(start + row, _sets[row]));
        }

        private void Begin(int start, int row)
        {
            _random[row] = _owner.RandomOf(_iteration, start + row);
            _sets[row].Take(_owner.HasStates ? _owner.StatesOf(start + row) : []);
            if (!_owner.HasStates)
            {
                _sets[row].FillStates(_random[row]);
            }
        }

        private void Improve(StateGraph graph, Tensor logOdds, int count)
        {
            for (int round = 0; round < StateSet.Parents; round++)
            {
                int current = round;
                Choose(count, row => _sets[row].State(_parents[row] = _sets[row].Parent(current, _random[row])));
                double[] gains = Transfers.ToHost(graph.Gains(Candidates(count), logOdds));
                ForRows(count, row => _sets[row].InsertFlips(
                    Candidate(row), _sets[row].Joints[_parents[row]], gains.AsSpan(row * _net.Latents, _net.Latents)));
            }

            for (int i = 0; i < StateSet.Crossings; i++)
            {
                Choose(count, row => _sets[row].Cross(_random[row]));
                double[] joints = Transfers.ToHost(graph.Joints(Candidates(count), logOdds));
                ForRows(count, row => _sets[row].TryInsert(Candidate(row), joints[row]));
            }
        }

        private void Choose(int count, Chooser choose) => ForRows(count, row => choose(row).CopyTo(_candidates.AsSpan(row * _net.Words)));

        private ReadOnlySpan<ulong> Candidate(int row) => _candidates.AsSpan(row * _net.Words, _net.Words);

        private Tensor Candidates(int count)
        {
            byte[] bits = new byte[count * _net.Latents];
            ForRows(count, row => DeviceBits.Unpack(_net, Candidate(row), bits.AsSpan(row * _net.Latents)));
            return Moved(bits);
        }

        private Tensor Moved(byte[] bits) => Transfers.MoveArray(bits, _owner._device).view(-1, _net.Latents).to(float64);

        private void ForRows(int count, Action<int> work)
        {
            const int run = 16;
            _team.ForEach((count + run - 1) / run, (_, item) =>
            {
                for (int row = item * run; row < Math.Min(count, (item + 1) * run); row++)
                {
                    work(row);
                }
            });
        }

        private delegate ReadOnlySpan<ulong> Chooser(int row);
    }
}
