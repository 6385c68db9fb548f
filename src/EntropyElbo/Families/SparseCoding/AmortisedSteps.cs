using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// The library's own steps of amortised learning. A batch is cut into shards by its size alone, whose gradients are added in order,
/// so the bits do not depend on threads.
/// </summary>
internal sealed class AmortisedSteps : IAmortisedSteps
{
    private const int MaxShards = 8;
    private const int ShardRows = 128;
    private const int RowsWorthTwoShards = 32;

    private readonly AmortisedState _state;
    private readonly TrainingRows _rows;
    private readonly WorkerTeam _team;
    private readonly AmortisedWorker<float>[] _workers;
    private readonly AlignedBuffer<float>[] _gradients;
    private readonly SparseCodingSums[] _sums;
    private SparseCodingParameters _parameters = null!;
    private PosteriorModel _model = null!;
    private SparseCodingSums _batch = null!;
    private double _noise;
    private bool _isLearning;
    private int _shards;

    public AmortisedSteps(AmortisedState state, TrainingRows rows, int batchRows, int threads)
    {
        (_state, _rows) = (state, rows);
        ResidualEncoder network = state.Encoder.Network;
        _team = new WorkerTeam(threads);
        int batch = (int)Math.Min(batchRows, rows.Count), shards = ShardCount(batch);
        int most = Math.Min(batch, Math.Max(2 * ShardRows, (batch + MaxShards - 1) / MaxShards));
        _workers = [.. Enumerable.Range(0, Math.Min(threads, shards))
            .Select(_ => new AmortisedWorker<float>(network, most, state.Encoder.Offset, state.Encoder.Unit))];
        _gradients = [.. Enumerable.Range(0, shards).Select(_ => new AlignedBuffer<float>(network.Layout.Length))];
        _sums = [.. Enumerable.Range(0, shards).Select(_ => new SparseCodingSums(network.Columns, network.Latents))];
    }

    public void Encode(SparseCodingParameters parameters, double prior, double noise, bool isLearning, SparseCodingSums sums)
    {
        (_parameters, _batch, _noise) = (parameters, sums, noise);
        _model = new PosteriorModel(parameters.Fields, parameters.Scales, parameters.NoiseVariance, prior, noise);
        (_isLearning, _shards) = (isLearning, ShardCount(_rows.BatchRows));
        _team.ForEach(_shards, RunShard);
        sums.Clear();
        for (int shard = 0; shard < _shards; shard++)
        {
            sums.Merge(_sums[shard]);
        }
    }

    public void FieldGradients(MatrixView<double> gradient) =>
        new SparseCodingObjective(_parameters, _batch).FieldGradients(_noise, gradient);

    public void Learn(double learningRate)
    {
        _state.Adam.BeginStep(learningRate);
        _team.Run(Update);
    }

    /// <summary>Network and optimiser are the host's.</summary>
    public void Load()
    {
    }

    /// <summary>They are up to date.</summary>
    public void Store()
    {
    }

    /// <summary>Adds the slope of the batch's summed ELBO along the scale of every layer, <c>sum theta dF/dtheta</c>.</summary>
    public void AddSlopes(IReadOnlyList<Dense> layers, Span<double> slopes)
    {
        for (int layer = 0; layer < layers.Count; layer++)
        {
            foreach (ParameterTensor tensor in (ReadOnlySpan<ParameterTensor>)[layers[layer].Weights, layers[layer].Bias])
            {
                ReadOnlySpan<float> values = _state.Encoder.Parameters.Span.Slice(tensor.Offset, tensor.Length);
                for (int shard = 0; shard < _shards; shard++)
                {
                    ReadOnlySpan<float> gradient = _gradients[shard].Span.Slice(tensor.Offset, tensor.Length);
                    for (int i = 0; i < values.Length; i++)
                    {
                        slopes[layer] -= (double)values[i] * gradient[i];
                    }
                }
            }
        }
    }

    public void Dispose() => _team.Dispose();

    /// <summary>Shards of a batch: 128 rows or more each.</summary>
    private static int ShardCount(int rows) => rows < RowsWorthTwoShards ? 1 : Math.Clamp(rows / ShardRows, 2, MaxShards);

    private void RunShard(int member, int shard)
    {
        AmortisedWorker<float> worker = _workers[member];
        int first = (int)((long)shard * _rows.BatchRows / _shards);
        int count = (int)((long)(shard + 1) * _rows.BatchRows / _shards) - first;
        _rows.Gather(first, worker.Rows.Slice(0, count));
        worker.Compute(_model, _parameters.Mean, _state.Encoder.Parameters, _isLearning ? _gradients[shard] : null, count, _sums[shard]);
    }

    private void Update(int member)
    {
        int lines = _state.Adam.Length / 16;
        int start = (int)((long)member * lines / _team.Members) * 16, end = (int)((long)(member + 1) * lines / _team.Members) * 16;
        _state.Adam.Apply(_state.Encoder.Parameters, _gradients.AsSpan(0, _shards), 1f / _rows.BatchRows, start, end);
    }
}
