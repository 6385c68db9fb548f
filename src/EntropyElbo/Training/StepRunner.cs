using EntropyElbo.Numerics;
using EntropyElbo.Reports;

namespace EntropyElbo.Training;

/// <summary>
/// One parameter update: the batch is cut into shards, each with its own gradient buffer and noise stream; members of the
/// team take shards as they come; then the shards' gradients are added in shard order inside the optimiser's pass. The cut
/// depends on the batch alone, so the bits do not depend on the number of threads.
/// </summary>
internal sealed class StepRunner : IStepRunner
{
    private const int LeastShardRows = 128;
    private const int MostShardRows = 256;
    private const long WorthwhileProducts = 1 << 23;
    private const int MaxShards = 8;
    private const int RowsWorthTwoShards = 32;
    private readonly BlockWorker[] _workers;
    private readonly AlignedBuffer<float>[] _gradients;
    private readonly ElboStatistics[] _sums;
    private readonly ElboStatistics _batchSums;
    private readonly TrainingState _state;
    private readonly TrainingRows _rows;
    private readonly WorkerTeam _team;
    private readonly Action<int, int> _gradientPhase;
    private readonly Action<int> _updatePhase;
    private readonly BlockObjective _objective;
    private readonly ulong _seed;
    private readonly int _shardRows;
    private readonly (int Start, int Length)[] _learned;
    private int _shards;
    private ulong _epoch;
    private ulong _firstStream;
    private StepWeights _weights;
    private float _scale;

    public StepRunner(BlockObjective objective, TrainingState state, TrainingRows rows, int threads, int batchSize, ulong seed)
    {
        _objective = objective;
        _state = state;
        _rows = rows;
        batchSize = (int)Math.Min(batchSize, rows.Count);
        _team = new WorkerTeam(UsefulThreads(objective, batchSize, threads));
        _seed = seed;
        _shardRows = ShardRows(objective.Layout.Length);
        int shards = ShardCount(batchSize);
        int shardRows = (batchSize + shards - 1) / shards;

        // A smaller batch may be cut into fewer, and so larger, shards.
        shardRows = Math.Max(shardRows, Math.Min(batchSize, Math.Max(_shardRows * 2, RowsWorthTwoShards)));
        _workers = new BlockWorker[Math.Min(_team.Members, shards)];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = objective.CreateWorker(shardRows, _team);
            _workers[i].RowWeights = rows.Weights is null ? [] : new float[_workers[i].Rows.Rows];
        }

        _gradients = new AlignedBuffer<float>[shards];
        _sums = new ElboStatistics[shards];
        for (int i = 0; i < shards; i++)
        {
            _gradients[i] = new AlignedBuffer<float>(objective.Layout.Length);
            _sums[i] = new ElboStatistics(objective.Latents, objective.MomentCount);
        }

