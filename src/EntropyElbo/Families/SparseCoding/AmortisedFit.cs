using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Families.SparseCoding.Posteriors;
using EntropyElbo.Files;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Amortised learning (V App. D.3): a network maps rows to their codes and learns, by Adam on minibatches, with the fields; an
/// iteration is an epoch. The objective is deterministic. lambda, sigma^2 and mu are at their optima for running sums of the codes,
/// into which a batch goes with the share <c>(t + 2)^-0.6</c>, and at the end for all rows. The batch is cut into shards by its size
/// alone, whose gradients are added in order, so the bits do not depend on threads. The values of an epoch are means over its
/// batches of the classical ELBO before the batch's update.
/// </summary>
internal sealed class AmortisedFit : ISparseCodingFit, IDisposable
{
    private const int MaxShards = 8;
    private const int ShardRows = 128;
    private const int RowsWorthTwoShards = 32;

    private readonly SparseCodingOptions _options;
    private readonly TrainingRows _rows;
    private readonly WorkerTeam _team;
    private readonly ResidualEncoder _network;
    private readonly RowEncoder _encoder;
    private readonly AmortisedWorker<float>[] _workers;
    private readonly AlignedBuffer<float>[] _gradients;
    private readonly SparseCodingSums[] _sums;
    private readonly SparseCodingSums _batch;
    private readonly Adam<float> _adam;
    private readonly AmortisedScales _scales;
    private readonly FieldSteps _fields;
    private PosteriorModel _model = null!;
    private bool _isLearning;
    private int _shards;
    private int _epoch;

    public AmortisedFit(
        SparseCodingOptions options, SparseCodingColumns columns, TrainingRows rows, SparseCodingParameters start, int threads)
    {
        (_options, _rows, Parameters) = (options, rows, start);
        _network = new ResidualEncoder(columns.Count, options.Latents, options.Shape.Rank ?? 0);
        double unit = Math.Sqrt(columns.Unit);
        _encoder = FirstEncoder(columns.Means, unit);
        _team = new WorkerTeam(threads);
        int batch = (int)Math.Min(options.AmortisedBatch, rows.Count), shards = ShardCount(batch);
        int most = Math.Min(batch, Math.Max(2 * ShardRows, (batch + MaxShards - 1) / MaxShards));
        _workers = [.. Enumerable.Range(0, Math.Min(threads, shards))
            .Select(_ => new AmortisedWorker<float>(_network, most, _encoder.Offset, _encoder.Unit))];
        _gradients = [.. Enumerable.Range(0, shards).Select(_ => new AlignedBuffer<float>(_network.Layout.Length))];
        _sums = [.. Enumerable.Range(0, shards).Select(_ => new SparseCodingSums(columns.Count, options.Latents))];
        _batch = new SparseCodingSums(columns.Count, options.Latents);
        _adam = new Adam<float>(_network.Layout.Length);
        _scales = new AmortisedScales(options, columns, start.Mean);
        _fields = new FieldSteps(start);
    }

    /// <summary>What the user should know of the start.</summary>
    public IEnumerable<string> Notes { get; private set; } = [];

    public IterationValues Current { get; private set; }

    public long Steps => _adam.Steps;

    public SparseCodingParameters Parameters { get; private set; }

    public bool HasVanishingResiduals => false;

    public IterationOutcome Iterate(CancellationToken cancellationToken)
    {
        _rows.BeginEpoch(_epoch);
        _scales.Begin(_epoch);
        IterationValues sum = default;
        for (int batch = 0; _rows.NextBatch(); batch++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return IterationOutcome.Cancelled;
            }

            Encode(isLearning: true, batch);
            IterationValues values = Learn();
            double weight = (double)_rows.BatchRows / _rows.Count;
            sum = new IterationValues(
                sum.Elbo + (weight * values.Elbo), sum.EntropySum + (weight * values.EntropySum),
                sum.PriorResidual + (weight * values.PriorResidual), sum.NoiseResidual + (weight * values.NoiseResidual), 0);
        }

