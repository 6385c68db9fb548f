using EntropyElbo.Families.SigmoidBeliefNet.Posteriors;
using EntropyElbo.Families.SigmoidBeliefNet.Regression;
using EntropyElbo.Families.SigmoidBeliefNet.States;
using EntropyElbo.Files;
using EntropyElbo.Numerics;

namespace EntropyElbo.Families.SigmoidBeliefNet.Truncated;

/// <summary>
/// E-step with truncated posteriors. Every row keeps its states from one iteration to the next; memory is
/// <c>8 N S (words + 1)</c> bytes with a word per 64 latents of a layer.
/// </summary>
internal class TruncatedExpectation : Expectation
{
    /// <summary>
    /// States below this share have no part in q this time, though they are kept: of a row's ELBO they make less than 1e-7 nats
    /// at a thousand states, and most states of large nets would only slow the regressions down.
    /// </summary>
    private const double NegligibleShare = 1e-8;

    private readonly ulong _seed;
    private readonly int _stateWords;
    private readonly double[] _shares;
    private readonly double[] _evidences;
    private readonly double[] _entropies;

    public TruncatedExpectation(BitTable table, BeliefNet net, int states, ulong seed)
        : base(table)
    {
        _seed = seed;
        _stateWords = net.Words;
        StatesPerRow = Math.Min(states, net.StateCount ?? states);
        States = new ulong[RoomFor((long)table.Count * StatesPerRow * _stateWords)];
        _shares = new double[(long)table.Count * StatesPerRow];
        _evidences = new double[table.Count];
        _entropies = new double[table.Count];
    }

    /// <summary>S.</summary>
    public int StatesPerRow { get; }

    /// <summary>[rows, states, words].</summary>
    public ulong[] States { get; }

    /// <summary>Whether the rows have states.</summary>
    public bool HasStates { get; private set; }

    public override ExpectationResult? Run(BeliefNet net, int iteration, WorkerTeam team, CancellationToken cancellationToken)
    {
        // States of all rows are there from the first E-step on, also from one that is cancelled.
        Search(net, iteration, team, HasStates ? cancellationToken : CancellationToken.None);
        HasStates = true;
        return cancellationToken.IsCancellationRequested ? null : Summarise(net, team, cancellationToken);
    }

    /// <summary>Rounds of the search before the first iteration.</summary>
    public void Prepare(BeliefNet net, int rounds, WorkerTeam team, CancellationToken cancellationToken)
    {
        for (int round = 1; round <= rounds && !(HasStates && cancellationToken.IsCancellationRequested); round++)
        {
            // Random numbers that no iteration has.
            Search(net, -round, team, HasStates ? cancellationToken : CancellationToken.None);
            HasStates = true;
        }
    }