        _batchSums = new ElboStatistics(objective.Latents, objective.MomentCount);
        _learned = [.. objective.Learned.Select(t => (t.Offset, t.Length))];
        _gradientPhase = (member, shard) => RunShard(_workers[member], shard);
        _updatePhase = UpdatePhase;
    }

    /// <inheritdoc/>
    public double GradientNorm { get; private set; }

    /// <inheritdoc/>
    public void Step(int epoch, int batch, StepWeights weights, double learningRate, ElboStatistics sums)
    {
        _shards = ShardCount(_rows.BatchRows);
        _weights = weights;
        _epoch = (ulong)epoch;
        _firstStream = (ulong)batch * MaxShards;
        if (_objective.TakesWholeBatches)
        {
            RunShard(_workers[0], 0);
        }
        else
        {
            _team.ForEach(_shards, _gradientPhase);
        }

        _batchSums.Clear();
        for (int shard = 0; shard < _shards; shard++)
        {
            if (!_sums[shard].IsFinite)
            {
                throw NonFinite(epoch, batch, shard);
            }

            _batchSums.Merge(_sums[shard]);
        }

        sums.Merge(_batchSums);
        if (batch == 0)
        {
            GradientNorm = Math.Sqrt(SquaredNorm()) / _batchSums.Rows;
        }

        _scale = _objective.PrepareUpdate(_state.Parameters, _gradients.AsSpan(0, _shards), _batchSums) / _batchSums.Rows;
        _state.Adam.BeginStep(learningRate);
        _team.Run(_updatePhase);
        _objective.FinishUpdate(_state.Parameters.Span, weights);
    }

    /// <inheritdoc/>
    public void EndEpoch(ElboStatistics sums)
    {
        // Every step added its own.
    }

    /// <inheritdoc/>
    public void Dispose() => _team.Dispose();

    /// <summary>Of the shards' gradients together; a pass over them once an epoch.</summary>
    private double SquaredNorm()
    {
        double sum = 0;
        foreach ((int start, int length) in _learned)
        {
            sum += PartialSums.SquaredNorm(_gradients.AsSpan(0, _shards), start, length);
        }

        return sum;
    }

    /// <summary>Threads that a step can keep busy for longer than it takes to wake them; the bits do not depend on it.</summary>
    private static int UsefulThreads(BlockObjective objective, int batchSize, int threads)
    {
        const double worthwhile = 1e6;
        double operations = 6.0 * objective.Layout.Length * batchSize;
        return (int)Math.Clamp(operations / worthwhile, 1, threads);
    }

    /// <summary>
    /// Rows per shard: more for small networks, whose products are too short at 128 rows to come near the peak (see
    /// docs/benchmarks.md), as a power of two, so that usual batch sizes are cut evenly; no more, to leave shards for many threads.
    /// </summary>
    private static int ShardRows(int parameters)
    {
        int rows = MostShardRows;
        while (rows > LeastShardRows && (long)rows * parameters > WorthwhileProducts)
        {
            rows /= 2;
        }

        return rows;
    }

    private int ShardCount(int rows) =>
        rows < RowsWorthTwoShards || _objective.TakesWholeBatches ? 1 : Math.Clamp(rows / _shardRows, 2, MaxShards);

    private (int Start, int Rows) RunShard(BlockWorker worker, int shard)
    {
        int start = (int)((long)shard * _rows.BatchRows / _shards);
        int rows = (int)((long)(shard + 1) * _rows.BatchRows / _shards) - start;
        _rows.Gather(start, worker.Rows.Slice(0, rows));
        _rows.GatherWeights(start, worker.RowWeights.AsSpan(0, _rows.Weights is null ? 0 : rows));
        _sums[shard].Clear();
        RandomStream noise = new(_seed, RandomPurpose.TrainingNoise, _epoch, _firstStream + (ulong)shard);
        worker.Gradient(_state.Parameters, _gradients[shard], rows, _weights, noise, _sums[shard]);
        return (start, rows);
    }

    /// <summary>Runs the shard again, to see where in it the first value is that is not finite.</summary>
    private TrainingException NonFinite(int epoch, int batch, int shard)
    {
        (int start, int rows) = RunShard(_workers[0], shard);
        (string place, int row) = _workers[0].FindNonFinite(rows);
        string block = $"rows {start + 1} to {start + rows} of batch {batch + 1}";
        string where = row < 0
            ? block
            : $"{block}, first in row {_rows.RowNumber(start + row) + 1} of the data (rows left out not counted)";
        return new TrainingException($"A value stopped being finite in epoch {epoch + 1}, {where}: {place}.");
    }

    private void UpdatePhase(int member)
    {
        int lines = _state.Adam.Length / 16;
        int start = (int)((long)member * lines / _team.Members) * 16;
        int end = (int)((long)(member + 1) * lines / _team.Members) * 16;
        _state.Adam.Apply(_state.Parameters, _gradients.AsSpan(0, _shards), _scale, start, end);
    }
}