        Current = sum with { NoiseVariance = Parameters.NoiseVariance };
        _epoch++;
        return IterationOutcome.Moved;
    }

    public bool IsStationary(IReadOnlyList<FitProgress> history) =>
        StationarityRule.IsStationary(history, _options.Schedule.Epochs, StationarityRule.WindowEpochs, _options.StationarityTolerance);

    /// <summary>
    /// Brings lambda, sigma^2 and mu to their optima for the codes of all rows, and returns the network, with parameters and latents
    /// in the one order that files have.
    /// </summary>
    /// <param name="isWhole">Whether all rows are to be seen once more; not after a cancellation.</param>
    public RowEncoder Close(bool isWhole)
    {
        if (isWhole && _epoch > 0)
        {
            SparseCodingSums all = new(Parameters.Columns, Parameters.Latents);
            _rows.BeginEpoch(_epoch);
            for (int batch = 0; _rows.NextBatch(); batch++)
            {
                Encode(isLearning: false, batch);
                all.Merge(_batch);
            }

            Parameters = _scales.Close(Parameters, all);
        }

        int[] order = Parameters.Order();
        float[] signs = Array.ConvertAll(order, h => Parameters.IsFlipped(h) ? -1f : 1f);
        AlignedBuffer<float> parameters = _encoder.Parameters.Clone();
        _network.Reorder(parameters.Span, order, signs);
        Parameters = Parameters.InOrder();
        return new RowEncoder(_network, parameters, _encoder.Offset, _encoder.Unit);
    }

    public void Write(ModelRecord record)
    {
        record.Set("epoch", _epoch);
        record.Set("steps", Steps);
        SparseCodingFile.Write(record, Parameters);
        _encoder.Write(record);
        record.Add(ModelTensor.Of("network.first_moment", _adam.FirstMoment.ToArray(), _adam.Length));
        record.Add(ModelTensor.Of("network.second_moment", _adam.SecondMoment.ToArray(), _adam.Length));
        _fields.Write(record);
        _scales.Write(record);
    }

    public void Read(ModelRecord record)
    {
        _epoch = record.SmallCount("epoch");
        _adam.Steps = record.Count("steps");
        Parameters = SparseCodingFile.Read(record, Parameters.Latents, Parameters.Columns);
        RowEncoder.Read(record, _network).Parameters.Span.CopyTo(_encoder.Parameters.Span);
        record.FiniteSingles("network.first_moment", _adam.Length).CopyTo(_adam.FirstMoment);
        float[] squares = record.FiniteSingles("network.second_moment", _adam.Length);
        record.Require(!squares.AsSpan().ContainsAnyInRange(float.MinValue, -float.Epsilon), "network.second_moment", "a square below 0");
        squares.CopyTo(_adam.SecondMoment);
        _fields.Read(record, Parameters);
        _scales.Read(record);
    }

    public void Dispose() => _team.Dispose();

    /// <summary>
    /// The network of the model to start from, where it has one of this shape, with its offset and unit; else a random one.
    /// </summary>
    private RowEncoder FirstEncoder(double[] means, double unit)
    {
        if (_options.From?.Encoder is { } known && known.Network.Latents == _network.Latents && known.Network.Rank == _network.Rank)
        {
            return new RowEncoder(_network, known.Parameters.Clone(), known.Offset, known.Unit);
        }

        Notes = _options.From is null
            ? [] : ["The network started anew: the model to start from has none for as many latents and this covariance."];
        RowEncoder random = new(_network, new AlignedBuffer<float>(_network.Layout.Length), means, unit);
        _network.Initialise(random.Parameters.Span, new RandomStream(_options.Seed, RandomPurpose.Initialisation, 1));
        return random;
    }

    /// <summary>Shards of a batch: 128 rows or more each.</summary>
    private static int ShardCount(int rows) => rows < RowsWorthTwoShards ? 1 : Math.Clamp(rows / ShardRows, 2, MaxShards);

    /// <summary>Codes of the batch, their sums, and the shards' gradients where it is learned from.</summary>
    private void Encode(bool isLearning, int batch)
    {
        (double prior, double noise) = isLearning ? _options.Schedule.At(_epoch) : (1, 1);
        _model = new PosteriorModel(Parameters.Fields, Parameters.Scales, Parameters.NoiseVariance, prior, noise);
        (_isLearning, _shards) = (isLearning, ShardCount(_rows.BatchRows));
        _team.ForEach(_shards, RunShard);
        _batch.Clear();
        for (int shard = 0; shard < _shards; shard++)
        {
            _batch.Merge(_sums[shard]);
        }

        if (!double.IsFinite(_batch.Entropy + _batch.Errors + VectorFold.Sum(_batch.Sizes)))
        {
            throw new TrainingException(
                $"A code stopped being finite in epoch {_epoch + 1}, batch {batch + 1}. Lower the learning rate, or scale the columns "
                    + "(minmax or standard).");
        }
    }

    private void RunShard(int member, int shard)
    {
        AmortisedWorker<float> worker = _workers[member];
        int first = (int)((long)shard * _rows.BatchRows / _shards);
        int count = (int)((long)(shard + 1) * _rows.BatchRows / _shards) - first;
        _rows.Gather(first, worker.Rows.Slice(0, count));
        worker.Compute(_model, Parameters.Mean, _encoder.Parameters, _isLearning ? _gradients[shard] : null, count, _sums[shard]);
    }

    /// <summary>A step of network and fields, and the scales that follow; the values before it.</summary>
    private IterationValues Learn()
    {
        SparseCodingObjective objective = new(Parameters, _batch);
        IterationValues values = objective.Values();
        _adam.BeginStep(_options.LearningRate);
        _team.Run(Update);
        double[][] fields = _fields.Step(objective, _options.Schedule.At(_epoch).Noise, _options.LearningRate);
        Parameters = _scales.Learn(Parameters, fields, _batch, _epoch);
        return values;
    }

    private void Update(int member)
    {
        int lines = _adam.Length / 16;
        int start = (int)((long)member * lines / _team.Members) * 16, end = (int)((long)(member + 1) * lines / _team.Members) * 16;
        _adam.Apply(_encoder.Parameters, _gradients.AsSpan(0, _shards), 1f / _rows.BatchRows, start, end);
    }
}