    /// <summary>Gives every row one round of the search, and keeps what it finds.</summary>
    /// <param name="net">The parameters.</param>
    /// <param name="iteration">Index of the iteration.</param>
    /// <param name="team">The threads.</param>
    /// <param name="cancellationToken">Stops it between blocks of rows.</param>
    protected virtual void Search(BeliefNet net, int iteration, WorkerTeam team, CancellationToken cancellationToken)
    {
        Worker?[] workers = new Worker?[team.Members];
        team.ForEach((Table.Count + Table.BlockRows - 1) / Table.BlockRows, (member, item) =>
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                (workers[member] ??= new Worker(this, net, iteration)).Infer(item * Table.BlockRows);
            }
        });
    }

    /// <summary>The states that a row has kept.</summary>
    protected Span<ulong> StatesOf(int row) => States.AsSpan(row * StatesPerRow * _stateWords, StatesPerRow * _stateWords);

    /// <summary>The random numbers of a row's search.</summary>
    protected RandomStream RandomOf(int iteration, int row) => new(_seed, RandomPurpose.TrainingNoise, (ulong)iteration, (ulong)row);

    /// <summary>Keeps what the search found for a row.</summary>
    protected void Keep(int row, StateSet found)
    {
        found.States.CopyTo(StatesOf(row));
        Span<double> shares = _shares.AsSpan(row * StatesPerRow, StatesPerRow);
        _evidences[row] = found.Normalise(shares) + Concentrate(shares);
        double entropy = 0;
        foreach (double share in shares)
        {
            entropy -= SpecialFunctions.XLogX(share);
        }

        _entropies[row] = entropy;
    }

    /// <summary>Leaves negligible states out of q; returns the logarithm of what remains, the change of the row's ELBO.</summary>
    private static double Concentrate(Span<double> shares)
    {
        double sum = 0;
        foreach (ref double share in shares)
        {
            share = share < NegligibleShare ? 0 : share;
            sum += share;
        }

        System.Numerics.Tensors.TensorPrimitives.Divide(shares, sum, shares);
        return Math.Log(Math.Min(1, sum));
    }

    public void Write(ModelRecord record)
    {
        if (HasStates)
        {
            record.Add(ModelTensor.Of("states", Array.ConvertAll(States, s => unchecked((long)s)), States.Length));
        }
    }

    public void Read(ModelRecord record, BeliefNet net)
    {
        HasStates = record.HasTensor("states");
        if (HasStates)
        {
            Array.ConvertAll(record.Tensor("states", States.Length).ToInt64s(), s => unchecked((ulong)s)).CopyTo(States, 0);
            for (int row = 0; row < Table.Count; row++)
            {
                record.Require(
                    AreStates(StatesOf(row), net), "states", "words that are no states of the net, or the same state of a row twice");
            }
        }
    }

    /// <summary>Whether words are distinct states: no latent is on that the net does not have.</summary>
    private bool AreStates(ReadOnlySpan<ulong> words, BeliefNet net)
    {
        for (int first = 0; first < words.Length; first += _stateWords)
        {
            ReadOnlySpan<ulong> state = words.Slice(first, _stateWords);
            for (int k = 0; k < net.Depth; k++)
            {
                ReadOnlySpan<ulong> layer = net.Layer(state, k);
                int last = net.Sizes[k] - (64 * (layer.Length - 1));
                if (last < 64 && layer[^1] >> last != 0)
                {
                    return false;
                }
            }

            for (int other = 0; other < first; other += _stateWords)
            {
                if (state.SequenceEqual(words.Slice(other, _stateWords)))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static int RoomFor(long words) => words <= Array.MaxLength ? (int)words : throw new BadOptionException(
        "states", $"The states of all rows take {words} words, more than one array holds; keep fewer states per row or take fewer rows.");

    /// <summary>What the M-step needs of the states that all rows have; null when cancelled.</summary>
    private ExpectationResult? Summarise(BeliefNet net, WorkerTeam team, CancellationToken cancellationToken)
    {
        SummaryPass pass = new(this, net, team.Members);
        if (!OrderedBlocks.Run(pass, team, cancellationToken))
        {
            return null;
        }

        LayerProblem[] problems = LayerProblem.From(net, pass.Pool);
        SetDataMoments(problems[0], net.Sizes[0], pass.Cross);
        double total = Table.Weight;
        return new ExpectationResult(
            problems, pass.Evidence / total, pass.Entropy / total, Array.ConvertAll(pass.LatentEntropies, e => e / total));
    }

    /// <summary>The latents' means of a row.</summary>
    private void SetMeans(BeliefNet net, long row, Span<double> means)
    {
        means.Clear();
        for (int i = 0; i < StatesPerRow; i++)
        {
            double share = ShareOf(row, i);
            if (share == 0)
            {
                continue;
            }

            ReadOnlySpan<ulong> state = StateOf(row, i);
            for (int h = 0; h < means.Length; h++)
            {
                means[h] += net.IsOn(state, h) ? share : 0;
            }
        }

        System.Numerics.Tensors.TensorPrimitives.Min(means, 1.0, means);
    }

    /// <summary>Adds a row's states to the pool.</summary>
    private void AddStates(long row, StatePool pool)
    {
        double weight = Table.WeightOf(row);
        for (int i = 0; i < StatesPerRow; i++)
        {
            double share = ShareOf(row, i);
            if (share != 0)
            {
                pool.Add(StateOf(row, i), weight * share / Table.Weight);
            }
        }
    }

    private double ShareOf(long row, int state) => _shares[(row * StatesPerRow) + state];

    private ReadOnlySpan<ulong> StateOf(long row, int state) =>
        States.AsSpan((int)((row * StatesPerRow) + state) * _stateWords, _stateWords);

    /// <summary>
    /// Sums over the states that all rows have: means and their products with the rows side by side, what is added row by row in
    /// order.
    /// </summary>
    private sealed class SummaryPass : IBlockWork
    {
        private readonly TruncatedExpectation _owner;
        private readonly BeliefNet _net;
        private readonly Workspace?[] _workspaces;

        public SummaryPass(TruncatedExpectation owner, BeliefNet net, int workers)
        {
            (_owner, _net) = (owner, net);
            _workspaces = new Workspace?[workers];
            Pool = new StatePool(owner._stateWords);
            LatentEntropies = new double[net.Latents];
            Cross = new Matrix<double>(net.Sizes[0], net.Columns);
        }

        public StatePool Pool { get; }

        public double Evidence { get; private set; }

        public double Entropy { get; private set; }

        public double[] LatentEntropies { get; }

        public MatrixView<double> Cross { get; }

        public int Take(long firstRow, int worker) => _owner.Table.RowsAt(firstRow);

        public void Compute(BlockPlace place)
        {
            Workspace work = _workspaces[place.Worker] ??= new Workspace(_net, _owner.Table.BlockRows);
            MatrixView<double> rows = work.Rows.Slice(0, place.Count);
            _owner.Table.Load(place.FirstRow, rows);
            for (int row = 0; row < place.Count; row++)
            {
                Span<double> means = work.MeansOf(row);
                _owner.SetMeans(_net, place.FirstRow + row, means);
                System.Numerics.Tensors.TensorPrimitives.Multiply(
                    means[..work.Nearest.Columns], _owner.Table.WeightOf(place.FirstRow + row), work.Nearest[row]);
            }

            MatrixProduct.MultiplyTransposedLeft(work.Nearest.Slice(0, place.Count), rows, work.Cross);
        }

        public void Merge(BlockPlace place)
        {
            Workspace work = _workspaces[place.Worker]!;
            for (int row = 0; row < place.Count; row++)
            {
                long n = place.FirstRow + row;
                double weight = _owner.Table.WeightOf(n);
                Evidence += weight * _owner._evidences[n];
                Entropy += weight * _owner._entropies[n];
                _owner.AddStates(n, Pool);
                AddEntropies(work.MeansOf(row), LatentEntropies, weight);
            }

            Add(Cross, work.Cross);
        }

        private sealed class Workspace
        {
            private readonly double[] _means;
            private readonly int _latents;

            public Workspace(BeliefNet net, int blockRows)
            {
                Rows = new Matrix<double>(blockRows, net.Columns);
                Nearest = new Matrix<double>(blockRows, net.Sizes[0]);
                Cross = new Matrix<double>(net.Sizes[0], net.Columns);
                _latents = net.Latents;
                _means = new double[blockRows * _latents];
            }

            public MatrixView<double> Rows { get; }

            /// <summary>[rows of a block, latents of the layer next to the data]: means.</summary>
            public MatrixView<double> Nearest { get; }

            public MatrixView<double> Cross { get; }

            public Span<double> MeansOf(int row) => _means.AsSpan(row * _latents, _latents);
        }
    }

    /// <summary>One thread's workspace.</summary>
    private sealed class Worker
    {
        private readonly TruncatedExpectation _owner;
        private readonly BeliefNet _net;
        private readonly int _iteration;
        private readonly StateSearch _search;
        private readonly MatrixView<double> _rows;
        private readonly MatrixView<double> _logOdds;
        private readonly ProductScratch<double> _scratch = new();

        public Worker(TruncatedExpectation owner, BeliefNet net, int iteration)
        {
            (_owner, _net, _iteration) = (owner, net, iteration);
            _search = new StateSearch(net, owner.StatesPerRow);
            _rows = new Matrix<double>(owner.Table.BlockRows, net.Columns);
            _logOdds = new Matrix<double>(owner.Table.BlockRows, net.Sizes[0] + 1);
        }

        public void Infer(int firstRow)
        {
            int count = _owner.Table.RowsAt(firstRow);
            _owner.Table.Load(firstRow, _rows.Slice(0, count));
            StateEvaluator.LogOdds(_net, _rows.Slice(0, count), _logOdds.Slice(0, count), _scratch);
            for (int row = 0; row < count; row++)
            {
                Improve(firstRow + row, _logOdds[row]);
            }
        }

        private void Improve(int row, ReadOnlySpan<double> logOdds)
        {
            RandomStream random = _owner.RandomOf(_iteration, row);
            if (_owner.HasStates)
            {
                _search.Begin(logOdds, _owner.StatesOf(row));
            }
            else
            {
                _search.Begin(logOdds);
                _search.Fill(random);
            }

            _search.Improve(random);
            _owner.Keep(row, _search);
        }
    }
}
