using EntropyElbo.Families.SparseCoding.Amortised;
using EntropyElbo.Files;
using EntropyElbo.Networks;
using EntropyElbo.Numerics;
using EntropyElbo.Reports;
using EntropyElbo.Training;

namespace EntropyElbo.Families.SparseCoding;

/// <summary>
/// Amortised learning (V App. D.3): a network maps rows to their codes and learns, by Adam on minibatches, with the fields; an
/// iteration is an epoch. The objective is deterministic. lambda, sigma^2 and mu are at their optima for running sums of the codes,
/// into which a batch goes with the share <c>(t + 2)^-0.6</c>, and at the end for all rows. Codes, sums and gradients of a batch are
/// the engine's. The values of an epoch are means over its batches of the classical ELBO before the batch's update.
/// </summary>
internal sealed class AmortisedFit : ISparseCodingFit, IDisposable
{
    private readonly SparseCodingOptions _options;
    private readonly TrainingRows _rows;
    private readonly AmortisedState _state;
    private readonly IAmortisedSteps _steps;
    private readonly SparseCodingSums _batch;
    private readonly AmortisedScales _scales;
    private readonly FieldSteps _fields;
    private readonly FitContext _context;
    private readonly SparseCodingColumns _columns;
    private SparseCodingParameters? _closed;
    private int _epoch;

    public AmortisedFit(
        SparseCodingOptions options, SparseCodingColumns columns, TrainingRows rows, SparseCodingParameters start, FitContext context)
    {
        (_options, _rows, Parameters, _context, _columns) = (options, rows, start, context, columns);
        ResidualEncoder network = new(columns.Count, options.Latents, options.Shape.Rank ?? 0);
        RowEncoder encoder = FirstEncoder(network, columns.Means, Math.Sqrt(columns.Unit));
        _state = new AmortisedState(encoder, new Adam<float>(network.Layout.Length));
        _batch = new SparseCodingSums(columns.Count, options.Latents);
        _scales = new AmortisedScales(options, columns, start.Mean);
        _fields = new FieldSteps(start);
        _steps = context.Engine.Start(new AmortisedStepsTask(_state, rows, options.AmortisedBatch, context.ThreadCount));
    }

    /// <summary>What the user should know of the start.</summary>
    public IEnumerable<string> Notes { get; private set; } = [];

    public IterationValues Current { get; private set; }

    public long Steps => _state.Adam.Steps;

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
        _steps.Store();
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

        _closed = Parameters;

        int[] order = Parameters.Order();
        float[] signs = Array.ConvertAll(order, h => Parameters.IsFlipped(h) ? -1f : 1f);
        _steps.Store();
        RowEncoder encoder = _state.Encoder;
        AlignedBuffer<float> parameters = encoder.Parameters.Clone();
        encoder.Network.Reorder(parameters.Span, order, signs);
        Parameters = Parameters.InOrder();
        return new RowEncoder(encoder.Network, parameters, encoder.Offset, encoder.Unit);
    }

    /// <summary>After <see cref="Close"/>: what the fit has left to gain.</summary>
    public CertificateFacts Certify(Evaluation report) =>
        new AmortisedCertificate(_options, _columns, _state, _rows, _context).Measure(_closed!, _epoch, report);

    public void Write(ModelRecord record)
    {
        record.Set("epoch", _epoch);
        record.Set("steps", Steps);
        SparseCodingFile.Write(record, Parameters);
        _state.Encoder.Write(record);
        record.Add(ModelTensor.Of("network.first_moment", _state.Adam.FirstMoment.ToArray(), _state.Adam.Length));
        record.Add(ModelTensor.Of("network.second_moment", _state.Adam.SecondMoment.ToArray(), _state.Adam.Length));
        _fields.Write(record);
        _scales.Write(record);
    }

    public void Read(ModelRecord record)
    {
        Adam<float> adam = _state.Adam;
        _epoch = record.SmallCount("epoch");
        adam.Steps = record.Count("steps");
        Parameters = SparseCodingFile.Read(record, Parameters.Latents, Parameters.Columns);
        RowEncoder.Read(record, _state.Encoder.Network).Parameters.Span.CopyTo(_state.Encoder.Parameters.Span);
        record.FiniteSingles("network.first_moment", adam.Length).CopyTo(adam.FirstMoment);
        float[] squares = record.FiniteSingles("network.second_moment", adam.Length);
        record.Require(!squares.AsSpan().ContainsAnyInRange(float.MinValue, -float.Epsilon), "network.second_moment", "a square below 0");
        squares.CopyTo(adam.SecondMoment);
        _fields.Read(record, Parameters);
        _scales.Read(record);
        _steps.Load();
    }

    public void Dispose() => _steps.Dispose();

    /// <summary>
    /// The network of the model to start from, where it has one of this shape, with its offset and unit; else a random one.
    /// </summary>
    private RowEncoder FirstEncoder(ResidualEncoder network, double[] means, double unit)
    {
        if (_options.From?.Encoder is { } known && known.Network.Latents == network.Latents && known.Network.Rank == network.Rank)
        {
            return new RowEncoder(network, known.Parameters.Clone(), known.Offset, known.Unit);
        }

        Notes = _options.From is null
            ? [] : ["The network started anew: the model to start from has none for as many latents and this covariance."];
        RowEncoder random = new(network, new AlignedBuffer<float>(network.Layout.Length), means, unit);
        network.Initialise(random.Parameters.Span, new RandomStream(_options.Seed, RandomPurpose.Initialisation, 1));
        return random;
    }

    /// <summary>Codes of the batch, their sums, and the gradients where it is learned from.</summary>
    private void Encode(bool isLearning, int batch)
    {
        (double prior, double noise) = isLearning ? _options.Schedule.At(_epoch) : (1, 1);
        _steps.Encode(Parameters, prior, noise, isLearning, _batch);
        if (!double.IsFinite(_batch.Entropy + _batch.Errors + VectorFold.Sum(_batch.Sizes)))
        {
            throw new TrainingException(
                $"A code stopped being finite in epoch {_epoch + 1}, batch {batch + 1}. Lower the learning rate, or scale the columns "
                    + "(minmax or standard).");
        }
    }

    /// <summary>A step of network and fields, and the scales that follow; the values before it.</summary>
    private IterationValues Learn()
    {
        IterationValues values = new SparseCodingObjective(Parameters, _batch).Values();
        _steps.FieldGradients(_fields.Gradient);
        _steps.Learn(_options.LearningRate);
        Parameters = _scales.Learn(Parameters, _fields.Step(_options.LearningRate), _batch, _epoch);
        return values;
    }
}
